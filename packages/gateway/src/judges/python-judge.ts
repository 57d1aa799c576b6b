import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Judge, Reply } from "./judge.ts";

const SCRIPT = fileURLToPath(new URL("messages_judge.py", import.meta.url));

export interface PythonProcess extends AsyncDisposable {
  /** One question to `messages_judge.py`; questions are answered one after the other. Throws what Python threw. */
  ask<Value>(operation: string, question: object): Promise<Value>;
}

/** Starts the interpreter of a virtual environment that has the `anthropic` package. */
export function startPython({ folder }: { readonly folder: string }): PythonProcess {
  const child = spawn(join(folder, "bin", "python"), [SCRIPT], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  let last: Promise<unknown> = Promise.resolve();

  async function answer<Value>(question: object): Promise<Value> {
    child.stdin.write(`${JSON.stringify(question)}\n`);
    const line = await lines.next();
    if (line.done) throw new Error("Python has gone");
    const { value, error } = JSON.parse(line.value) as { value: Value; error?: string };
    if (error !== undefined) throw new Error(error);
    return value;
  }

  return {
    ask<Value>(operation: string, question: object): Promise<Value> {
      const next = last.then(() => answer<Value>({ operation, ...question }));
      last = next.catch(() => {});
      return next;
    },
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      if (child.exitCode === null) await once(child, "exit");
    },
  };
}

export interface PythonJudgeOptions {
  readonly python: PythonProcess;
  readonly isAsync: boolean;
  readonly streams: boolean;
}

/** Python's `anthropic`, its blocking client or the one for asyncio. */
export function pythonJudge({ python, isAsync, streams }: PythonJudgeOptions): Judge {
  const suffix = isAsync ? "_async" : "";
  return {
    streams,
    converse: ({ url, key, model }, conversation) =>
      python.ask<readonly Reply[]>(`converse${suffix}`, {
        target: { url, key, model },
        conversation,
        streams,
      }),
    leave: ({ url, key, model }, conversation) =>
      python.ask<void>(`leave${suffix}`, { target: { url, key, model }, conversation }),
    countTokens: ({ url, key, model }, conversation) =>
      python.ask<number>("count_tokens", { target: { url, key, model }, conversation }),
  };
}
