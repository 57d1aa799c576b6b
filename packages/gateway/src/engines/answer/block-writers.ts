import type { BlockDelta, ContentBlock } from "@ml-intern/messages";
import type { ThinkingSigner } from "./thinking-signer.ts";

/** Turns the raw text of one block into deltas. */
export interface BlockWriter {
  readonly start: ContentBlock;
  /** Whether the block is whole: then it ends as soon as another one waits. */
  readonly complete: boolean;
  /** Whether the block starts with its first text, and is sent even without any; otherwise it starts with its first delta. */
  readonly alwaysSent: boolean;
  write(text: string): readonly BlockDelta[];
  /** The last deltas. `cut` says that the model was stopped, not that it had finished. */
  end(options: { readonly cut: boolean }): readonly BlockDelta[];
}

/** Text. A block of nothing but white space is never sent. */
export function textWriter(): BlockWriter {
  return {
    start: { type: "text", text: "" },
    complete: true,
    alwaysSent: false,
    write: afterBlank((text) => [{ type: "text_delta", text }]),
    end: () => [],
  };
}

export interface ThinkingWriterOptions {
  /** Send the signature only. */
  readonly omitted: boolean;
  readonly signer: ThinkingSigner;
}

/** Thinking, signed at its end: what comes back can then be told from what was sent. */
export function thinkingWriter({ omitted, signer }: ThinkingWriterOptions): BlockWriter {
  let begun = false;
  let sent = "";
  return {
    start: { type: "thinking", thinking: "", signature: "" },
    complete: true,
    alwaysSent: false,
    write: afterBlank((text) => {
      begun = true;
      if (omitted) return [];
      sent += text;
      return [{ type: "thinking_delta", thinking: text }];
    }),
    end: () => (begun ? [{ type: "signature_delta", signature: signer.sign(sent) }] : []),
  };
}

/** Holds white space back until something else follows it. */
function afterBlank(write: BlockWriter["write"]): BlockWriter["write"] {
  let blank: string | null = "";
  return (text) => {
    if (blank === null) return write(text);
    const whole = blank + text;
    blank = whole.trim() === "" ? whole : null;
    return blank === null ? write(whole) : [];
  };
}
