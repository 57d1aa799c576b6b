import { execFile } from "node:child_process";
import { mkdir, rename, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { provisionEnvironment } from "@ml-intern/lab";
import type { Command } from "../command.ts";
import type { CommandContext } from "../command-context.ts";
import { setup } from "./setup.ts";
import { task } from "./task.ts";

const TASK = "Train a classifier that recognises handwritten digits from digits.csv and publish it";
const SCRIPT = fileURLToPath(new URL("../../python/export_digits.py", import.meta.url));

/** The main job on the handwritten digits that scikit-learn ships, thought by the offline recipes unless told otherwise. */
export async function demo(
  command: Extract<Command, { kind: "demo" }>,
  context: CommandContext,
): Promise<number> {
  const { options } = command;
  await setup(context);
  const data = await exportDigits(context.home);
  // It is over when it is over: nobody has anything more to say to it.
  const words = { ...options, data, target: "digit", model: options.model ?? "recipes/default", plain: true };
  return task({ kind: "task", task: TASK, options: words }, context);
}

async function exportDigits(home: string): Promise<string> {
  const folder = join(home, "demo");
  const path = join(folder, "digits.csv");
  const known = await stat(path).catch(() => null);
  if (known !== null && known.size > 0) return path;
  await mkdir(folder, { recursive: true });
  const { python } = await provisionEnvironment({ name: "base", home });
  const partial = `${path}.${process.pid}.part`;
  await promisify(execFile)(python, [SCRIPT, partial]);
  await rename(partial, path);
  return path;
}
