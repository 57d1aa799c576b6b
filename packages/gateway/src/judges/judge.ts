import type { Chain } from "./chain.ts";

/** What a client's user asks for, in no client's dialect. */
export interface Conversation {
  readonly prompt: string;
  readonly tools?: readonly JudgeTool[];
  readonly maxTokens?: number;
  readonly stopSequences?: readonly string[];
  readonly thinking?: boolean;
}

/** A tool of the user. `result` is what it answers to every call. */
export interface JudgeTool {
  readonly name: string;
  readonly description: string;
  readonly input_schema: {
    readonly type: "object";
    readonly properties: Readonly<Record<string, { readonly type: string }>>;
    /** Not readonly, because the clients' types are not. */
    readonly required?: string[];
  };
  readonly result: string;
  readonly eager_input_streaming?: boolean;
}

/** One answer as the client hands it to its user. */
export type Reply =
  | {
      readonly kind: "message";
      readonly thinking: string;
      readonly text: string;
      /** `input` is an object, or the text as it came where the client gives up on it. */
      readonly calls: readonly { readonly id: string; readonly name: string; readonly input: unknown }[];
      readonly stopReason: string | null;
      readonly stopSequence: string | null;
      readonly inputTokens: number;
      readonly outputTokens: number;
    }
  | {
      readonly kind: "failure";
      /** Null where the client has none, as in the middle of a stream. */
      readonly status: number | null;
      readonly type: string | null;
      readonly message: string;
      /** What had arrived before. */
      readonly text: string;
    };

/** An official client, used as its documentation says, and without retries. */
export interface Judge {
  readonly streams: boolean;
  /**
   * Asks, runs the tools that are called and sends their results in one message, until a reply calls none or fails.
   * What the assistant said goes back as the client holds it.
   */
  converse(chain: Target, conversation: Conversation): Promise<readonly Reply[]>;
  /** Begins a streamed answer and leaves it after its first text; resolves when it has let go. */
  leave?(chain: Target, conversation: Conversation): Promise<void>;
  countTokens?(chain: Target, conversation: Conversation): Promise<number>;
}

export type Target = Pick<Chain, "url" | "key" | "model">;
