import { appendFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { z } from "zod";
import { defineTool, type Tool } from "../../tools/define-tool.ts";
import { type Span, stopwatch } from "./stopwatch.ts";

/** Where each step leaves a line, once. */
export function effectsFile(sessionDirectory: string): string {
  return join(sessionDirectory, "effects.txt");
}

/** Tools with effects that can be counted afterwards: a step must never be taken twice, a row never be written twice. */
export function steppingTools({
  resultCharacters,
  lingerMs,
  files = 0,
  onSpent,
  onEffect,
}: SteppingOptions): readonly Tool[] {
  const timed = async <Value>(action: () => Promise<Value>): Promise<Value> => {
    const spent = stopwatch();
    try {
      return await action();
    } finally {
      onSpent?.(spent());
    }
  };
  const step = defineTool({
    name: "step",
    description: "Takes step n.",
    input: z.strictObject({ n: z.int() }),
    execute: ({ n }, { workbench }) =>
      timed(async () => {
        await appendFile(effectsFile(workbench.directory), `${n}\n`);
        if (files > 0) {
          const file = join(workbench.directory, "workspace", `step-${n % files}.txt`);
          await writeFile(file, filler(n, 1_000));
        }
        onEffect?.();
        if (lingerMs > 0) await setTimeout(lingerMs);
        return `step ${n} done\n${filler(n, resultCharacters)}`;
      }),
  });
  const look = defineTool({
    name: "look",
    description: "Says which step was the last.",
    readOnly: true,
    input: z.strictObject({}),
    execute: (_, { workbench }) =>
      timed(async () => {
        const lines = await readFile(effectsFile(workbench.directory), "utf8").catch(() => "");
        return `step ${lines.trim().split("\n").at(-1) || 0} done`;
      }),
  });
  const record = defineTool({
    name: "record",
    description: "Writes a row into the ledger.",
    repeatable: true,
    input: z.strictObject({ n: z.int() }),
    execute: ({ n }, { workbench }) =>
      timed(async () => {
        const ledger = await workbench.ledger();
        await ledger.append("run", { run: `run_${n}` }, { key: `step:${n}` });
        return "recorded";
      }),
  });
  const publish = defineTool({
    name: "publish",
    description: "Publishes.",
    repeatable: true,
    input: z.strictObject({}),
    async execute(_, { session }) {
      await session.append({ type: "recorded", kind: "release", body: {}, ledger_head: null });
      return "published";
    },
  });
  return [step, look, record, publish];
}

export interface SteppingOptions {
  readonly resultCharacters: number;
  /** How long a step goes on after its effect, so that a kill can come in between. */
  readonly lingerMs: number;
  /** How many files of the workspace the steps change, in turns. */
  readonly files?: number;
  /** Told of each step when its effect is there, and its result is not. */
  readonly onEffect?: () => void;
  /** Told of time that is not the loop's own: that of the tools and of the model. */
  readonly onSpent?: (span: Span) => void;
}

/** Text that is different for each step and looks like a log. */
function filler(n: number, characters: number): string {
  const lines: string[] = [];
  for (let length = 0, line = 0; length < characters; line++) {
    lines.push(`epoch ${line} of step ${n}: loss ${((n * 7919 + line * 104729) % 9973) / 9973}`);
    length += lines[line]?.length ?? 0;
  }
  return lines.join("\n");
}
