import type { Outcome } from "@ml-intern/intern";

/** What the process answers to the shell; documented in the README and stable. */
export const EXIT = {
  published: 0,
  failed: 1,
  badInput: 2,
  stopped: 3,
  budget: 4,
  /** The machine or a service it needs does not let the work happen: no Python, no sandbox, an endpoint that is down. */
  environment: 5,
  /** Quit by a second Ctrl-C, as shells number it. */
  quit: 130,
} as const;

const ENVIRONMENT_CODES = [
  "sandbox/",
  "environment/",
  "disk/",
  "home/",
  "model/unreachable",
  "model/refused",
  "model/no_credit",
  "session/disk_full",
  "session/no_access",
  "session/busy",
  "ledger/locked",
  "hub/port_taken",
  "hub/cannot_listen",
  "port_in_use",
  "not_allowed",
  "listen_failed",
  "web/",
  "docs/busy",
  "docs/read_only",
];

const BAD_INPUT_CODES = [
  "data/",
  "contract/",
  "task/",
  "model/unknown",
  "session/not_found",
  "session/finished",
  "session/no_such_step",
  "share/refused",
  "configuration",
  "docs/unknown",
  "docs/not_a_folder",
  "docs/no_pages",
  "usage",
];

/** The exit code of an outcome; a failure whose cause lies in the machine or in the input says so. */
export function exitCodeOf(outcome: Outcome, causeCode: string | null = null): number {
  if (outcome === "failed" && causeCode !== null) return exitCodeOfCause(causeCode);
  return {
    published: EXIT.published,
    answered: EXIT.published,
    failed: EXIT.failed,
    bad_input: EXIT.badInput,
    stopped: EXIT.stopped,
    budget: EXIT.budget,
  }[outcome];
}

export function exitCodeOfCause(code: string): number {
  if (BAD_INPUT_CODES.some((known) => code.startsWith(known))) return EXIT.badInput;
  if (ENVIRONMENT_CODES.some((known) => code.startsWith(known))) return EXIT.environment;
  return EXIT.failed;
}
