/** What a person is told of when they do not look: these, and nothing else. */
export const NOTICE_KINDS = ["needs_you", "budget", "best", "failed", "finished"] as const;

export type NoticeKind = (typeof NOTICE_KINDS)[number];

/**
 * One notice. It leaves the machine: its words and facts are ours or from closed lists, never from data, code, tool
 * output or error messages.
 */
export interface Notice {
  readonly kind: NoticeKind;
  /** Two notices of the same id tell the same. */
  readonly id: string;
  readonly session: string;
  /** ISO 8601. */
  readonly time: string;
  readonly title: string;
  readonly text: string;
  /** For programs. */
  readonly facts: Readonly<Record<string, string | number>>;
}
