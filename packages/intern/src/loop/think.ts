import type Anthropic from "@anthropic-ai/sdk";
import { APIError } from "@anthropic-ai/sdk";
import type { Message, MessagesRequest } from "@ml-intern/messages";
import { InternError } from "../failures/intern-error.ts";
import type { TransientEvent } from "../session/session-event.ts";
import { wait } from "./wait.ts";

/** Waits before each further attempt, in milliseconds. A request is repeated as a whole: nothing of it was executed. */
const RETRY_DELAYS = [1_000, 4_000, 15_000, 30_000];

export interface ThinkOptions {
  readonly client: Anthropic;
  readonly request: MessagesRequest;
  readonly show: (event: TransientEvent) => void;
  readonly notice: (text: string) => Promise<void>;
  readonly signal: AbortSignal;
}

/**
 * One model call: streams it to `show` and returns the whole message. Failures that may pass (overload, lost
 * connection, a stream that broke off) are tried again with growing waits; all others throw an {@link InternError}
 * that names cause and mend.
 */
export async function think(options: ThinkOptions): Promise<Message> {
  const { notice, signal } = options;
  for (let attempt = 0; ; attempt++) {
    try {
      return await streamOnce(options);
    } catch (error) {
      signal.throwIfAborted();
      const delay = RETRY_DELAYS[attempt];
      if (!mayPass(error) || delay === undefined) throw explain(error, options.request.model);
      const wished = retryAfter(error);
      await notice(
        `The model did not answer (${firstLine(error)}). Trying again in ${Math.round((wished ?? delay) / 1000)} s.`,
      );
      await wait(wished ?? delay, signal);
    }
  }
}

async function streamOnce({ client, request, show, signal }: ThinkOptions): Promise<Message> {
  const { stream: _, ...body } = request;
  const stream = client.messages.stream(body as Parameters<typeof client.messages.stream>[0], { signal });
  const names = new Map<number, { id: string; name: string }>();
  for await (const event of stream) {
    if (event.type === "content_block_start" && event.content_block.type === "tool_use") {
      const { id, name } = event.content_block;
      names.set(event.index, { id, name });
      show({ type: "tool_input_delta", id, name, partial_json: "" });
    } else if (event.type === "content_block_delta") {
      const { delta } = event;
      if (delta.type === "text_delta") show({ type: "text_delta", text: delta.text });
      else if (delta.type === "thinking_delta") show({ type: "thinking_delta", text: delta.thinking });
      else if (delta.type === "input_json_delta") {
        const call = names.get(event.index);
        if (call !== undefined) show({ type: "tool_input_delta", ...call, partial_json: delta.partial_json });
      }
    }
  }
  // The client's type allows blocks of server tools, which are never asked for here.
  return (await stream.finalMessage()) as unknown as Message;
}

function mayPass(error: unknown): boolean {
  if (!(error instanceof APIError)) return error instanceof Error && error.name === "AnthropicError";
  const { status, type } = error;
  if (status === undefined) return type !== "invalid_request_error" && type !== "authentication_error";
  return status === 408 || status === 409 || status === 429 || status >= 500;
}

function retryAfter(error: unknown): number | null {
  const seconds =
    error instanceof APIError ? Number(error.headers?.get("retry-after") ?? Number.NaN) : Number.NaN;
  return seconds > 0 && seconds <= 300 ? seconds * 1000 : null;
}

function explain(error: unknown, model: string): InternError {
  const message = error instanceof APIError ? (error.apiMessage ?? error.message) : String(error);
  const status = error instanceof APIError ? error.status : undefined;
  if (status === 404) {
    return new InternError("model/unknown", `There is no model ${model}: ${message}`, {
      mend: "`ml-intern models` lists what can think here; choose one with --model ENGINE/NAME.",
      cause: error,
    });
  }
  if (status === 401 || status === 403) {
    return new InternError("model/refused", `${model} refused the key: ${message}`, {
      mend: "Check the key's variable (`ml-intern models` names it); then continue with `ml-intern resume`.",
      cause: error,
    });
  }
  if (status === 402) {
    return new InternError("model/no_credit", `${model} asks for payment: ${message}`, {
      mend: "Add credit at the provider, or continue with another model: `ml-intern resume --model …`.",
      cause: error,
    });
  }
  return new InternError(
    status === 400 ? "model/failed" : "model/unreachable",
    `${model} did not answer: ${message}`,
    {
      mend: "Nothing is lost. When it works again (`ml-intern models` tells), continue with `ml-intern resume`.",
      cause: error,
    },
  );
}

function firstLine(error: unknown): string {
  const text = error instanceof APIError ? (error.apiMessage ?? error.message) : String(error);
  return (text.split("\n")[0] ?? "").slice(0, 200);
}
