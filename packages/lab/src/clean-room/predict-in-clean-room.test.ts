import { execFileSync } from "node:child_process";
import { mkdir, readdir, symlink, writeFile } from "node:fs/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { type Environment, provisionEnvironment } from "../environments/provision-environment.ts";
import { temporaryFolder } from "../testing/temporary-folder.ts";
import { testHome } from "../testing/test-home.ts";
import { predictInCleanRoom } from "./predict-in-clean-room.ts";
import { scanUnsafeFiles } from "./scan-unsafe-files.ts";

const signal = new AbortController().signal;
let environment: Environment;

beforeAll(async () => {
  environment = await provisionEnvironment({ name: "base", home: testHome });
}, 300_000);

const honest = `
import argparse, os, pandas as pd
p = argparse.ArgumentParser(); p.add_argument("--input"); p.add_argument("--output")
a = p.parse_args()
rows = pd.read_csv(a.input)
print("sees", sorted(n for n in os.listdir(os.path.dirname(a.input)) if not n.startswith(".")))
rows.assign(prediction=rows["x"] * 2)[["row_id", "prediction"]].to_csv(a.output, index=False)
`;

async function predict(script: string | null, change?: (model: string) => Promise<unknown>) {
  await using folder = await temporaryFolder();
  const model = `${folder.path}/model`;
  await mkdir(model);
  if (script !== null) await writeFile(`${model}/predict.py`, script);
  await change?.(model);
  await writeFile(`${folder.path}/input.csv`, "row_id,x\n1,10\n2,20\n");
  await mkdir(`${folder.path}/images`);
  await writeFile(`${folder.path}/images/1.png`, "png");
  const result = await predictInCleanRoom({
    model,
    input: `${folder.path}/input.csv`,
    images: `${folder.path}/images`,
    environment,
    home: folder.path,
    mode: "auto",
    limits: { wallMs: 20_000 },
    signal,
  });
  expect(await readdir(`${folder.path}/clean-rooms`)).toEqual([]);
  return result;
}

describe("the clean room", () => {
  it("lets a model predict from nothing but its folder and the rows", async () => {
    const result = await predict(honest);
    expect(result.predictions).toBe("row_id,prediction\n1,20\n2,40\n");
    expect(result.log).toBe("sees ['images', 'input.csv', 'model']\n");
    expect(result.model_sha256).toMatch(/^[0-9a-f]{64}$/);
    expect((await predict(honest)).model_sha256).toBe(result.model_sha256);
    expect((await predict(`${honest}\n#`)).model_sha256).not.toBe(result.model_sha256);
  });

  it("fails with the log's end, whatever the model does wrong", async () => {
    const failed = { code: "evaluation/failed" };
    await expect(predict("raise ValueError('no weights')")).rejects.toMatchObject({
      ...failed,
      message: expect.stringContaining("no weights"),
    });
    await expect(predict("print('done')")).rejects.toMatchObject({
      ...failed,
      message: expect.stringContaining("no predictions"),
    });
    await expect(
      predict("import os; os.symlink('/etc/passwd', '/workspace/predictions.csv')"),
    ).rejects.toMatchObject(failed);
    await expect(predict("import os; os.mkfifo('predictions.csv')")).rejects.toMatchObject(failed);
    await expect(predict(null)).rejects.toMatchObject({ code: "evaluation/no_model" });
  });

  it("refuses models with pickles or links in them, before anything runs", async () => {
    const unsafe = { code: "evaluation/unsafe_artefact" };
    await expect(
      predict(honest, (model) => writeFile(`${model}/a.bin`, "\x80\x04\x95.", "latin1")),
    ).rejects.toMatchObject(unsafe);
    await expect(
      predict(honest, (model) => symlink("/etc/passwd", `${model}/weights.json`)),
    ).rejects.toMatchObject(unsafe);
  });
});

it("knows pickles by name and by content, and leaves safe formats alone", async () => {
  await using folder = await temporaryFolder();
  const write = `
import gzip, io, json, os, pickle, zipfile, joblib, numpy as np, skops.io as sio
from safetensors.numpy import save_file
from sklearn.linear_model import Ridge
os.chdir("${folder.path}")
os.makedirs("safe"); os.makedirs("unsafe")
value = {"a": [1, 2], "b": Ridge()}
for protocol in range(6):
    pickle.dump(value, open("unsafe/protocol%d.weights" % protocol, "wb"), protocol=protocol)
joblib.dump(value, "unsafe/renamed.onnx")
joblib.dump(value, "unsafe/packed.json", compress=3)
gzip.open("unsafe/gzip.txt", "wb").write(pickle.dumps(value))
np.save("unsafe/objects.npy", np.array([{}], dtype=object), allow_pickle=True)
with zipfile.ZipFile("unsafe/torch.bin", "w") as z: z.writestr("archive/data.pkl", pickle.dumps(value))
open("unsafe/model.pkl", "w").write("x")
np.save("safe/numbers.npy", np.arange(3))
save_file({"w": np.ones(3, dtype=np.float32)}, "safe/model.safetensors")
sio.dump(Ridge().fit([[1], [2]], [1, 2]), "safe/model.skops")
json.dump({"classes": ["a"]}, open("safe/labels.json", "w"))
open("safe/predict.py", "w").write("import json\\n")
open("safe/notes.md", "w").write("(dear reader)\\ncopy this\\n")
from skl2onnx import to_onnx
open("safe/model.onnx", "wb").write(to_onnx(Ridge().fit([[1.0], [2.0]], [1, 2]), np.ones((1, 1), dtype=np.float32)).SerializeToString())
`;
  execFileSync(environment.python, ["-c", write], { stdio: "inherit" });
  expect(await scanUnsafeFiles(`${folder.path}/safe`)).toEqual([]);
  const found = (await scanUnsafeFiles(`${folder.path}/unsafe`)).map(({ path }) => path);
  expect(found).toEqual((await readdir(`${folder.path}/unsafe`)).sort());
  expect(found.length).toBe(12);
});
