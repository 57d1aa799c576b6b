import type { ReleaseRecord } from "@ml-intern/intern";
import { expect, test } from "vitest";
import { eventsOf, recordsOf, runCli, testHome } from "./run-cli.ts";
import { exportDigits, startDigitsModel } from "./scripted-digits.ts";

test("a model behind an OpenAI-compatible endpoint does the digits task from inspection to release", async () => {
  await using home = await testHome();
  await using server = await startDigitsModel();
  const data = await exportDigits(home.path);
  const args = [
    "Recognise the digit",
    "--data",
    data,
    "--target",
    "digit",
    "--model",
    "openai/scripted",
    "--json",
  ];
  const result = await runCli(args, { home: home.path, env: { OPENAI_BASE_URL: server.baseUrl } });
  const events = eventsOf(result);
  expect(result.code, result.stderr + JSON.stringify(events.at(-1))).toBe(0);
  const wrong = events.find((event) => event.type === "tool_finished" && event.is_error);
  expect(wrong).toMatchObject({
    name: "start_run",
    content: expect.stringContaining("tool/wrong_arguments"),
  });
  const [release] = recordsOf<ReleaseRecord>(events, "release");
  expect(release).toMatchObject({ repo: "local/digits-by-script", reloaded: { agrees: true } });
}, 300_000);
