/** What a limit needs to know of a request before an engine sees it. */
export interface AdmissionSubject {
  /** A message to be written, or only its tokens to be counted. */
  readonly kind: "message" | "token_count";
  /** As the client named it. */
  readonly model: string;
  /** The most output tokens that the answer may have; 0 for a count. */
  readonly maxTokens: number;
  /** Prompt tokens by the length of the request; worked out when it is called. */
  readonly estimateInput: () => number;
  /** Whether some of the prompt may come out of a cache; worked out when it is called. */
  readonly marksCache: () => boolean;
}

/** Whose request it is. */
export interface Asker {
  readonly workspace: string;
  /** The name of the key that was shown; null where no keys are configured. */
  readonly key: string | null;
}

/** Tokens that a request has used, counted or estimated. The three input counts are disjoint. */
export interface SettledUsage {
  readonly inputTokens: number;
  readonly cacheCreationTokens: number;
  readonly cacheReadTokens: number;
  readonly outputTokens: number;
}

/** A request that was let in. */
export interface Admission {
  /** Headers for its response, such as what is left of a limit. Asked for when the response begins. */
  readonly headers: () => Readonly<Record<string, string>>;
  /** Called exactly once, however the request ends. Null when it ended before anything was used. */
  readonly settle: (usage: SettledUsage | null) => void;
}

/**
 * Decides on a request after validation and before any engine sees it. Throws a `GatewayError` to refuse; its headers
 * go out with the refusal.
 */
export type Admit = (subject: AdmissionSubject, asker: Asker) => Admission | Promise<Admission>;

/** Lets everyone in and counts nothing. */
export const admitAll: Admit = () => ({ headers: () => ({}), settle: () => {} });
