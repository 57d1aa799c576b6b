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
}

/**
 * Sorts pieces of tool calls to the calls that they belong to. Endpoints disagree on how to tell: some leave out the
 * index or give every call the same, some repeat name or id with each piece, some make up a new id for each. What they
 * agree on is that a new call brings a name.
 */
export class ToolCalls {
  readonly #answer: Answer;
  readonly #calls: OpenCall[] = [];

  constructor(answer: Answer) {
    this.#answer = answer;
  }

  *push(delta: ChatToolCallDelta): Generator<MessageStreamEvent> {
    const name = delta.function?.name ?? "";
    const known = this.#find(delta);
    const isNew = name !== "" && (!known || startsAnother(known, delta, name));
    const text = argumentText(delta);
    if (isNew) yield* this.#open(delta, name);
    const call = isNew ? this.#calls.at(-1) : known;
    if (!call && text !== "") throw namelessCall();
    if (!call) return;
    if (!isNew && !call.hasArguments && name !== call.written.name) call.written.name += name;
    if (text === "") return;
    call.hasArguments = true;
    yield* call.written.write(text);
  }

  #find({ id, index }: ChatToolCallDelta): OpenCall | undefined {
    const byId = id ? this.#calls.find((call) => call.theirId === id) : undefined;
    if (byId) return byId;
    if (typeof index === "number") return this.#calls.findLast((call) => call.index === index);
    return this.#calls.at(-1);
  }

  #open({ id, index }: ChatToolCallDelta, name: string): readonly MessageStreamEvent[] {
    const { call, events } = this.#answer.call(name);
    this.#calls.push({ written: call, theirId: id || null, index: index ?? null, hasArguments: false });
    return events;
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
  if (known.written.isComplete()) return true;
  return known.hasArguments && name !== known.written.name;
}

function argumentText({ function: called }: ChatToolCallDelta): string {
  const value = called?.arguments ?? "";
  return typeof value === "string" ? value : JSON.stringify(value);
}
