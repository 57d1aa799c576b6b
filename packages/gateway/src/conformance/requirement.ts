/** One sentence of the Messages API that this server answers for. */
export interface Requirement {
  /** A readable name, such as `stream.index-without-gaps`; tests name it to say that they prove it. */
  readonly id: string;
  /** Section and number in the wire specification. */
  readonly source: string;
  /** What is promised, in our own words. */
  readonly rule: string;
  /** `choice`: the API leaves it open or does something that only it can do; `because` says why it is done this way here. */
  readonly level: "must" | "should" | "may" | "choice";
  readonly because?: string;
  /** Why it is not so yet. A requirement without proof needs one. */
  readonly gap?: string;
}
