import type { MessageStreamEvent } from "@ml-intern/messages";
import { GatewayError } from "../../gateway-error.ts";
import type { BlockQueue } from "./block-queue.ts";
import type { ChatToolCallDelta } from "./chat-chunk.ts";
import { toolWriter } from "./tool-writer.ts";

export interface ToolCallsOptions {
  readonly queue: BlockQueue;
  readonly newId: () => string;
  readonly isEager: (toolName: string) => boolean;
  /** Only the first call is taken. */
  readonly single: boolean;
}

/** A tool call that is being received. */
interface OpenCall {
  /** Ours, for the client; endpoints' own ids are not always unique. */
  readonly id: string;
  readonly theirId: string | null;
  readonly index: number | null;
  name: string;
  hasArguments: boolean;
  readonly isComplete: () => boolean;
  readonly write: (text: string) => readonly MessageStreamEvent[];
}

/**
 * Sorts pieces of tool calls to the calls that they belong to. Endpoints disagree on how to tell: some leave out the
 * index or give every call the same, some repeat name or id with each piece, some make up a new id for each. What they
 * agree on is that a new call brings a name.
 */
export class ToolCalls {
  readonly #options: ToolCallsOptions;
  readonly #calls: OpenCall[] = [];

  constructor(options: ToolCallsOptions) {
    this.#options = options;
  }

  /** Length of all arguments received. */
  characters = 0;

  /** Calls that were taken. */
  get count(): number {
    return this.#options.single ? Math.min(this.#calls.length, 1) : this.#calls.length;
  }

  push(delta: ChatToolCallDelta): readonly MessageStreamEvent[] {
    const name = delta.function?.name ?? "";
    const known = this.#find(delta);
    const isNew = name !== "" && (!known || startsAnother(known, delta, name));
    const call = isNew ? this.#open(delta, name) : known;
    const text = argumentText(delta);
    if (!call && text !== "") throw namelessCall();
    if (!call) return [];
    if (!isNew && !call.hasArguments && name !== call.name) call.name += name;
    if (text === "") return [];
    call.hasArguments = true;
    this.characters += text.length;
    return call.write(text);
  }

  #find({ id, index }: ChatToolCallDelta): OpenCall | undefined {
    const byId = id ? this.#calls.find((call) => call.theirId === id) : undefined;
    if (byId) return byId;
    if (typeof index === "number") return this.#calls.findLast((call) => call.index === index);
    return this.#calls.at(-1);
  }

  #open({ id, index }: ChatToolCallDelta, name: string): OpenCall {
    const { queue, newId, isEager } = this.#options;
    const identity = { id: newId(), theirId: id || null, index: index ?? null, name };
    const writer = toolWriter({ call: identity, eager: isEager(name) });
    // A call that is not wanted is still followed, so that its pieces do not end up in another.
    const unwanted = this.#options.single && this.#calls.length > 0;
    const write = unwanted ? () => [] : queue.add(writer);
    const parts = { hasArguments: false, isComplete: () => writer.complete, write };
    // The writer reads the name from this very object, which may still grow.
    const call: OpenCall = Object.assign(identity, parts);
    this.#calls.push(call);
    return call;
  }
}

function namelessCall(): GatewayError {
  return new GatewayError("The endpoint sent a piece of a tool call that never got a name", {
    code: "malformed_tool_arguments",
    status: 502,
    type: "api_error",
    mend: "Ask again, or look for a newer version of the endpoint's software.",
  });
}

/** Whether a piece with a name opens a call of its own, rather than repeating or completing the name of a known one. */
function startsAnother(known: OpenCall, { id }: ChatToolCallDelta, name: string): boolean {
  if (id && known.theirId === id) return false;
  if (id && known.theirId !== null) return true;
  if (known.isComplete()) return true;
  return known.hasArguments && name !== known.name;
}

function argumentText({ function: called }: ChatToolCallDelta): string {
  const value = called?.arguments ?? "";
  return typeof value === "string" ? value : JSON.stringify(value);
}
