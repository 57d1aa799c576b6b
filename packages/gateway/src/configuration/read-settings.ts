import { type Document, LineCounter, type Node, parseDocument, type YAMLError } from "yaml";
import type { z } from "zod";
import { ConfigurationError, type ConfigurationProblem } from "./configuration-error.ts";
import { describeIssue } from "./describe-issue.ts";
import type { Fault } from "./fault.ts";
import { locate, type Path } from "./locate.ts";
import { substituteVariables, type Variables } from "./substitute-variables.ts";

export interface ReadSettingsOptions<Settings> {
  /** As the messages call the file. */
  readonly file: string;
  /** For `${NAME}`. */
  readonly variables: Variables;
  readonly schema: z.ZodType<Settings>;
  /** Settings whose values are secrets wherever they come from. */
  readonly secrets: ReadonlySet<PropertyKey>;
  /** What a person can do about any of the problems. */
  readonly mend: string;
  /** What settings say of one another. It takes the file's raw values, of any type, and runs beside the schema. */
  readonly check?: (value: unknown, isFromEnvironment: (path: Path) => boolean) => readonly Fault[];
}

/**
 * Reads the text of a YAML file by a schema. Throws a {@link ConfigurationError} with every fault that it can find, each
 * with line, column, cause and mend. It never quotes a secret, nor a value that came from the environment.
 */
export function readSettings<Settings>(text: string, options: ReadSettingsOptions<Settings>): Settings {
  const { variables, schema, secrets, check } = options;
  const lines = new LineCounter();
  const refused = (problems: readonly UnplacedProblem[]): ConfigurationError =>
    new ConfigurationError(options.file, placed(problems, lines), options.mend);
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    logLevel: "error",
    merge: true,
  });
  if (document.errors.length > 0) throw refused(yamlProblems(document.errors));
  const { substituted, missing } = substituteVariables(document, variables);
  const problems: UnplacedProblem[] = missing.map(({ node, message, mend }) => ({
    offset: node.range?.[0] ?? 0,
    path: "",
    message,
    mend,
  }));
  const unset: ReadonlySet<Node | null> = new Set(missing.map(({ node }) => node));
  const nodeAt = (path: Path): Node | null => locate(document, path, { atKey: false }).node;
  const isFromEnvironment = (path: Path): boolean => isIn(substituted, nodeAt(path));
  const isSecret = (path: Path): boolean => path.some((step) => secrets.has(step));

  const value = plainValue(document, (problem) => refused([problem]));
  const parsed = schema.safeParse(value, { reportInput: true });
  const faults: readonly Fault[] = [
    ...(parsed.error?.issues ?? []).map((issue) =>
      toFault(issue, { quotable: !isFromEnvironment(issue.path) && !isSecret(issue.path) }),
    ),
    ...(check?.(value, isFromEnvironment) ?? []),
  ];
  for (const { path, atKey = false, message, mend } of faults) {
    const { offset, node } = locate(document, path, { atKey });
    // What a missing variable leaves empty was told as the variable's absence.
    if (!isIn(unset, node)) problems.push({ offset, path: path.map(String).join("."), message, mend });
  }
  if (problems.length > 0 || !parsed.success) throw refused(problems);
  return parsed.data;
}

interface UnplacedProblem extends Omit<ConfigurationProblem, "line" | "column"> {
  readonly offset: number;
}

function placed(problems: readonly UnplacedProblem[], lines: LineCounter): ConfigurationProblem[] {
  const inOrder = [...problems].sort((a, b) => a.offset - b.offset);
  return inOrder.map(({ offset, ...problem }) => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1), ...problem };
  });
}

function plainValue(document: Document, refuse: (problem: UnplacedProblem) => Error): unknown {
  try {
    return document.toJS() ?? {};
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    // The library says so only here: an anchor that is not there, or aliases of aliases without end.
    const message = `has a YAML alias (\`*name\`) that cannot be followed: ${error.message}`;
    throw refuse({ offset: 0, path: "", message, mend: "Put a value that begins with * into quotes." });
  }
}

/** The first break of the syntax, since those after it follow from it, and every setting that stands there twice. */
function yamlProblems(errors: readonly YAMLError[]): readonly UnplacedProblem[] {
  const twice = errors.filter(({ code }) => code === "DUPLICATE_KEY");
  const broken = errors.filter(({ code }) => code !== "DUPLICATE_KEY").slice(0, 1);
  return [
    ...twice.map((error) => ({
      offset: error.pos[0],
      path: "",
      message: "this setting stands there twice",
      mend: "Take one of them out.",
    })),
    ...broken.map((error) => ({
      offset: error.pos[0],
      path: "",
      message: `this is not YAML: ${error.message.replace(/\.$/, "")}`,
      mend: "Correct the indentation, quotes or brackets; quote a value that begins with *, and a variable within { } or [ ].",
    })),
  ];
}

function toFault(issue: z.core.$ZodIssue, { quotable }: { readonly quotable: boolean }): Fault {
  const atKey = issue.code === "invalid_key" || (issue.code === "custom" && issue.params?.atKey === true);
  return { path: issue.path, atKey, ...describeIssue(issue, { value: issue.input, quotable }) };
}

function isIn(nodes: ReadonlySet<Node | null>, node: Node | null): boolean {
  return node !== null && nodes.has(node);
}
