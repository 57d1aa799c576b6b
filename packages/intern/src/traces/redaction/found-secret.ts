/** A part of a text that must not leave the machine. */
export interface FoundSecret {
  readonly start: number;
  readonly end: number;
  /** What it is, for the label: `hf_token`, `password`. */
  readonly kind: string;
  /** The secret itself, where the text holds it in another spelling. */
  readonly plain?: string;
}

/** Finds one family of secrets. Its time is linear in the text, whatever the text. */
export type SecretFinder = (text: string) => Iterable<FoundSecret>;
