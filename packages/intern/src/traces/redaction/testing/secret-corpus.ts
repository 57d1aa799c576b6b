import { readFileSync } from "node:fs";
import { HARMLESS, OTHER_SECRETS, PROVIDER_KEYS, type Random, seeded } from "./made-secrets.ts";

const FOLDER = new URL("../../../../corpus/secrets/", import.meta.url);
/** How often an entry with a place is filled. */
const FILLS = 5;

/** A text in which these secrets stand; not one of them may stay. */
export interface PlantedSecret {
  readonly name: string;
  readonly kind: string;
  readonly text: string;
  readonly secrets: readonly string[];
}

export interface SecretCorpus {
  readonly planted: readonly PlantedSecret[];
  /** Texts that must stay as they are. */
  readonly clean: readonly string[];
  /** The environment of the machine that the corpus comes from. */
  readonly env: Readonly<Record<string, string>>;
}

/** The corpus of `corpus/secrets` with secrets made from the seed: the same seed gives the same corpus. */
export function secretCorpus(seed = 1): SecretCorpus {
  const random = seeded(seed);
  const own = (OTHER_SECRETS.opaque ?? String)(random);
  const planted = entries("planted.txt").flatMap(({ name, text }) =>
    text.includes("{{provider}}")
      ? Object.entries(PROVIDER_KEYS).map(([kind, make]) =>
          fill(
            { name: `${kind} in ${name}`, kind, text },
            { ...others(random, own), provider: () => make(random) },
          ),
        )
      : Array.from({ length: FILLS }, () => fill({ name, kind: "by its place", text }, others(random, own))),
  );
  const clean = read("clean.txt")
    .split("\n")
    .filter((line) => line !== "")
    .flatMap((line) => Array.from({ length: line.includes("{{") ? FILLS : 1 }, () => harmless(line, random)));
  return { planted, clean, env: { MY_SERVICE_TOKEN: own } };
}

function others(random: Random, own: string): Record<string, () => string> {
  const made = Object.fromEntries(
    Object.entries({ ...HARMLESS, ...OTHER_SECRETS }).map(([name, make]) => [name, () => make(random)]),
  );
  return {
    ...made,
    machine: () => own,
    machine_base64: () => Buffer.from(own).toString("base64").replace(/=+$/, ""),
    machine_basic: () => Buffer.from(`ann:${own}:x`).toString("base64"),
    machine_url: () => encodeURIComponent(own),
    machine_hex: () => Buffer.from(own).toString("hex"),
  };
}

function fill(
  { name, kind, text }: { name: string; kind: string; text: string },
  makers: Readonly<Record<string, () => string>>,
): PlantedSecret {
  const secrets: string[] = [];
  const filled = text.replace(/\{\{(\w+)\}\}/g, (_place, maker: string) => {
    const secret = makers[maker]?.();
    if (secret === undefined) throw new Error(`${name}: nothing makes {{${maker}}}`);
    secrets.push(...essence(maker, secret));
    return secret;
  });
  return { name, kind, text: filled, secrets };
}

/** The parts that must not stay: of a key in lines each line, of a token among other letters what surely belongs to it. */
function essence(maker: string, secret: string): string[] {
  if (maker.startsWith("pem"))
    return secret.split(/\\+n|\n/).filter((line) => /^\s*[A-Za-z0-9+/]{30}/.test(line));
  if (maker === "machine_basic") return [secret.slice(8, -6)];
  if (maker === "machine_base64") return [secret.slice(0, -2)];
  return [secret];
}

function harmless(line: string, random: Random): string {
  return line.replace(/\{\{(\w+)\}\}/g, (place, maker: string) => HARMLESS[maker]?.(random) ?? place);
}

function entries(file: string): { name: string; text: string }[] {
  return read(file)
    .split(/^=== /m)
    .slice(1)
    .map((entry) => {
      const end = entry.indexOf("\n");
      return { name: entry.slice(0, end), text: entry.slice(end + 1).trimEnd() };
    });
}

function read(file: string): string {
  return readFileSync(new URL(file, FOLDER), "utf8");
}
