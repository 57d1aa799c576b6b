import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { ReleaseRecord } from "@ml-intern/intern";
import { provisionEnvironment } from "@ml-intern/lab";
import { type ScriptedTurn, startScriptedOpenAiServer } from "@ml-intern/testkit";
import { expect, test } from "vitest";
import { eventsOf, recordsOf, runCli, testHome } from "./run-cli.ts";

/**
 * The digits task over Chat Completions. What answers is a script, not a model: it shows that any OpenAI-compatible
 * endpoint can drive the tools, not that any model is good at it.
 */

const TRAIN = `
import json, os, shutil
import numpy as np, pandas as pd
from skl2onnx import to_onnx
from sklearn.ensemble import ExtraTreesClassifier

data, out = os.environ["DATA_DIR"], os.environ["OUTPUT_DIR"]
task = json.load(open(f"{data}/task.json"))
table = pd.read_csv(f"{data}/train.csv", dtype={task["target"]: str})
if os.environ["REFIT"] == "1":
    table = pd.concat([table, pd.read_csv(f"{data}/validation.csv", dtype={task["target"]: str})])
names = [feature["name"] for feature in task["features"]]
x = table[names].to_numpy(np.float32)
model = ExtraTreesClassifier(300, random_state=int(os.environ["SEED"])).fit(x, table[task["target"]])
os.makedirs(f"{out}/model", exist_ok=True)
options = {id(model): {"zipmap": False}}
open(f"{out}/model/model.onnx", "wb").write(to_onnx(model, x[:1], options=options).SerializeToString())
json.dump(names, open(f"{out}/model/features.json", "w"))
shutil.copy("predict.py", f"{out}/model/predict.py")
json.dump({"train_accuracy": float(model.score(x, table[task["target"]]))}, open(f"{out}/metrics.json", "w"))
print("trained on", len(table), "rows", flush=True)
`;

const PREDICT = `
import argparse, json
from pathlib import Path
import numpy as np, onnxruntime, pandas as pd

parser = argparse.ArgumentParser()
parser.add_argument("--input"); parser.add_argument("--output")
arguments = parser.parse_args()
here = Path(__file__).parent
rows = pd.read_csv(arguments.input, dtype={"row_id": str})
x = rows[json.loads((here / "features.json").read_text())].to_numpy(np.float32)
session = onnxruntime.InferenceSession(str(here / "model.onnx"))
labels = session.run(None, {session.get_inputs()[0].name: x})[0]
pd.DataFrame({"row_id": rows["row_id"], "prediction": labels}).to_csv(arguments.output, index=False)
`;

const call = (name: string, input: Record<string, unknown>): ScriptedTurn => ({
  toolCalls: [{ name, input }],
});

const script: readonly ScriptedTurn[] = [
  { text: "I look at the data first.", toolCalls: [{ name: "inspect_data", input: {} }] },
  call("propose_contract", {
    task_type: "classification",
    input_kind: "tabular",
    target: "digit",
    metric: "accuracy",
  }),
  // A wrong call on the way: it must come back as an answer that says what to mend.
  call("start_run", { name: "trees", script: "train.py", seeds: ["0"] }),
  {
    toolCalls: [
      { name: "write", input: { path: "train.py", content: TRAIN } },
      { name: "write", input: { path: "predict.py", content: PREDICT } },
    ],
  },
  call("start_run", { name: "trees", script: "train.py", seeds: [0, 1, 2] }),
  call("submit_for_evaluation", { runs: ["run_1", "run_2", "run_3"], set: "validation" }),
  call("start_run", { name: "trees, refitted", script: "train.py", refit: true }),
  call("submit_for_evaluation", { runs: ["run_4"], set: "test" }),
  call("publish_model", { run: "run_4", name: "digits-by-script" }),
  { text: "Published." },
];

test("a model behind an OpenAI-compatible endpoint does the digits task from inspection to release", async () => {
  await using home = await testHome();
  await using server = await startScriptedOpenAiServer(script);
  const { python } = await provisionEnvironment({ name: "base", home: home.path });
  const data = join(home.path, "digits.csv");
  await promisify(execFile)(python, [
    fileURLToPath(new URL("../../python/export_digits.py", import.meta.url)),
    data,
  ]);
  const result = await runCli(
    ["Recognise the digit", "--data", data, "--target", "digit", "--model", "openai/scripted", "--json"],
    {
      home: home.path,
      env: { OPENAI_BASE_URL: server.baseUrl },
    },
  );
  const events = eventsOf(result);
  expect(result.code, result.stderr + JSON.stringify(events.at(-1))).toBe(0);
  expect(
    events.some(
      (event) =>
        event.type === "tool_finished" && event.is_error && event.content.includes("tool/wrong_arguments"),
    ),
  ).toBe(true);
  const [release] = recordsOf<ReleaseRecord>(events, "release");
  expect(release).toMatchObject({ repo: "local/digits-by-script", reloaded: { agrees: true } });
}, 300_000);
