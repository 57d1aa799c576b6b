import type { MessageStreamEvent } from "@ml-intern/messages";
import { GatewayError } from "../../gateway-error.ts";
import type { Answer, WrittenCall } from "../answer/answer.ts";
import type { ChatToolCallDelta } from "./chat-chunk.ts";

/** A tool call that is being received. Endpoints' own ids are not always unique: the client gets ours. */
interface OpenCall {
  readonly written: WrittenCall;
  readonly theirId: string | null;
  readonly index: number | null;
  hasArguments: boolean;
  /** Its name came again after its arguments were whole: a repetition, unless arguments follow. */
  namedAgain: boolean;
}

/**
 * Sorts pieces of tool calls to the calls that they belong to. Endpoints disagree on how to tell: some leave out the
 * index or give every call the same, some repeat name or id with each piece, some make up a new id for each, or give
 * two calls the same. What they agree on is that a new call brings a name. A call ends as soon as its arguments are
 * whole.
 */
export class ToolCalls {
  readonly #answer: Answer;
  readonly #calls: OpenCall[] = [];

  constructor(answer: Answer) {
    this.#answer = answer;
  }

  *push(delta: ChatToolCallDelta): Generator<MessageStreamEvent> {
    const name = delta.function?.name ?? "";
    const text = argumentText(delta);
    const known = this.#find(delta, name);
    if (known && repeatsName(known, { delta, name, text })) {
      known.namedAgain = true;
      return;
    }
    if (known?.namedAgain && name === "" && text.trim() !== "") {
      yield* this.#open(delta, known.written.name);
    } else if (name !== "" && (!known || startsAnother(known, delta, name))) {
      yield* this.#open(delta, name);
    } else if (!known) {
      if (text !== "") throw namelessCall();
      return;
    } else {
      if (!known.hasArguments && name !== known.written.name) known.written.name += name;
      yield* writeTo(known, text);
      return;
    }
    const opened = this.#calls.at(-1);
    if (opened) yield* writeTo(opened, text);
  }

  #find({ id, index }: ChatToolCallDelta, name: string): OpenCall | undefined {
    const byIndex =
      typeof index === "number" ? this.#calls.findLast((call) => call.index === index) : undefined;
    const byId = id ? this.#calls.findLast((call) => call.theirId === id) : undefined;
    if (byId && byIndex && byId !== byIndex) return byIndex.theirId === id ? byIndex : byId;
    // The same id with a name and at a place of its own is another call that was given a used id.
    if (byId && !byIndex && typeof index === "number" && byId.index !== null && name !== "") return undefined;
    if (byId) return byId;
    return typeof index === "number" ? byIndex : this.#calls.at(-1);
  }

  #open({ id, index }: ChatToolCallDelta, name: string): readonly MessageStreamEvent[] {
    const { call, events } = this.#answer.call(name);
    this.#calls.push({
      written: call,
      theirId: id || null,
      index: index ?? null,
      hasArguments: false,
      namedAgain: false,
    });
    return events;
  }
}

function* writeTo(call: OpenCall, text: string): Generator<MessageStreamEvent> {
  if (text === "") return;
  call.hasArguments = true;
  yield* call.written.write(text);
  if (call.written.isComplete()) yield* call.written.finish();
}

function namelessCall(): GatewayError {
  return new GatewayError("The endpoint sent a piece of a tool call that never got a name", {
    code: "malformed_tool_arguments",
    status: 502,
    type: "api_error",
    mend: "Ask again, or look for a newer version of the endpoint's software.",
  });
}

interface NamedPiece {
  readonly delta: ChatToolCallDelta;
  readonly name: string;
  readonly text: string;
}

/** Whether a piece says the name of a call that is whole once more, and nothing else that is new. */
function repeatsName(known: OpenCall, { delta: { id, index }, name, text }: NamedPiece): boolean {
  if (name === "" || name !== known.written.name || text.trim() !== "") return false;
  if (!known.written.isComplete() || (id && id !== known.theirId)) return false;
  return Boolean(id) || (typeof index === "number" && index === known.index);
}

/** Whether a piece with a name opens a call of its own, rather than repeating or completing the name of a known one. */
function startsAnother(known: OpenCall, { id }: ChatToolCallDelta, name: string): boolean {
  if (known.written.isComplete()) return true;
  if (id && known.theirId === id) return false;
  if (id && known.theirId !== null) return true;
  return known.hasArguments && name !== known.written.name;
}

function argumentText({ function: called }: ChatToolCallDelta): string {
  const value = called?.arguments ?? "";
  return typeof value === "string" ? value : JSON.stringify(value);
}
