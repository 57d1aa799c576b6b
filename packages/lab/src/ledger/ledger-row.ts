export type LedgerKind =
  | "genesis"
  | "contract"
  | "run"
  | "score"
  | "failed_evaluation"
  | "validation_opened"
  | "release";

/** What a row may say: plain JSON with finite numbers. */
export type LedgerBody = Readonly<Record<string, unknown>>;

/** One line of the ledger. `hash` covers every other field but the signature; `prev` is the hash of the row before. */
export interface LedgerRow {
  readonly seq: number;
  readonly time: string;
  readonly kind: LedgerKind;
  readonly body: LedgerBody;
  /** Names the act that the row records, so that doing it again adds no second row. */
  readonly key?: string;
  readonly prev: string;
  readonly hash: string;
  /** Ed25519 over `hash` by the installation's key, base64. */
  readonly signature?: string;
}
