/** Where releases go: huggingface.co or the embedded hub, through the same client library. */
export interface HubTarget {
  readonly kind: "local" | "hf";
  /** Base URL for API calls. */
  readonly url: string;
  readonly token: string;
  readonly fetch: typeof fetch;
  /** What a person opens in a browser; the embedded hub answers there while `ml-intern serve` runs. */
  readonly browseUrl: string;
}
