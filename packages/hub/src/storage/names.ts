import { Refusal } from "../refusal.ts";

export type RepoType = "model" | "dataset" | "space";

export const repoTypes: readonly RepoType[] = ["model", "dataset", "space"];

export interface RepoName {
  readonly type: RepoType;
  readonly namespace: string;
  readonly name: string;
}

const namePattern = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,95}$/;
const reservedNamespaces = ["api", "datasets", "models", "spaces", "_lfs"];

/** Both halves of a repository's id, or a refusal that says what a name may look like. Names are folder names too. */
export function checkRepoName({ type, namespace, name }: RepoName): RepoName {
  if (reservedNamespaces.includes(namespace)) {
    throw new Refusal("invalid", `The namespace "${namespace}" is reserved`);
  }
  for (const part of [namespace, name]) {
    if (!namePattern.test(part) || /\.\.|--|[.-]$|\.git$/.test(part)) {
      throw new Refusal(
        "invalid",
        `"${part.slice(0, 120)}" is not a valid name: use up to 96 letters, digits, "-", "_" and "."; ` +
          `do not begin or end with "-" or ".", and avoid "--", ".." and ".git"`,
      );
    }
  }
  return { type, namespace, name };
}

/** A file's place in a repository, cleaned of nothing: what is not plain is refused. */
export function checkFilePath(path: string): string {
  const parts = path.split("/");
  const bad = parts.some(
    (part) =>
      part === "" || part === "." || part === ".." || part.toLowerCase() === ".git" || part.length > 255,
  );
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  if (bad || path.length > 4096 || /[\u0000-\u001f\u007f\\]/.test(path)) {
    throw new Refusal("invalid", `"${path.slice(0, 200)}" is not a valid path in a repository`);
  }
  return path;
}

/** The name of a branch or tag, by git's rules. */
export function checkRefName(name: string): string {
  const bad =
    name === "" ||
    name === "HEAD" ||
    name === "__proto__" ||
    name.length > 200 ||
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
    /[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{|^[-/]|\/\/|\/$|\.$|\.lock$|^refs\//.test(name) ||
    name.split("/").some((part) => part.startsWith(".") || part.endsWith(".lock")) ||
    /^[0-9a-f]{40}$/.test(name);
  if (bad) throw new Refusal("invalid", `"${name.slice(0, 200)}" is not a valid name for a branch or tag`);
  return name;
}
