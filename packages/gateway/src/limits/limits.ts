/** What may be used within a minute, and at once. What is left out is not limited. */
export interface Limits {
  readonly requestsPerMinute?: number | undefined;
  /** Prompt tokens that no cache gave back; tokens read from a cache are free. */
  readonly inputTokensPerMinute?: number | undefined;
  readonly outputTokensPerMinute?: number | undefined;
  /** Requests for `count_tokens`, which count nowhere else. */
  readonly tokenCountsPerMinute?: number | undefined;
  readonly concurrentRequests?: number | undefined;
}

/** What is limited by the minute, named as the API's headers name it. */
export type Measure = "requests" | "input-tokens" | "output-tokens" | "token-counts";

/** The part of one measure that a request is about to take. */
export type Demand = Readonly<Partial<Record<Measure, number>>>;

/** Somebody whose limits hold, in the words of an error: ``the workspace `research` ``. */
export interface LimitedParty {
  readonly owner: string;
  readonly limits: Limits;
}
