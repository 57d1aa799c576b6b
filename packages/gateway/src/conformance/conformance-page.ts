import type { Requirement } from "./requirement.ts";

const INTRODUCTION = `# What is promised of the Messages API

This page is written from the manifest in \`packages/gateway/src/conformance/requirements\`. Every promise has an id, and tests
name the ids that they prove: \`grep -rn '"stream.ping"' packages/gateway/src\` finds the proof of one. A test fails when a
promise has neither a proof nor a stated gap, and when this page is out of date
(\`npx vitest run packages/gateway/src/conformance -u\` writes it anew).

*Choice* stands where the API leaves something open, or where a server of your own has reason to do it otherwise; the
reason follows.`;

/** The page `docs/conformance.md`, from requirements by section. */
export function conformancePage(requirements: Readonly<Record<string, readonly Requirement[]>>): string {
  const all = Object.values(requirements).flat();
  const gaps = all.flatMap(({ id, gap }) => (gap === undefined ? [] : `- \`${id}\`: ${gap}`));
  return [
    INTRODUCTION,
    `${all.length} requirements: ${all.length - gaps.length} proven, ${gaps.length} known gaps.`,
    ...(gaps.length > 0 ? ["## Known gaps", gaps.join("\n")] : []),
    ...Object.entries(requirements).map(([title, rows]) => section(title, rows)),
    "",
  ].join("\n\n");
}

function section(title: string, rows: readonly Requirement[]): string {
  return `## ${title}\n\n${["| id | rule | level |", "|---|---|---|", ...rows.map(line)].join("\n")}`;
}

function line({ id, rule, level, because, gap }: Requirement): string {
  const text = (because === undefined ? rule : `${rule} *${because}*`).replaceAll("|", "\\|");
  return `| \`${id}\` | ${text} | ${gap === undefined ? level : "gap"} |`;
}
