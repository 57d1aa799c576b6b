import type { MessageStreamEvent } from "@ml-intern/messages";
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

  get count(): number {
    return this.#calls.length;
  }

  push(delta: ChatToolCallDelta): readonly MessageStreamEvent[] {
    const name = delta.function?.name ?? "";
    const known = this.#find(delta);
    const isNew = name !== "" && (!known || startsAnother(known, delta, name));
    if (isNew && this.#options.single && this.#calls.length > 0) return [];
    const call = isNew ? this.#open(delta, name) : known;
    if (!call) return [];
    if (!isNew && !call.hasArguments && name !== call.name) call.name += name;
    const text = argumentText(delta);
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
    const parts = { hasArguments: false, isComplete: () => writer.complete, write: queue.add(writer) };
    // The writer reads the name from this very object, which may still grow.
    const call: OpenCall = Object.assign(identity, parts);
    this.#calls.push(call);
    return call;
  }
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
