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
