import { SessionError } from "../session/session-error.ts";

/** An action that a tool could not do, for the model: what happened and what to do about it. */
export class ToolFailure extends Error {
  override readonly name = "ToolFailure";
  readonly code: string;
  readonly mend: string;

  constructor(code: string, message: string, mend: string) {
    super(message);
    this.code = code;
    this.mend = mend;
  }
}

/**
 * The text of a failed tool result. An error that carries `code` and `mend` (from this package or from the lab) keeps
 * them; a fault of ours is reported as such, so that the model does not hunt for it in its own code.
 * Rethrows what must end the turn: a session that cannot be kept.
 */
export function toToolFailure(error: unknown): string {
  if (error instanceof SessionError) throw error;
  const described = describeFailure(error);
  return JSON.stringify({ error: described });
}

export interface DescribedFailure {
  readonly code: string;
  readonly message: string;
  readonly mend: string;
}

export function describeFailure(error: unknown): DescribedFailure {
  if (error instanceof Error && "code" in error && "mend" in error) {
    return { code: String(error.code), message: error.message, mend: String(error.mend) };
  }
  if (error instanceof Error && "code" in error && error.code === "ENOSPC") {
    return {
      code: "disk/full",
      message: "The disk is full.",
      mend: "Free some space; nothing that was kept is lost.",
    };
  }
  const message = error instanceof Error ? error.message : String(error);
  return {
    code: "internal",
    message: `A fault inside ml-intern: ${message}`,
    mend: "It is not in your arguments. Try another way; if it happens again, say so in your summary.",
  };
}

/** Reads a failed tool result back. Null when the text is not one. */
export function parseFailure(text: string): DescribedFailure | null {
  try {
    const { error } = JSON.parse(text) as { error?: Partial<DescribedFailure> };
    if (typeof error?.code !== "string") return null;
    return { code: error.code, message: error.message ?? "", mend: error.mend ?? "" };
  } catch {
    return null;
  }
}
