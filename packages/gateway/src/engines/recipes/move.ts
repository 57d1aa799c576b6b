/** One tool call that the policy wants; its id is given when the move is streamed. */
export interface PlannedCall {
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** What the policy says and does next. A move without calls ends the turn. */
export interface Move {
  readonly text: string;
  readonly calls: readonly PlannedCall[];
}

export function say(text: string): Move {
  return { text, calls: [] };
}
