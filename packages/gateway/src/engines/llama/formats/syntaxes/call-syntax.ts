import type { ToolDefinition, ToolUseBlock } from "@ml-intern/messages";
import type { GrammarRules } from "../../grammar/grammar-rules.ts";
import type { SchemaGrammarOptions } from "../../grammar/json-schema-to-gbnf.ts";
import type { CallReader } from "../reading/call-reader.ts";
import type { Reading } from "../reading/text-input.ts";

/** How arguments are written. Default: as JSON. */
export type ArgumentStyle = Pick<SchemaGrammarOptions, "notation" | "form">;

/** The tools that a call may name, as grammars see them. */
export interface CallTools {
  readonly tools: readonly ToolDefinition[];
  /** Exactly one call may be written where the syntax has a list of them. */
  readonly single: boolean;
  /** The tool's arguments as a GBNF expression. */
  arguments(tool: ToolDefinition, rules: GrammarRules, style?: ArgumentStyle): string;
}

/** A marker in the text behind which calls may stand. */
export interface CallOpener {
  readonly marker: string;
  /** A marker that plain text may hold as well: only what comes after it shows whether it begins a call. */
  readonly isPlain?: boolean;
  /** Whether it counts only where the answer begins. */
  readonly onlyAtStart?: boolean;
  /** Reads what stands behind the marker. False when it is not a call; what was read is text then. */
  read(call: CallReader, tools: CallTools): Reading<boolean>;
}

/** How a family of models writes calls. */
export interface CallSyntax {
  readonly openers: readonly CallOpener[];
  /** What makes a model begin a call. */
  readonly start: string;
  /** How the arguments are written. Default: as JSON. */
  readonly style?: ArgumentStyle;
  /** What may follow `start`, to the end of the calls, as GBNF. */
  grammar(tools: CallTools): string;
  /** Calls as the model writes them, for templates that leave out the calls of earlier turns. */
  write(calls: readonly Pick<ToolUseBlock, "name" | "input">[]): string;
}
