import { type BlockDelta, JsonStream, JsonStreamError } from "@ml-intern/messages";
import { GatewayError } from "../../gateway-error.ts";
import type { BlockWriter } from "./block-writers.ts";
import { wholeEscapesLength, withoutHalfEscapes } from "./json-escapes.ts";

export interface ToolWriterOptions {
  /** Its name may still grow until the first argument has come. */
  readonly call: { readonly id: string; readonly name: string };
  /** Arguments leave as they come; otherwise one whole top-level member at a time. */
  readonly eager: boolean;
}

/**
 * A tool call. No byte of its arguments leaves before it is known to be JSON. An escape of half a character becomes one
 * of the replacement character, since other languages than JavaScript refuse the whole for it. Closing brackets that are missing at the
 * end are added; whatever else is wrong is an error, since mending it would invent what the model did not say.
 */
export function toolWriter({ call, eager }: ToolWriterOptions): BlockWriter {
  const json = new JsonStream();
  let isObject = false;
  let pending = "";
  let sent = 0;

  function release(end: number): readonly BlockDelta[] {
    const known = pending.slice(0, end - sent);
    const piece = known.slice(0, wholeEscapesLength(known));
    if (piece === "") return [];
    pending = pending.slice(piece.length);
    sent += piece.length;
    return chunks(withoutHalfEscapes(piece)).map((partial_json) => ({
      type: "input_json_delta",
      partial_json,
    }));
  }

  return {
    get start() {
      return { type: "tool_use", id: call.id, name: call.name, input: {} } as const;
    },
    alwaysSent: true,
    get complete() {
      return json.complete;
    },
    write(text) {
      pending += text;
      const fresh = isObject ? text : pending;
      // Anything but an object has to wait: what it means shows only at its end.
      isObject ||= pending.trimStart().startsWith("{");
      if (!isObject) return [];
      try {
        json.push(fresh);
      } catch (error) {
        if (!(error instanceof JsonStreamError)) throw error;
        throw malformed(call.name, error.message);
      }
      return release(eager || json.complete ? json.position : json.memberEnd);
    },
    end({ cut }) {
      if (!isObject)
        return cut ? [] : [{ type: "input_json_delta", partial_json: unusual(call.name, pending) }];
      if (json.complete) return release(json.position);
      if (cut) return [];
      const { closers } = json;
      if (closers === null) throw malformed(call.name, "they stop in the middle of a value");
      return [...release(json.position), { type: "input_json_delta", partial_json: closers }];
    },
  };
}

/** Longer text leaves in several deltas, so that no event grows without limit. */
const MAX_DELTA = 4096;

/** The text in pieces of a size that readers of events are used to, none of which ends within a character. */
function chunks(text: string): readonly string[] {
  const found: string[] = [];
  for (let start = 0; start < text.length; ) {
    const end = start + MAX_DELTA;
    const last = text.charCodeAt(end - 1);
    const next = last >= 0xd800 && last <= 0xdbff ? end - 1 : end;
    found.push(text.slice(start, next));
    start = next;
  }
  return found;
}

/** Arguments that are not an object: nothing and null mean none, and a string may hold the object as text. */
function unusual(name: string, text: string): string {
  if (text.trim() === "" || text.trim() === "null") return "{}";
  try {
    const value: unknown = JSON.parse(text);
    const inner: unknown = typeof value === "string" ? JSON.parse(value) : null;
    if (typeof inner === "object" && inner !== null && !Array.isArray(inner))
      return withoutHalfEscapes(JSON.stringify(inner));
  } catch {
    // Reported below, like every other value that is not an object.
  }
  throw malformed(name, "they are not a JSON object");
}

function malformed(name: string, reason: string): GatewayError {
  return new GatewayError(`The model wrote arguments for the tool ${name} that cannot be used: ${reason}`, {
    code: "malformed_tool_arguments",
    status: 502,
    type: "api_error",
    mend: "Ask again; models that are trained on tool calls make such mistakes less often.",
  });
}
