import type { Fault } from "./fault.ts";
import { digestOfSetting, isDigest } from "./key-digest.ts";
import type { Path } from "./locate.ts";
import { nearest } from "./nearest.ts";
import { listOf, settingsOf } from "./raw-settings.ts";

export interface CheckKeysOptions {
  readonly workspaces: readonly string[];
  readonly isFromEnvironment: (path: Path) => boolean;
}

export function checkKeys(
  keys: unknown,
  { workspaces, isFromEnvironment }: CheckKeysOptions,
): readonly Fault[] {
  const faults: Fault[] = [];
  const digests = new Map<string, number>();
  const names = new Map<string, number>();
  for (const [index, value] of listOf(keys).entries()) {
    const { key, workspace, name } = settingsOf(value);
    if (typeof key === "string" && key !== "") {
      const path = ["keys", index, "key"];
      if (!isDigest(key) && !isFromEnvironment(path)) faults.push(plainKey(path, key));
      const twin = remember(digests, digestOfSetting(key), index);
      if (twin !== null) faults.push({ path, ...same("the same key", twin) });
    }
    if (typeof workspace === "string" && !workspaces.includes(workspace)) {
      faults.push({ path: ["keys", index, "workspace"], ...noWorkspace(workspace, workspaces) });
    }
    if (typeof name === "string") {
      const twin = remember(names, name, index);
      if (twin !== null) faults.push({ path: ["keys", index, "name"], ...same("the same name", twin) });
    }
  }
  return faults;
}

function plainKey(path: Path, key: string): Fault {
  if (key.startsWith("sha256:")) {
    return {
      path,
      message: "is not a digest: after `sha256:` come 64 digits from 0 to 9 and a to f",
      mend: "`ml-intern keys create` prints a key and its digest.",
    };
  }
  return {
    path,
    message: "is a key that stands readable in the file",
    mend: `Write its digest instead, ${digestOfSetting(key)}, or \${NAME} for an environment variable.`,
  };
}

function noWorkspace(workspace: string, known: readonly string[]): Pick<Fault, "message" | "mend"> {
  const meant = nearest(workspace, known);
  return {
    message: `names the workspace \`${workspace}\`, which there is not`,
    mend: `${meant ? `Did you mean \`${meant}\`? ` : ""}Add it to \`workspaces\`: \`${workspace}: {}\` is enough.`,
  };
}

function same(what: string, index: number): Pick<Fault, "message" | "mend"> {
  return { message: `is ${what} as that of keys.${index}`, mend: "Take one of them out." };
}

/** Gives the index that had the word before, or null for a new word. */
function remember(seen: Map<string, number>, word: string, index: number): number | null {
  const before = seen.get(word);
  if (before !== undefined) return before;
  seen.set(word, index);
  return null;
}
