import type { AskedCall, Question } from "@ml-intern/intern";
import { editText } from "./edit-text.ts";

/** What a person made of a call's arguments; with a `problem` they cannot be taken, and the text is kept for another try. */
export interface EditedCall {
  readonly text: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly problem: string | null;
}

/** Opens a call's arguments in the person's editor, or what they made of them before, and checks what comes back. */
export async function editCall(
  { id, input }: AskedCall,
  options: {
    readonly before: EditedCall | undefined;
    readonly env: Readonly<Record<string, string | undefined>>;
    readonly check: Question["check"];
  },
): Promise<EditedCall> {
  const { before, env, check } = options;
  const shown = before?.text ?? JSON.stringify(input, null, 2);
  const text = await editText(shown, { env, name: "call.json" });
  if (text === null)
    return { text: shown, input, problem: "The editor could not be used; EDITOR names another one." };
  const parsed = parseObject(text);
  if ("problem" in parsed) return { text, input, ...parsed };
  const [faulty] = check([{ id, kind: "approve_edited", input: parsed.input }]);
  return { text, input: parsed.input, problem: faulty?.message ?? null };
}

function parseObject(
  text: string,
): { readonly input: Readonly<Record<string, unknown>> } | { readonly problem: string } {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value))
      return { input: value as Record<string, unknown> }; // an object of JSON has such keys and values
    return { problem: "What came back is not a JSON object." };
  } catch (error) {
    return { problem: `What came back is not JSON: ${error instanceof Error ? error.message : error}` };
  }
}
