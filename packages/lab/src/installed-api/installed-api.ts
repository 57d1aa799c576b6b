import { readFileSync } from "node:fs";
import { z } from "zod";
import { type Environment, environmentVariables } from "../environments/provision-environment.ts";
import { LabError } from "../lab-error.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";

/** One name as Python tells it. */
export type InstalledName =
  | {
      readonly name: string;
      readonly kind: "module" | "class" | "function" | "property" | "value";
      /** The distribution that it comes from; the version is null for what is none, such as a file of the workspace. */
      readonly package: string;
      readonly version: string | null;
      /** With the parameters' names, defaults and annotations; absent where Python cannot tell. */
      readonly signature?: string | undefined;
      readonly doc: string;
      readonly value?: string | undefined;
      /** Public names of a module or class, the first of them. */
      readonly members?: readonly string[] | undefined;
      readonly more_members?: number | undefined;
    }
  | {
      readonly name: string;
      readonly kind: "missing";
      readonly problem: string;
      /** Names that are there and look alike. */
      readonly near: readonly string[];
    };

export interface CheckedCalls {
  readonly problems: readonly {
    readonly line: number;
    readonly problem: string;
    readonly near: readonly string[];
  }[];
  /** How many calls could be held against a signature. */
  readonly calls: number;
}

/** What an installed package says of itself. */
export interface InstalledDocumentation {
  /** The distribution's name. */
  readonly package: string;
  readonly version: string | null;
  readonly pages: readonly {
    readonly module: string;
    readonly doc: string;
    /** Classes and functions, each in the module with the shortest name that offers it. */
    readonly entries: readonly {
      readonly name: string;
      readonly kind: "class" | "function";
      readonly signature: string | null;
      readonly doc: string;
      readonly methods: readonly {
        readonly name: string;
        readonly signature: string;
        readonly doc: string;
      }[];
    }[];
  }[];
}

const found = z.object({
  name: z.string(),
  kind: z.enum(["module", "class", "function", "property", "value"]),
  package: z.string(),
  version: z.string().nullable(),
  signature: z.string().optional(),
  doc: z.string(),
  value: z.string().optional(),
  members: z.array(z.string()).optional(),
  more_members: z.number().optional(),
});
const missing = z.object({
  name: z.string(),
  kind: z.literal("missing"),
  problem: z.string(),
  near: z.array(z.string()),
});
const described: z.ZodType<readonly InstalledName[]> = z.array(
  z.discriminatedUnion("kind", [found, missing]),
);

const checked: z.ZodType<CheckedCalls> = z.object({
  problems: z.array(z.object({ line: z.number(), problem: z.string(), near: z.array(z.string()) })),
  calls: z.number(),
});

const method = z.object({ name: z.string(), signature: z.string(), doc: z.string() });
const entry = z.object({
  name: z.string(),
  kind: z.enum(["class", "function"]),
  signature: z.string().nullable(),
  doc: z.string(),
  methods: z.array(method),
});
const documentation: z.ZodType<InstalledDocumentation> = z.object({
  package: z.string(),
  version: z.string().nullable(),
  pages: z.array(z.object({ module: z.string(), doc: z.string(), entries: z.array(entry) })),
});

export interface InstalledApiOptions {
  readonly sandbox: Sandbox;
  readonly environment: Environment;
  readonly signal: AbortSignal;
}

const SCRIPT = readFileSync(new URL("../../python/installed_api.py", import.meta.url), "utf8");
const WALL_MS = 120_000;

/** What Python says of dotted names (`sklearn.svm.SVC.fit`) as they are installed in the environment, in their order. */
export async function describeInstalled(
  names: readonly string[],
  options: InstalledApiOptions,
): Promise<readonly InstalledName[]> {
  return described.parse(await ask({ names }, options));
}

/** A Python file; its path, relative to the workspace, tells which modules lie beside it. */
export interface CheckedFile {
  readonly path: string;
  readonly code: string;
}

/**
 * Holds imports and calls in Python files against what is installed: unknown names, unknown, missing or too many arguments. It
 * judges only what is certain from a file alone; nothing of the workspace is run. An answer for each file, in their order.
 */
export async function checkCalls(
  files: readonly CheckedFile[],
  options: InstalledApiOptions,
): Promise<readonly CheckedCalls[]> {
  return z.array(checked).parse(await ask({ files }, options));
}

/** The documentation of a whole importable package (`sklearn`), from the docstrings of its public modules. Takes seconds. */
export async function documentInstalled(
  importName: string,
  options: InstalledApiOptions,
): Promise<InstalledDocumentation> {
  return documentation.parse(await ask({ package: importName }, options));
}

async function ask(request: object, { sandbox, environment, signal }: InstalledApiOptions): Promise<unknown> {
  const process = await sandbox.spawn({
    // Isolated: no module of the workspace can stand for one that is installed.
    argv: [environment.python, "-I", "-c", SCRIPT],
    env: environmentVariables(environment),
    channel: true,
    limits: { wallMs: WALL_MS },
    signal,
  });
  const { channel } = process;
  if (channel === null) throw new Error("the process has a channel");
  channel.on("error", () => undefined); // a process that ends early is told by its result
  channel.write(`${JSON.stringify(request)}\n`);
  const pieces: Buffer[] = [];
  channel.on("data", (piece: Buffer) => pieces.push(piece));
  const result = await process.finished;
  signal.throwIfAborted();
  const text = Buffer.concat(pieces).toString("utf8");
  if (text.endsWith("\n")) return JSON.parse(text);
  throw new LabError(
    "run/invalid",
    `The environment could not be asked: ${result.output.slice(-500) || result.ended}`,
    {
      mend: "Ask for less, or look at it with the python tool.",
    },
  );
}
