/** The origin of the tools that ml-intern brings along; those of an MCP server have `mcp:<server>`. */
export const BUILT_IN = "built-in";

/** What a call acts upon outside of the session. */
export interface Target {
  /** Such as `user/model`. */
  readonly name: string;
  /** Who can see what the call makes or changes; where that is not known, `public`. */
  readonly visibility: "public" | "private";
}

/** What a call would do, as far as its tool can say before it does it. */
export interface CallFacts {
  /** False where nobody can vouch for it: what an MCP server says of itself is no proof. */
  readonly readOnly: boolean;
  /** What it costs at most; null where nobody knows, which is not the same as nothing. */
  readonly estimatedUsd: number | null;
  /** Names of the hosts that it reaches; `any` where they cannot be known beforehand. */
  readonly hosts: readonly string[] | "any";
  readonly target: Target | null;
}

/** A call before it is made: all that a policy decides on. */
export interface ToolRequest extends CallFacts {
  readonly tool: string;
  /** {@link BUILT_IN} or `mcp:<server>`. */
  readonly origin: string;
  /** Parsed by the tool's schema. */
  readonly input: Readonly<Record<string, unknown>>;
  /** Who calls: `main`, or a path such as `main/research` for a sub-agent. */
  readonly agent: string;
}
