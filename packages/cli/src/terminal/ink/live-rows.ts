import type { PlanStep } from "@ml-intern/intern";
import { describeSpent } from "../describe-spent.ts";
import { duration, plural } from "../format.ts";
import type { Style } from "../style.ts";
import { writtenTail } from "./describe-input.ts";
import { displayWidth, graphemes } from "./display-width.ts";
import type { LiveCall, SessionView } from "./session-view.ts";

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

export interface LiveOptions {
  readonly size: Size;
  readonly style: Style;
  readonly now: number;
  readonly showsPlan: boolean;
  /** All of the newest output that fits, instead of its last lines. */
  readonly showsOutput: boolean;
}

/** What goes on, between what is finished and what is being written: no more rows than `height`, the newest last. */
export function liveRows(view: SessionView, options: LiveOptions, height: number): string[] {
  const { size, style, now } = options;
  const plan = planRows(view.plan, { ...options, showsPlan: options.showsPlan && view.working });
  const rows: string[] = [];
  const room = Math.max(2, height - plan.length);
  if (view.thinking !== "")
    rows.push(...wrapped(view.thinking, size.columns - 2, 3).map((row) => style.dim(`∴ ${row}`)));
  if (view.words !== "") rows.push(...wrapped(view.words, size.columns, 4));
  const newest = [...view.calls.values()].at(-1);
  const each = Math.max(1, Math.floor(Math.min(8, room) / Math.max(1, view.calls.size)) - 1);
  for (const call of view.calls.values())
    rows.push(...(call.json === null ? runningRows(call, { style, now, each }) : writtenRows(call, style)));
  // Of calls that are written one after the other, the one that grows is worth more than a row.
  if (newest?.json) rows.push(...writtenTail(newest.json, 5).map((line) => style.dim(`  ${line}`)));
  if (options.showsOutput) return [...outputRows(view, options, room), ...plan].slice(-height);
  return [...rows.slice(-room), ...plan].slice(-height);
}

function writtenRows(call: LiveCall, style: Style): string[] {
  return [`${style.tool("→")} ${call.title} ${style.dim(`… ${plural(call.written, "character")}`)}`];
}

function runningRows(
  call: LiveCall,
  { style, now, each }: { style: Style; now: number; each: number },
): string[] {
  const { lines, before } = call.output.last(each);
  const more = before > 0 ? ` (${plural(before + lines.length, "line")} · ctrl-o)` : "";
  return [
    ...(call.announced ? [] : [`${style.tool("→")} ${call.title}`]),
    ...lines.map((line) => style.dim(`  │ ${line}`)),
    style.dim(`  └ running ${seconds(now - call.begun)}${more}`),
  ];
}

/** Whole seconds: what ticks need not show more. */
function seconds(ms: number): string {
  return duration(Math.floor(ms / 1000) * 1000).replace(".0", "");
}

function outputRows(view: SessionView, { style }: LiveOptions, room: number): string[] {
  if (view.newest === null) return [style.dim("No tool has put anything out yet.")];
  const { lines, before } = view.newest.output.last(room - 2);
  const above = before > 0 ? `, ${before.toLocaleString("en")} before these` : "";
  return [
    style.dim(`┌ ${view.newest.name}: ${plural(view.newest.output.length, "line")}${above}`),
    ...lines.map((line) => `│ ${line}`),
    style.dim("└ ctrl-o closes"),
  ];
}

const MARKS: Readonly<Record<PlanStep["status"], string>> = {
  done: "✔",
  active: "▶",
  pending: "·",
  skipped: "–",
};

/** The open plan around its active step, or one line of it. */
function planRows(plan: readonly PlanStep[], { style, size, showsPlan }: LiveOptions): string[] {
  if (plan.length === 0) return [];
  const active = plan.findIndex(({ status }) => status === "active");
  const done = plan.filter(({ status }) => status === "done" || status === "skipped").length;
  const head = `Plan ${done}/${plan.length}`;
  if (!showsPlan || size.rows < 16) {
    const step = plan[active];
    return [style.dim(`${head}${step === undefined ? "" : ` ▶ ${step.title}`} (ctrl-t)`)];
  }
  const count = Math.min(plan.length, Math.max(3, Math.floor(size.rows / 4)));
  const from = Math.max(0, Math.min((active < 0 ? done : active) - 1, plan.length - count));
  const shown = plan.slice(from, from + count);
  const rest = shown.length < plan.length ? ` (steps ${from + 1} to ${from + shown.length})` : "";
  return [
    style.dim(`${head}${rest}`),
    ...shown.map(({ title, status }) => {
      const row = `  ${MARKS[status]} ${title}`;
      return status === "active" ? style.bold(row) : style.dim(row);
    }),
  ];
}

/** Who thinks, how far it is, what it has cost: two rows at most, each shortened by whole facts to what fits. */
export function statusRows(view: SessionView, { style, now, size }: LiveOptions): string[] {
  const elapsed = seconds(now - view.begun);
  const left = view.remainingMs === null ? [] : [`about ${seconds(view.remainingMs)} left`];
  const facts = view.working
    ? [view.model, `call ${view.iteration}/${view.iterations}`, elapsed, ...left]
    : [view.model, view.iteration > 0 ? `${plural(view.iteration, "call")}` : "ready"];
  const first = [
    ...(view.working && view.plan.length === 0 && view.progress ? [view.progress] : []),
    ...facts,
  ];
  const rows = [fitting(first, " · ", size.columns - 1)];
  if (view.spent !== null) rows.push(fitting(describeSpent(view.spent).split(", "), ", ", size.columns - 1));
  return rows.map((row) => style.dim(row));
}

/** As many of the facts as fit into the width, from the first on. */
function fitting(facts: readonly string[], between: string, width: number): string {
  let text = "";
  for (const fact of facts.filter((fact) => fact !== "")) {
    const longer = text === "" ? fact : text + between + fact;
    if (displayWidth(longer) > width) break;
    text = longer;
  }
  return text === "" ? (facts[0] ?? "") : text;
}

/** The last rows of a text that is broken wherever a row is full. */
export function wrapped(text: string, width: number, count: number): string[] {
  const rows: string[] = [];
  // More characters than these cannot be in the last rows; most of them need not be measured.
  for (const line of text.slice(-width * count * 2).split("\n")) {
    let row = "";
    let used = 0;
    for (const grapheme of graphemes(line)) {
      const cells = displayWidth(grapheme);
      if (used + cells > width) {
        rows.push(row);
        row = "";
        used = 0;
      }
      row += grapheme;
      used += cells;
    }
    rows.push(row);
  }
  return rows.slice(-count);
}
