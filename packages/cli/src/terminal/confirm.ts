import { createInterface } from "node:readline/promises";

/** Asks the person at the terminal. Enter means no. */
export async function confirm(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^\s*y/i.test(await terminal.question(`${question} [y/N] `));
  } finally {
    terminal.close();
  }
}
