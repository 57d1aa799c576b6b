/** What the stub answers, and what therefore has to arrive. */
export const DELTAS: readonly string[] = Array.from(
  { length: 50 },
  (_, index) => `word ${index} of the answer. `,
);

export const TEXT: string = DELTAS.join("");

const USAGE = { prompt_tokens: 20, completion_tokens: 150, total_tokens: 170 };
const CHAT = { id: "chatcmpl-bench", created: 1_700_000_000, model: "bench" };

/** The streamed chat completion, as it stands on the wire. */
export function chatStream(): string {
  const chunk = (delta: object, finish: string | null = null): string =>
    data({ ...CHAT, object: "chat.completion.chunk", choices: [{ index: 0, delta, finish_reason: finish }] });
  return [
    chunk({ role: "assistant", content: "" }),
    ...DELTAS.map((content) => chunk({ content })),
    chunk({}, "stop"),
    data({ ...CHAT, object: "chat.completion.chunk", choices: [], usage: USAGE }),
    "data: [DONE]\n\n",
  ].join("");
}

/** The whole chat completion. */
export function chatWhole(): string {
  const message = { role: "assistant", content: TEXT };
  const choices = [{ index: 0, message, finish_reason: "stop" }];
  return JSON.stringify({ ...CHAT, object: "chat.completion", choices, usage: USAGE });
}

const MESSAGE = {
  id: "msg_01bench",
  type: "message",
  role: "assistant",
  model: "bench",
  stop_sequence: null,
} as const;

/** The streamed message, as it stands on the wire. */
export function messageStream(): string {
  const event = (json: { readonly type: string }): string => `event: ${json.type}\n${data(json)}`;
  const usage = { input_tokens: 20, output_tokens: 1 };
  return [
    event({ type: "message_start", ...{ message: { ...MESSAGE, content: [], stop_reason: null, usage } } }),
    event({ type: "content_block_start", ...{ index: 0, content_block: { type: "text", text: "" } } }),
    event({ type: "ping" }),
    ...DELTAS.map((text) =>
      event({ type: "content_block_delta", ...{ index: 0, delta: { type: "text_delta", text } } }),
    ),
    event({ type: "content_block_stop", ...{ index: 0 } }),
    event({
      type: "message_delta",
      ...{ delta: { stop_reason: "end_turn", stop_sequence: null }, usage: { output_tokens: 150 } },
    }),
    event({ type: "message_stop" }),
  ].join("");
}

/** The whole message. */
export function messageWhole(): string {
  const usage = { input_tokens: 20, output_tokens: 150 };
  const content = [{ type: "text", text: TEXT }];
  return JSON.stringify({ ...MESSAGE, content, stop_reason: "end_turn", usage });
}

function data(json: unknown): string {
  return `data: ${JSON.stringify(json)}\n\n`;
}

/** Throws when a body of the Messages API does not hold exactly the stub's text and a proper end. */
export function verifyAnswer(body: string, { stream }: { readonly stream: boolean }): void {
  let text = "";
  for (const match of body.matchAll(/"text":"((?:[^"\\]|\\.)*)"/g)) text += match[1];
  if (text !== TEXT) throw new Error(`The text arrived changed: ${body.slice(0, 300)}`);
  const end = stream ? '"type":"message_stop"' : '"stop_reason":"end_turn"';
  if (body.split(end).length !== 2 && body.split(end.replace(":", ": ")).length !== 2) {
    throw new Error(`The answer has no proper end: ${body.slice(-300)}`);
  }
}
