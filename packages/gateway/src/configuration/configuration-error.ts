/** One fault of a configuration file. */
export interface ConfigurationProblem {
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  /** Such as `engines.vllm.baseUrl`; empty for the file as a whole. */
  readonly path: string;
  readonly message: string;
  readonly mend: string;
}

/** A configuration that cannot be used, with every fault that was found, in the order of the file. */
export class ConfigurationError extends Error {
  readonly code = "configuration";
  readonly problems: readonly ConfigurationProblem[];
  readonly mend: string;

  constructor(file: string, problems: readonly ConfigurationProblem[], mend: string) {
    const count = problems.length === 1 ? "one problem" : `${problems.length} problems`;
    super(`${file} has ${count}:\n${problems.map((problem) => describe(file, problem)).join("\n")}`);
    this.name = "ConfigurationError";
    this.problems = problems;
    this.mend = mend;
  }
}

function describe(file: string, { line, column, path, message, mend }: ConfigurationProblem): string {
  const subject = path === "" ? "" : `${path} `;
  return `  ${file}:${line}:${column}  ${subject}${message}.\n      ${mend}`;
}
