import type { Notice } from "../notice.ts";

export function exampleNotice(more: Partial<Notice> = {}): Notice {
  return {
    kind: "best",
    id: "s1:best:validation:abc",
    session: "s1",
    time: "2026-11-23T02:00:00.000Z",
    title: "ml-intern: a new verified best",
    text: "run_1 on validation: accuracy 0.9",
    facts: { run: "run_1" },
    ...more,
  };
}
