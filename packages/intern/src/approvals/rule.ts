/** From the mildest to the strictest. */
export const DECISIONS = ["allow", "ask", "deny"] as const;

export type Decision = (typeof DECISIONS)[number];

/** One pattern, or several of which one has to fit. See `matchesGlob` for what a pattern is. */
export type Patterns = string | readonly string[];

/**
 * Which calls a rule speaks of: those that fit everything it names. Rules that allow read their patterns narrowly, and
 * others broadly; see `matchesCall`.
 */
export interface CallMatch {
  readonly tool?: Patterns;
  readonly origin?: Patterns;
  readonly agent?: Patterns;
  readonly readOnly?: boolean;
  /** By the path of a field, such as `command` or `options.region`. */
  readonly input?: Readonly<Record<string, Patterns>>;
  /** An empty list fits calls that reach no host at all. */
  readonly hosts?: readonly string[];
  /** A cost that nobody knows is above every amount. */
  readonly costUsd?: { readonly above: number } | { readonly atMost: number };
  readonly target?: { readonly name?: Patterns; readonly visibility?: "public" | "private" };
}

export interface Rule extends CallMatch {
  readonly decision: Decision;
  /** For the person and the model. */
  readonly why?: string;
}

/** A rule with the name that verdicts give as their reason. */
export interface NamedRule extends Rule {
  readonly name: string;
}

export function isStricter(decision: Decision, than: Decision): boolean {
  return DECISIONS.indexOf(decision) > DECISIONS.indexOf(than);
}
