/**
 * What to beware of when the documentation is of another version than what is installed; null where it is of the same, or one of
 * the two is not known. Both as people write them: `v1.12.0`, `1.12.0.dev0`, `v0.9.2-14-g1a2b3c4` of git, `main`.
 */
export function versionWarning(documented: string | null, installed: string | null): string | null {
  if (documented === null || installed === null) return null;
  const [read, present] = [releaseOf(documented), releaseOf(installed)];
  if (present === null || sameRelease(read, present)) return null;
  const advice = "names and parameters may differ; trust the installed code where they do";
  if (read === null) {
    return `This documentation is of ${documented}, what is not released yet; ${installed} is installed: ${advice}.`;
  }
  const age = read.major !== present.major ? "another major version" : "another version";
  return `This documentation is of ${documented}; ${installed} is installed, ${age}: ${advice}.`;
}

interface Release {
  readonly major: number;
  readonly numbers: readonly number[];
  /** It lies between this release and the next, or before it. */
  readonly isBetween: boolean;
}

function releaseOf(version: string): Release | null {
  const [, digits = "", rest = ""] = /^[vV]?(\d+(?:\.\d+)*)(.*)$/.exec(version.trim()) ?? [];
  if (digits === "") return null;
  const numbers = digits.split(".").map(Number);
  return {
    major: numbers[0] ?? 0,
    numbers,
    isBetween: /^(-\d+-g|[.-]?(dev|rc|a|b|alpha|beta)\d*)/.test(rest),
  };
}

function sameRelease(a: Release | null, b: Release): boolean {
  if (a === null || a.isBetween !== b.isBetween) return false;
  const length = Math.max(a.numbers.length, b.numbers.length);
  return Array.from({ length }, (_, index) => (a.numbers[index] ?? 0) === (b.numbers[index] ?? 0)).every(
    Boolean,
  );
}
