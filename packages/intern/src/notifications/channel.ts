import type { Notice } from "./notice.ts";

export interface Channel {
  /** For messages: its type, and the host where there is one. What else is in a URL may be a secret. */
  readonly name: string;
  /** Throws a {@link DeliveryError}, or whatever the network throws. */
  send(notice: Notice, signal: AbortSignal): Promise<void>;
}

/** Why a notice did not arrive. */
export class DeliveryError extends Error {
  override readonly name = "DeliveryError";
  /** The same may arrive later. */
  readonly retryable: boolean;
  readonly mend: string;

  constructor(message: string, options: { retryable: boolean; mend: string }) {
    super(message);
    this.retryable = options.retryable;
    this.mend = options.mend;
  }
}
