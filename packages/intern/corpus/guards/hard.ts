// Sessions near the border, written after the guards and against them. What they get wrong here stays in, and is printed.
import {
  answer,
  bash,
  bashFails,
  edit,
  failure,
  fetchPage,
  plan,
  poll,
  python,
  pythonFails,
  read,
  run,
  startJob,
  write,
} from "./calls.ts";
import { loop, type Transcript, times, transcript, work } from "./transcript.ts";

const begin = work(
  plan("Look", "Train"),
  bash("ls", "data\ntrain.py"),
  read("train.py", "import numpy\nfit()\n"),
);
const helper = (i: number): string => `def part_${i}(x):\n    return x * ${i}\n`;
const WORDS = ["clear", "robust", "simple", "careful", "modern", "lean", "solid"];

export const hardLoops: readonly Transcript[] = [
  transcript(
    "the attempt counted aloud",
    begin,
    loop(
      "no_progress",
      20,
      times(20, (i) => bash(`echo attempt ${i} && ls`, `attempt ${i}\ndata\ntrain.py`)),
    ),
  ),
  transcript(
    "a circle of six",
    begin,
    loop(
      "no_progress",
      24,
      times(5, () => times(6, (i) => bash(`cat part_${i}`, `part ${i} of the notes`))),
    ),
  ),
  transcript(
    "a circle of three, one of them reworded each time",
    begin,
    loop(
      "no_progress",
      24,
      times(9, (i) => [
        edit("train.py", `x_${i} = 1`, `x_${i + 1} = 1`),
        bash("python train.py", "accuracy 0.8112"),
        bash("git diff --stat", "train.py | 2 +-"),
      ]),
    ),
  ),
  transcript(
    "longer and longer sleeps, for nothing",
    begin,
    loop(
      "no_progress",
      20,
      times(20, (i) => bash(`sleep ${30 + i}`)),
    ),
  ),
  transcript(
    "one text under new file names",
    begin,
    loop(
      "no_progress",
      20,
      times(20, (i) => write(`train_v${i}.py`, helper(1))),
    ),
  ),
  transcript(
    "a job sent again and again, whose failure is no error of the poll",
    begin,
    loop(
      "repetition",
      14,
      times(6, (i) => [
        startJob({ script: "finetune.py" }),
        poll(`job_a${i}`),
        poll(`job_a${i}`),
        poll(`job_a${i}`, "FAILED", "CUDA out of memory"),
      ]),
    ),
  ),
  transcript(
    "a report polished without end",
    begin,
    loop(
      "no_progress",
      24,
      times(30, (i) =>
        write("REPORT.md", `# Report\nA ${WORDS[i % 7]} and ${WORDS[(i * 3 + 1) % 7]} model, edition ${i}.`),
      ),
    ),
  ),
  transcript(
    "temporary files that were never made",
    begin,
    loop(
      "same_error",
      8,
      times(9, (i) =>
        pythonFails(
          `load("part${i}.bin")`,
          `FileNotFoundError: [Errno 2] No such file or directory: 'part-${helper(i).length}${WORDS[i % 7]}.bin'`,
        ),
      ),
    ),
  ),
  transcript(
    "a page that gives each visitor a number",
    begin,
    loop(
      "repetition",
      5,
      times(8, (i) =>
        fetchPage("https://docs.test/guide", `Guide\nInstall, then run.\nrequest_id: 8f3a9c${i}d2e1b7`),
      ),
    ),
  ),
  transcript(
    "two versions of a package, in turns",
    begin,
    loop(
      "cycle",
      12,
      times(5, () => [
        bash("pip install numpy==1.26", "Successfully installed numpy-1.26"),
        bashFails("python train.py", "ImportError: numpy.core.multiarray failed to import"),
        bash("pip install numpy==2.0", "Successfully installed numpy-2.0"),
        bashFails("python train.py", "AttributeError: np.float_ was removed in NumPy 2.0"),
      ]),
    ),
  ),
  transcript(
    "the same failing script under new names",
    begin,
    loop(
      "same_error",
      10,
      times(7, (i) => [
        write(`try_${i}.py`, helper(i)),
        bashFails(
          `python try_${i}.py`,
          `Traceback (most recent call last):\n  File "try_${i}.py", line ${i + 2}\nValueError: Found array with 0 sample(s) (shape=(0, ${i + 3}))`,
        ),
      ]),
    ),
  ),
  transcript(
    "the best model loaded and looked at, in every way but a new one",
    begin,
    loop(
      "cycle",
      12,
      times(24, (i) =>
        python(
          ["model", "print(model)", "repr(model)", "str(model)"][i % 4] ?? "",
          "LogisticRegression(C=2.0)",
        ),
      ),
    ),
  ),
];

export const hardHonest: readonly Transcript[] = [
  transcript(
    "a quiet job polled, with two looks after each poll",
    work(
      startJob({ script: "train.py" }),
      ...times(15, () => [
        poll("job_7"),
        bash("tail -1 log.txt", "step 0: compiling"),
        bash("nvidia-smi -q", "0 MiB"),
      ]),
    ),
  ),
  transcript(
    "a quiet job polled and looked at in one message",
    work(
      startJob({ script: "train.py" }),
      ...times(15, () => [[poll("job_8"), bash("tail -1 log.txt", "compiling")]]),
    ),
  ),
  transcript(
    "a process in the background watched through the shell, which does not say that it polls",
    work(
      bash("nohup python train.py > log.txt &"),
      ...times(8, () => bash("sleep 60; tail -1 log.txt", "step 0: compiling")),
    ),
  ),
  transcript(
    "a bisection",
    work(
      ...[0, 1, 0, 0, 1, 0].flatMap((passes, i) => [
        bash(`git checkout c${i}f`, `HEAD is now at c${i}f change ${i}`),
        passes === 1
          ? bash("pytest -q tests/test_a.py", "1 passed in 0.2s")
          : bashFails(
              "pytest -q tests/test_a.py",
              "FAILED tests/test_a.py::test_sum - assert 3 == 4\n1 failed in 0.2s",
            ),
      ]),
    ),
  ),
  transcript(
    "fourteen files converted, each answered with ok",
    work(...times(14, (i) => python(`convert("part_${i}.csv")`, "ok"))),
  ),
  transcript(
    "fourteen files converted, all with the same sentence",
    work(...times(14, (i) => python(`convert("part_${i}.csv")`, "wrote one hundred rows"))),
  ),
  transcript(
    "five errors of one type in five places, each mended",
    work(
      ...[
        "could not convert string to float: 'n/a'",
        "Input contains NaN.",
        "y has one class",
        "unknown label type",
        "bad shape",
      ].flatMap((text, i) => [
        run("train.py", { error: `ValueError: ${text}`, code: `c${i}` }),
        edit("train.py", `a ${i}`, helper(i)),
      ]),
      run("train.py", { claimed: { accuracy: 0.8 } }),
    ),
  ),
  transcript(
    "a notebook run again after the interpreter was restarted",
    work(
      ...times(10, (i) => python(`show(${i})`, `figure ${i} drawn`)),
      pythonFails("fit_all()", "MemoryError"),
      ...times(10, (i) => python(`show(${i})`, `figure ${i} drawn`)),
      python("fit_some()", "accuracy 0.77"),
    ),
  ),
  transcript(
    "seven deployments side by side, then each looked at",
    work(
      times(7, (i) => startJob({ script: `part_${i}.py` })),
      ...times(6, () => [times(7, (i) => poll(`job_b${i}`))]),
    ),
  ),
  transcript(
    "an installer that is slow to come up, asked four times with pauses",
    work(
      ...times(4, (i) =>
        bashFails(
          "curl -s localhost:8000/health",
          `curl: (7) Failed to connect: Connection refused ${i > 9 ? i : ""}`,
          7,
        ),
      ),
      bash("curl -s localhost:8000/health", "healthy and ready"),
    ),
  ),
  transcript(
    "models swapped in one line",
    work(
      ...[
        "Ridge",
        "Lasso",
        "ElasticNet",
        "HuberRegressor",
        "SVR",
        "KNeighborsRegressor",
        "BayesianRidge",
      ].flatMap((model) => [
        edit("train.py", "model = X()", `model = ${model}()`),
        run("train.py", { claimed: { rmse: 3.21 }, code: model }),
      ]),
    ),
  ),
  transcript(
    "verification before publishing: everything once more",
    work(
      ...times(6, (i) => read(`src/part_${i}.py`, helper(i))),
      run("train.py", { claimed: { accuracy: 0.9 } }),
      ...times(6, (i) => read(`src/part_${i}.py`, helper(i))),
      bash("pytest -q", "12 passed in 0.4s"),
      answer("publish_model", { run: "run_9" }, '{"repo":"me/model"}'),
    ),
  ),
  transcript(
    "arguments mended at the third try",
    work(
      ...times(3, (i) =>
        failure("propose_contract", { metric: `m${i}` }, "tool/wrong_arguments", "split: expected object"),
      ),
      answer("propose_contract", { metric: "accuracy", split: {} }, '{"version":1}'),
    ),
  ),
];
