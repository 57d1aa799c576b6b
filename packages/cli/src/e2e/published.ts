import { join } from "node:path";
import { downloadFile, listFiles } from "@huggingface/hub";
import { createHub } from "@ml-intern/hub";
import type { EvaluationRecord, ReleaseRecord } from "@ml-intern/intern";
import type { Contract } from "@ml-intern/lab";
import { type CliResult, eventsOf, recordsOf, runCli } from "./run-cli.ts";

/** What a finished task recorded. */
export interface Published {
  readonly result: CliResult;
  readonly contract: Contract;
  readonly evaluations: readonly EvaluationRecord[];
  readonly release: ReleaseRecord;
}

/** Does a task with the recipes and returns what it recorded; throws with the cause when nothing was published. */
export async function publish(home: string, args: readonly string[]): Promise<Published> {
  const result = await runCli([...args, "--model", "recipes/default", "--json"], { home });
  const events = eventsOf(result);
  const finished = events.findLast((event) => event.type === "turn_finished");
  const [contract] = recordsOf<Contract>(events, "contract");
  const [release] = recordsOf<ReleaseRecord>(events, "release");
  if (result.code !== 0 || contract === undefined || release === undefined) {
    throw new Error(`ended with ${result.code}: ${JSON.stringify(finished)}\n${result.stderr}`);
  }
  return { result, contract, release, evaluations: recordsOf<EvaluationRecord>(events, "evaluation") };
}

/** The one score on the sealed test. */
export function testScore({ evaluations }: Published): EvaluationRecord["scores"][number] {
  const scores = evaluations.flatMap((evaluation) => evaluation.scores).filter(({ set }) => set === "test");
  const [score] = scores;
  if (score === undefined || scores.length > 1) throw new Error(`${scores.length} scores on test`);
  return score;
}

/** The published files as a client of the hub sees them. */
export async function publishedFiles(
  home: string,
  repo: string,
): Promise<{ paths: string[]; read(path: string): Promise<string> }> {
  const hub = createHub({ root: join(home, "hub") });
  const inProcess: typeof fetch = async (input, init) => hub.fetch(new Request(input, init));
  const access = { repo, hubUrl: "http://hub.test", fetch: inProcess };
  const paths: string[] = [];
  for await (const file of listFiles({ ...access, recursive: true }))
    if (file.type === "file") paths.push(file.path);
  return { paths, read: async (path) => (await downloadFile({ ...access, path }))?.text() ?? "" };
}
