/** Parts of requests, right in all that a test does not set. */
export const user = (content: unknown): object => ({ role: "user", content });
export const assistant = (content: unknown): object => ({ role: "assistant", content });
export const system = (content: unknown): object => ({ role: "system", content });
export const call = (id: string, extra: object = {}): object => ({
  type: "tool_use",
  id,
  name: "f",
  input: {},
  ...extra,
});
export const result = (id: string, extra: object = {}): object => ({
  type: "tool_result",
  tool_use_id: id,
  content: "ok",
  ...extra,
});
export const text = (value: string, extra: object = {}): object => ({ type: "text", text: value, ...extra });
export const marked = (ttl?: string): object => ({
  cache_control: { type: "ephemeral", ...(ttl === undefined ? {} : { ttl }) },
});
export const tool = (extra: object = {}): object => ({
  name: "f",
  input_schema: { type: "object" },
  ...extra,
});
export const document = (extra: object = {}): object => ({
  type: "document",
  source: { type: "text", media_type: "text/plain", data: "x" },
  ...extra,
});

export function requestBody(extra: object = {}): Record<string, unknown> {
  return { model: "scripted/m", max_tokens: 100, messages: [user("hi")], ...extra };
}

export function without(key: string): Record<string, unknown> {
  return Object.fromEntries(Object.entries(requestBody()).filter(([name]) => name !== key));
}
