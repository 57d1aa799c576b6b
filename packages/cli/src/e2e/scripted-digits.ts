import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { provisionEnvironment } from "@ml-intern/lab";
import {
  type OpenAiRequestBody,
  type ScriptedOpenAiServer,
  type ScriptedTurn,
  startScriptedOpenAiServer,
} from "@ml-intern/testkit";

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
model = ExtraTreesClassifier(60, random_state=int(os.environ["SEED"])).fit(x, table[task["target"]])
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

/** A turn may name the newest run: after a crash in the middle of one its number is not known beforehand. */
const TURNS: readonly (ScriptedTurn | ((run: string) => ScriptedTurn))[] = [
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
  call("start_run", { name: "trees", script: "train.py", seeds: [0, 1] }),
  call("submit_for_evaluation", { runs: ["run_1"], set: "validation" }),
  call("submit_for_evaluation", { runs: ["run_2"], set: "validation" }),
  call("start_run", { name: "trees, refitted", script: "train.py", refit: true }),
  (run) => call("submit_for_evaluation", { runs: [run], set: "test" }),
  (run) => call("publish_model", { run, name: "digits-by-script" }),
  { text: "Published." },
];

/**
 * A server that drives the digits task over Chat Completions. What answers is a script, not a model: it shows that any
 * OpenAI-compatible endpoint can drive the tools, not that any model is good at it. It answers by how far the
 * conversation is, so that a request which is sent again gets the same answer.
 */
export function startDigitsModel(): Promise<ScriptedOpenAiServer> {
  return startScriptedOpenAiServer((request) => {
    const answered = request.messages.filter(({ role }) => role === "assistant").length;
    const turn = TURNS[answered];
    if (turn === undefined) throw new Error(`the script has no turn ${answered}`);
    return typeof turn === "function" ? turn(newestRun(request)) : turn;
  });
}

function newestRun({ messages }: OpenAiRequestBody): string {
  const said = messages.filter(({ role }) => role === "tool").map(({ content }) => JSON.stringify(content));
  return (
    said
      .join(" ")
      .match(/run_\d+/g)
      ?.at(-1) ?? "run_1"
  );
}

/** The handwritten digits as a CSV. */
export async function exportDigits(home: string): Promise<string> {
  const { python } = await provisionEnvironment({ name: "base", home });
  const data = join(home, "digits.csv");
  const script = fileURLToPath(new URL("../../python/export_digits.py", import.meta.url));
  await promisify(execFile)(python, [script, data]);
  return data;
}
