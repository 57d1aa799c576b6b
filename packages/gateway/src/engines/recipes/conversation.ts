import type { InputBlock, InputMessage, MessagesRequest } from "@ml-intern/messages";

export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly mend: string;
}

export type Outcome =
  | { readonly kind: "ok"; readonly text: string }
  | { readonly kind: "failed"; readonly failure: Failure }
  /** Stopped before its answer was known: it may simply be asked for again. */
  | { readonly kind: "interrupted" };

export interface Exchange {
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly outcome: Outcome;
  /** Which of the person's messages it served, counted from 1. */
  readonly turn: number;
}

/** What a Messages request says, as far as the policy reads it. */
export interface Conversation {
  /** The person's messages, oldest first. */
  readonly words: readonly string[];
  /** True until the engine has said its first sentence. */
  readonly opening: boolean;
  readonly exchanges: readonly Exchange[];
}

const INTERRUPTED_CODES = new Set(["tool/interrupted", "tool/cut_off", "cancelled", "interrupted"]);

/**
 * Reads tool calls with their results, in order. Failures of an earlier turn are left out: when the person speaks
 * again, what failed may be tried again.
 */
export function readConversation(request: MessagesRequest): Conversation {
  const words: string[] = [];
  const exchanges: Exchange[] = [];
  const results = collectResults(request.messages);
  let opening = true;
  let turn = 0;
  for (const message of request.messages) {
    const blocks = blocksOf(message);
    if (message.role === "user" && !blocks.some((block) => block.type === "tool_result")) {
      words.push(textOf(blocks));
      turn = words.length;
    }
    if (message.role !== "assistant") continue;
    opening = false;
    for (const block of blocks) {
      if (block.type !== "tool_use") continue;
      const outcome = results.get(block.id) ?? ({ kind: "interrupted" } as const);
      exchanges.push({ name: block.name, input: block.input, outcome, turn });
    }
  }
  const current = exchanges.filter(({ outcome, turn: then }) => outcome.kind !== "failed" || then === turn);
  return { words, opening, exchanges: current };
}

function collectResults(messages: readonly InputMessage[]): Map<string, Outcome> {
  const results = new Map<string, Outcome>();
  for (const message of messages) {
    for (const block of blocksOf(message)) {
      if (block.type !== "tool_result") continue;
      const { content = "" } = block;
      const text = typeof content === "string" ? content : textOf(content);
      results.set(block.tool_use_id, block.is_error === true ? failed(text) : { kind: "ok", text });
    }
  }
  return results;
}

function failed(text: string): Outcome {
  const failure = parseFailure(text);
  return INTERRUPTED_CODES.has(failure.code) ? { kind: "interrupted" } : { kind: "failed", failure };
}

function parseFailure(text: string): Failure {
  try {
    const { error } = JSON.parse(text) as { error?: Partial<Record<keyof Failure, unknown>> };
    if (typeof error?.code === "string") {
      return { code: error.code, message: String(error.message ?? ""), mend: String(error.mend ?? "") };
    }
  } catch {
    // not the tools' JSON: the text itself is all that is known
  }
  return { code: "unknown", message: text.slice(0, 2_000), mend: "" };
}

function blocksOf(message: InputMessage): readonly InputBlock[] {
  return typeof message.content === "string" ? [{ type: "text", text: message.content }] : message.content;
}

function textOf(blocks: readonly { readonly type: string }[]): string {
  return blocks.flatMap((block) => ("text" in block ? [String(block.text)] : [])).join("\n");
}
