import type { StopReason } from "@ml-intern/messages";

export interface ScriptedToolCall {
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** What the model writes as arguments; default: the input as JSON. For arguments that are cut or broken. */
  readonly written?: string;
  /** Default: counted up, `toolu_scripted_1` and so on. */
  readonly id?: string;
}

/** One answer of a model that follows a script. Its parts come in the order thinking, text, tool calls. */
export interface ScriptedTurn {
  readonly thinking?: string;
  readonly text?: string;
  readonly toolCalls?: readonly ScriptedToolCall[];
  /** Default: `tool_use` when there are tool calls, else `end_turn`. */
  readonly stopReason?: StopReason;
  readonly stopSequence?: string;
  /** Pieces may end between the two halves of a surrogate pair, as some servers write them. Default false. */
  readonly splitsCharacters?: boolean;
  /** Default: 10 in, 5 out. */
  readonly usage?: { readonly input_tokens: number; readonly output_tokens: number };
}

/** Answers one after the other, or a function of the request and of how many came before it. */
export type Script<Request, Answer> = readonly Answer[] | ((request: Request, index: number) => Answer);

/** The next answer of a script. Throws when a list is used up: a test that asks too often has a fault. */
export function nextAnswer<Request, Answer>(
  script: Script<Request, Answer>,
  request: Request,
  index: number,
): Answer {
  if (typeof script === "function") return script(request, index);
  const answer = script[index];
  if (answer === undefined)
    throw new Error(`The script has ${script.length} answers; this was request ${index + 1}`);
  return answer;
}

export function stopReasonOf({ stopReason, toolCalls }: ScriptedTurn): StopReason {
  return stopReason ?? (toolCalls && toolCalls.length > 0 ? "tool_use" : "end_turn");
}

export function argumentsOf({ input, written }: ScriptedToolCall): string {
  return written ?? JSON.stringify(input);
}

export interface PiecesOptions {
  /** The most UTF-16 units or characters in a piece. */
  readonly size: number;
  readonly splitsCharacters?: boolean | undefined;
}

/** Cuts a text into pieces, within a character only when that is asked for. */
export function pieces(text: string, { size, splitsCharacters = false }: PiecesOptions): readonly string[] {
  const parts = splitsCharacters ? text.split("") : [...text];
  const count = Math.ceil(parts.length / size);
  return Array.from({ length: count }, (_, index) => parts.slice(index * size, (index + 1) * size).join(""));
}
