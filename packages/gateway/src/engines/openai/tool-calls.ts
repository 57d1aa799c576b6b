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

/** What one delta says of a call; name and text are empty where it says nothing. */
interface Piece {
  readonly delta: ChatToolCallDelta;
  readonly name: string;
  readonly text: string;
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
    const piece = { delta, name: delta.function?.name ?? "", text: argumentText(delta) };
    const known = this.#find(piece);
    if (known && repeatsName(known, piece)) {
      known.namedAgain = true;
    } else if (opensAnother(known, piece)) {
      yield* this.#open(delta, piece.name || (known?.written.name ?? ""));
      yield* writeTo(this.#calls.at(-1), piece.text);
    } else if (known) {
      if (!known.hasArguments && piece.name !== known.written.name) known.written.name += piece.name;
      yield* writeTo(known, piece.text);
    } else if (piece.text !== "") {
      throw namelessCall();
    }
  }

  /** The call that a piece may belong to. */
  #find({ delta: { id, index }, name }: Piece): OpenCall | undefined {
    const byId = id ? this.#calls.findLast((call) => call.theirId === id) : undefined;
    if (typeof index !== "number") return byId ?? this.#calls.at(-1);
    const byIndex = this.#calls.findLast((call) => call.index === index);
    if (byIndex?.theirId === id || !byId) return byIndex;
    // The same id with a name, at a place where no call is yet, is another call that was given a used id.
    const isReused = !byIndex && byId.index !== null && name !== "";
    return isReused ? undefined : byId;
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

function* writeTo(call: OpenCall | undefined, text: string): Generator<MessageStreamEvent> {
  if (!call || text === "") return;
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

/** Whether a piece says the name of a call that is whole once more, and nothing else that is new. */
function repeatsName(known: OpenCall, { delta: { id, index }, name, text }: Piece): boolean {
  if (name === "" || name !== known.written.name || text.trim() !== "") return false;
  if (!known.written.isComplete() || (id && id !== known.theirId)) return false;
  return Boolean(id) || (typeof index === "number" && index === known.index);
}

/** Whether a piece opens a call of its own, rather than going on with a known one or repeating its name. */
function opensAnother(known: OpenCall | undefined, { delta: { id }, name, text }: Piece): boolean {
  if (!known) return name !== "";
  if (name === "") return known.namedAgain && text.trim() !== "";
  if (known.written.isComplete()) return true;
  if (id && known.theirId !== null) return id !== known.theirId;
  return known.hasArguments && name !== known.written.name;
}

function argumentText({ function: called }: ChatToolCallDelta): string {
  const value = called?.arguments ?? "";
  return typeof value === "string" ? value : JSON.stringify(value);
}
