import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { provisionEnvironment } from "../environments/provision-environment.ts";
import { openSandbox } from "../sandbox/open-sandbox.ts";
import { type TemporaryFolder, temporaryFolder } from "../testing/temporary-folder.ts";
import { testHome } from "../testing/test-home.ts";
import {
  type CheckedCalls,
  checkCalls,
  describeInstalled,
  documentInstalled,
  type InstalledApiOptions,
} from "./installed-api.ts";

let folder: TemporaryFolder;
let options: InstalledApiOptions;

beforeAll(async () => {
  folder = await temporaryFolder();
  const environment = await provisionEnvironment({ name: "base", home: testHome });
  const { readOnlyPaths } = environment;
  const workspace = `${folder.path}/workspace`;
  const sandbox = await openSandbox({ workspace, readOnlyPaths, home: folder.path, mode: "auto" });
  options = { sandbox, environment, signal: new AbortController().signal };
}, 300_000);

afterAll(async () => {
  await options.sandbox[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

describe("names", () => {
  it("are told with signature, docstring and version as they are installed", async () => {
    const [forest, fit, module] = await describeInstalled(
      [
        "sklearn.ensemble.RandomForestClassifier",
        "sklearn.ensemble.RandomForestClassifier.fit",
        "sklearn.svm",
      ],
      options,
    );
    const version = options.environment.packages.find(({ name }) => name === "scikit-learn")?.version;
    expect(forest).toMatchObject({
      kind: "class",
      package: "scikit-learn",
      version,
      signature: expect.stringMatching(/^RandomForestClassifier\(n_estimators=100, \*, criterion='gini'/),
      doc: expect.stringContaining("random forest"),
    });
    expect(fit).toMatchObject({ kind: "function", signature: "fit(self, X, y, sample_weight=None)" });
    expect(module).toMatchObject({ kind: "module", members: expect.arrayContaining(["SVC"]) });
  });

  it("that are not there are told with what is near, as far as they could be followed", async () => {
    const said = await describeInstalled(
      [
        "sklearn.ensemble.RandomForestClasifier",
        "sklearn.linear_model.Ridge.fitt",
        "skleran.svm",
        "tensorflow",
      ],
      options,
    );
    expect(said).toEqual([
      {
        name: "sklearn.ensemble.RandomForestClasifier",
        kind: "missing",
        problem: "sklearn.ensemble has no RandomForestClasifier.",
        near: expect.arrayContaining(["sklearn.ensemble.RandomForestClassifier"]),
      },
      expect.objectContaining({ near: ["sklearn.linear_model.Ridge.fit"] }),
      expect.objectContaining({ problem: "No module named skleran is installed.", near: ["sklearn"] }),
      expect.objectContaining({ kind: "missing", problem: "No module named tensorflow is installed." }),
    ]);
  });

  it("of the standard library and values are told too", async () => {
    const [dumps, pi] = await describeInstalled(["json.dumps", "math.pi"], options);
    expect(dumps).toMatchObject({ package: "python", signature: expect.stringContaining("indent=None") });
    expect(pi).toMatchObject({ kind: "value", value: expect.stringMatching(/^3\.14/) });
  });
});

async function check(code: string, path = "code.py"): Promise<CheckedCalls> {
  const [checked] = await checkCalls([{ path, code }], options);
  if (checked === undefined) throw new Error("a file has an answer");
  return checked;
}

describe("calls in code", () => {
  it("with a wrong word, too much or too little are found at their line", async () => {
    const code = [
      "import numpy as np",
      "from sklearn.ensemble import RandomForestClassifier",
      "from sklearn.model_selection import train_test_splitt",
      "model = RandomForestClassifier(n_estimator=10)",
      "model.fit(X, y, weights=w)",
      "model.predict()",
      "np.argmaxx(a)",
      "np.linalg.norm(a, 2, 0, True, 5)",
    ].join("\n");
    const { problems, calls } = await check(code);
    expect(problems.map(({ line, problem }) => `${line}: ${problem}`)).toEqual([
      "3: sklearn.model_selection has no train_test_splitt.",
      "4: sklearn.ensemble.RandomForestClassifier has no parameter n_estimator.",
      "5: RandomForestClassifier.fit has no parameter weights.",
      "6: RandomForestClassifier.predict needs X.",
      "7: numpy has no argmaxx.",
      "8: numpy.linalg.norm takes at most 4 arguments by position, not 5.",
    ]);
    expect(problems[1]?.near).toEqual(["n_estimators"]);
    expect(calls).toBe(4);
  });

  it("that are right, or not certain, are not spoken of", async () => {
    const code = [
      "import os, json",
      "import pandas as pd",
      "from sklearn.pipeline import make_pipeline",
      "from sklearn.linear_model import LogisticRegression",
      "from sklearn.preprocessing import StandardScaler",
      "frame = pd.read_csv(os.environ['DATA_DIR'] + '/train.csv')",
      "model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))",
      "model.fit(frame, y, anything=1)",
      "def run(model, json):",
      "    model.whatever(z=3)",
      "    json.dumps(1, nothing=2)",
      "arguments = {'C': 1.0}",
      "LogisticRegression(**arguments)",
      "try:",
      "    import torch",
      "except ImportError:",
      "    torch = None",
      "def later():",
      "    from image_features import read",
      "    read(1)",
    ].join("\n");
    expect((await check(code)).problems).toEqual([]);
  });

  it("to modules of the workspace are not judged, and those modules are not run", async () => {
    const { hostWorkspace } = options.sandbox;
    await mkdir(join(hostWorkspace, "recipes"));
    await writeFile(join(hostWorkspace, "recipes", "features.py"), "open('ran', 'w')\n");
    await writeFile(join(hostWorkspace, "json.py"), "open('ran', 'w')\n");
    const code = "import json\nfrom features import build\nbuild(1)\nfrom sklearn.svm import SVC\nSVC(c=1)\n";
    const { problems } = await check(code, "recipes/train.py");
    expect(problems).toMatchObject([{ line: 5, near: ["C"] }]);
    expect(await readdir(hostWorkspace)).not.toContain("ran");
  });

  it("that do not parse are told as such; code is never run", async () => {
    expect((await check("def f(:\n")).problems[0]).toMatchObject({
      line: 1,
      problem: expect.stringContaining("SyntaxError"),
    });
    expect((await check("open('ran', 'w')\n1/0")).problems).toEqual([]);
  });
});

it("a package tells its documentation by modules, each thing once", async () => {
  const { package: name, version, pages } = await documentInstalled("skops", options);
  expect({ name, version }).toEqual({ name: "skops", version: expect.stringMatching(/^\d/) });
  const entries = pages.flatMap(({ entries }) => entries);
  const dumps = entries.filter(({ name }) => name.endsWith(".dumps"));
  expect(dumps).toEqual([
    expect.objectContaining({
      name: "skops.io.dumps",
      kind: "function",
      signature: expect.stringContaining("compression"),
    }),
  ]);
  const home = await documentInstalled("sklearn", options);
  const names = home.pages.flatMap(({ entries }) => entries.map(({ name }) => name));
  expect(names.filter((name) => name.endsWith(".check_cv"))).toEqual(["sklearn.model_selection.check_cv"]);
  expect(names.length).toBeGreaterThan(500);
  expect(pages.every(({ module }) => !module.includes("tests"))).toBe(true);
});
