import type { Session } from "@ml-intern/intern";
import { describeFailure } from "@ml-intern/intern/failures";
import type { WorkOptions } from "../command.ts";
import type { CommandContext } from "../command-context.ts";
import type { InkFace } from "../terminal/ink/ink-face.ts";
import { TextQuestion } from "../terminal/ink/text-question.ts";

/** Asks for what is missing until there is a session; null when the person leaves. */
export async function askForSession(
  face: InkFace,
  { task, options, context }: { task: string | null; options: WorkOptions; context: CommandContext },
): Promise<Session | null> {
  const ask = (question: string, hint: string): Promise<string | null> =>
    face.ask(new TextQuestion([question], `${hint} · esc leaves`));
  let words = task;
  let { data } = options;
  for (;;) {
    words ??= await ask(
      "What should be done?",
      "such as: Train a classifier for the column label of plants.csv",
    );
    if (words === null) return null;
    if (words === "") words = null;
    if (words === null) continue;
    try {
      // The question stands before this is loaded.
      const { newSession } = await import("../commands/new-session.ts");
      return await newSession(words, { ...options, data }, context);
    } catch (error) {
      const { code, message, mend } = describeFailure(error);
      face.print([context.style.failure(`✗ ${message}`), `  ${mend}`]);
      if (code === "task/no_data") {
        data = await ask(
          "Where are the data?",
          "a CSV, TSV, JSON, JSONL or Parquet file, or a folder of images",
        );
        if (data === null) return null;
      } else words = null;
    }
  }
}
