// Sessions that repeat themselves for good reasons, or seem to.
import {
  answer,
  bash,
  bashFails,
  edit,
  editMisses,
  evaluate,
  failure,
  now,
  plan,
  poll,
  pollFails,
  python,
  pythonFails,
  read,
  run,
  startJob,
  took,
  write,
} from "./calls.ts";
import { type Transcript, times, transcript, work } from "./transcript.ts";

const LISTING = "data\nrecipes\ntrain.py";
const source = (i: number): string =>
  `import numpy as np\n\n\ndef step_${i}(values):\n    return values * ${i} + ${i * i}\n`;
const failing = (count: number): string =>
  `${times(count, (i) => `FAILED tests/test_${i}.py::test_${i} - AssertionError: assert ${i} == 7`).join("\n")}\n${count} failed, ${12 - count} passed in ${took()}`;

const waiting: readonly Transcript[] = [
  transcript(
    "a job polled forty times while it is RUNNING",
    work(
      startJob({ script: "train.py" }),
      ...times(40, () => poll("job_1")),
      poll("job_1", "COMPLETED", "accuracy 0.91"),
    ),
  ),
  transcript(
    "two jobs polled side by side",
    work(
      [startJob({ script: "a.py" }), startJob({ script: "b.py" })],
      ...times(20, () => [[poll("job_1"), poll("job_2")]]),
    ),
  ),
  transcript(
    "two jobs polled in turn",
    work(
      startJob({ script: "a.py" }),
      startJob({ script: "b.py" }),
      ...times(20, () => [poll("job_1"), poll("job_2")]),
    ),
  ),
  transcript(
    "a job polled, its quiet log read in between",
    work(
      startJob({ script: "train.py" }),
      ...times(20, () => [poll("job_1"), read("logs/job_1.txt", "step 0: compiling")]),
    ),
  ),
  transcript(
    "a job polled, with a word for the person now and then",
    work(
      startJob({ script: "train.py" }),
      ...times(8, (i) => [...times(5, () => poll("job_1")), plan(`Waiting, ${i} hours`, "Evaluate")]),
    ),
  ),
  transcript(
    "a job's losses followed",
    work(
      startJob({ script: "train.py" }),
      ...times(25, (i) => poll("job_1", "RUNNING", `step ${i * 100} loss ${(2 / (i + 1)).toFixed(4)}`)),
    ),
  ),
  transcript(
    "the status service is down for two polls",
    work(
      startJob({ script: "train.py" }),
      ...times(6, () => poll("job_1")),
      ...times(2, () => pollFails("job_1", "503 Service Unavailable")),
      ...times(6, () => poll("job_1")),
    ),
  ),
  transcript(
    "three long trainings that say nothing",
    work(...times(3, (i) => run("pretrain.py", { args: ["--quiet", `--part=${i}`], claimed: {} }))),
  ),
];

const experiments: readonly Transcript[] = [
  transcript(
    "a sweep with near-equal arguments",
    work(
      ...times(20, (i) =>
        run("train.py", {
          args: [`--lr=${(0.01 + i / 1000).toFixed(3)}`],
          claimed: { accuracy: 0.9 + ((i * 7) % 11) / 1000 },
        }),
      ),
    ),
  ),
  transcript(
    "a sweep over a plateau",
    work(...times(16, (i) => run("train.py", { args: [`--depth=${i + 3}`], claimed: { accuracy: 0.9889 } }))),
  ),
  transcript(
    "a sweep on the command line, over a plateau",
    work(...times(16, (i) => bash(`python train.py --l2 ${i / 10}`, `l2 ${i / 10} accuracy 0.9889`))),
  ),
  transcript(
    "seeds 0 to 4 of one script",
    work(...times(5, (seed) => run("train.py", { seed, claimed: { accuracy: 0.95 + seed / 1000 } }))),
  ),
  transcript(
    "seeds that change nothing",
    work(...times(5, (seed) => run("train.py", { seed, claimed: { accuracy: 0.95 } }))),
  ),
  transcript(
    "ten folds",
    work(...times(10, (fold) => bash(`python fold.py ${fold}`, `fold ${fold} rows 179 auc 0.8${fold}`))),
  ),
  transcript(
    "features left out one at a time, the score the same to three digits",
    work(
      ...times(10, (i) => [
        edit("features.py", `"c${i}",`, ""),
        bash("python train.py", "accuracy 0.812"),
        edit("features.py", "[", `["c${i}", `),
      ]),
    ),
  ),
  transcript(
    "train, evaluate, train better",
    work(
      ...times(10, (i) => [
        edit("train.py", `depth=${i}`, `depth=${i + 1}`),
        run("train.py", { claimed: { accuracy: 0.8 + i / 60 }, code: `c${i}` }),
        evaluate(`run_${i}`, 0.8 + i / 61, 20 - i),
      ]),
    ),
  ),
  transcript(
    "eight candidates, none distinguishable from the best",
    work(
      ...times(8, (i) => [
        write(`candidate_${i}.py`, source(i)),
        run(`candidate_${i}.py`, { claimed: { accuracy: 0.97 } }),
        evaluate(`run_${i}`, 0.9714, 20 - i),
      ]),
    ),
  ),
  transcript(
    "one change, found worse, taken back, and on",
    work(
      edit("train.py", "C=1.0", "C=9.0"),
      run("train.py", { claimed: { accuracy: 0.7 } }),
      edit("train.py", "C=9.0", "C=1.0"),
      run("train.py", { claimed: { accuracy: 0.8 } }),
      edit("train.py", "C=1.0", "C=0.5"),
      run("train.py", { claimed: { accuracy: 0.82 } }),
    ),
  ),
  transcript(
    "a measurement taken twice to see its noise",
    work(
      ...times(4, (i) => [
        bash(`python time.py ${i}`, `${i}: 120 rows/s`),
        bash(`python time.py ${i}`, `${i}: 120 rows/s`),
      ]),
    ),
  ),
  transcript(
    "the last batch that fits, from above",
    work(
      ...[64, 32, 16].map((size) =>
        bashFails(
          `python finetune.py --batch ${size}`,
          `torch.OutOfMemoryError: CUDA out of memory. Tried to allocate ${size / 8}.00 GiB.`,
        ),
      ),
      bash("python finetune.py --batch 8", "step 100 loss 1.92"),
    ),
  ),
];

const repairs: readonly Transcript[] = [
  transcript(
    "tests after each edit, one fewer failing each time",
    work(
      ...times(6, (i) => [
        edit("lib.py", source(i), source(i + 1)),
        i < 5 ? bashFails("pytest -q", failing(5 - i)) : bash("pytest -q", "12 passed in 0.31s"),
      ]),
    ),
  ),
  transcript(
    "one failing test, three edits until it passes",
    work(
      ...times(3, (i) => [
        edit("lib.py", source(i), source(i + 1)),
        bashFails(
          "pytest -q",
          `FAILED tests/test_a.py::test_mean - AssertionError: assert 3 == 4\n1 failed in ${took()}`,
        ),
      ]),
      edit("lib.py", "mean", "median"),
      bash("pytest -q", "1 passed"),
    ),
  ),
  transcript(
    "tests that pass after every one of ten edits",
    work(
      ...times(10, (i) => [
        edit("lib.py", source(i), source(i + 1)),
        bash("pytest -q", `12 passed in ${took()}`),
      ]),
    ),
  ),
  transcript(
    "packages found missing one after the other",
    work(
      ...["numpy", "pandas", "sklearn", "lightgbm", "optuna"].flatMap((name) => [
        bashFails("python train.py", `ModuleNotFoundError: No module named '${name}'`),
        bash(`pip install ${name}`, `Successfully installed ${name}-1.0`),
      ]),
      bash("python train.py", "accuracy 0.81"),
    ),
  ),
  transcript(
    "four different errors, each mended",
    work(
      ...[
        "KeyError: 'age'",
        "ValueError: Input X contains NaN.",
        "TypeError: fit() missing 1 required positional argument: 'y'",
        "IndexError: index 12 is out of bounds",
      ].flatMap((error, i) => [
        run("train.py", { error, code: `c${i}` }),
        edit("train.py", `mend ${i}`, `mended ${error}`),
      ]),
      run("train.py", { claimed: { accuracy: 0.77 } }),
    ),
  ),
  transcript(
    "one error, three real attempts, then solved",
    work(
      ...times(3, (i) => [
        read(`docs/page_${i}.md`, `How padding works, part ${i}`),
        edit("net.py", source(i), source(i + 7)),
        bashFails(
          "python net.py",
          "RuntimeError: mat1 and mat2 shapes cannot be multiplied (32x512 and 64x10)",
        ),
      ]),
      edit("net.py", "Linear(64", "Linear(512"),
      bash("python net.py", "loss 0.41"),
    ),
  ),
  transcript(
    "lint after each of six files, a fault in every one",
    work(
      ...times(6, (i) => [
        write(`m_${i}.py`, source(i)),
        bashFails("ruff check .", `m_${i}.py:1:8: F401 'numpy' imported but unused\nFound 1 error.`),
        edit(`m_${i}.py`, "import numpy as np\n", ""),
        bash("ruff check .", "All checks passed!"),
      ]),
    ),
  ),
  transcript(
    "an edit that misses now and then, found after a look",
    work(
      ...times(5, (i) => [
        editMisses(`part_${i}.py`, `old ${i}`),
        read(`part_${i}.py`, source(i)),
        edit(`part_${i}.py`, source(i), source(i + 1)),
      ]),
    ),
  ),
  transcript(
    "the same mistake in five places far apart",
    work(
      ...times(5, (i) => [
        pythonFails(`tables[${i}]["label"]`, "KeyError: 'label'"),
        ...times(24, (k) => write(`part_${i}_${k}.py`, source(i * 31 + k))),
      ]),
    ),
  ),
  transcript(
    "a download retried twice",
    work(
      ...times(2, () =>
        bashFails(
          "python fetch.py",
          "requests.exceptions.ConnectionError: HTTPSConnectionPool: Max retries exceeded",
        ),
      ),
      bash("python fetch.py", "1,204 rows"),
    ),
  ),
  transcript(
    "a download retried three times, longer apart each time",
    work(
      ...times(3, (i) =>
        bashFails(
          `sleep ${5 * 3 ** i} && curl -sf http://mirror.test/a.bin`,
          "curl: (28) Operation timed out",
          28,
        ),
      ),
      bash("sleep 135 && curl -sf http://mirror.test/a.bin", "ok"),
    ),
  ),
  transcript(
    "publishing, refused twice by a busy hub",
    work(
      ...times(2, () =>
        failure(
          "publish_model",
          { run: "run_8", summary: "s" },
          "publish/failed",
          "The hub answered 503 Service Unavailable.",
        ),
      ),
      answer("publish_model", { run: "run_8", summary: "s" }, '{"repo":"me/model"}'),
    ),
  ),
  transcript(
    "a call made again after a stop",
    work(
      failure(
        "bash",
        { command: "make" },
        "tool/interrupted",
        "ml-intern was stopped while this call was running.",
      ),
      bash("make", "built"),
      bash("make", "built"),
    ),
  ),
  transcript(
    "a flaky test run three times, with three outcomes",
    work(
      bashFails("pytest -q", failing(2)),
      bashFails("pytest -q", failing(1)),
      bash("pytest -q", "12 passed"),
    ),
  ),
  transcript(
    "eight paths guessed in one message, then looked up",
    work(
      times(8, (i) =>
        failure(
          "read",
          { path: `src/part_${i}.py` },
          "read/not_found",
          `There is no file src/part_${i}.py in the workspace.`,
        ),
      ),
      bash("find . -name 'part_*'", "./lib/part_0.py"),
      read("lib/part_0.py", source(0)),
    ),
  ),
];

const reading: readonly Transcript[] = [
  transcript("thirty files read in a row", work(...times(30, (i) => read(`src/part_${i}.py`, source(i))))),
  transcript(
    "a long file paged through",
    work(
      ...times(20, (i) =>
        answer(
          "read",
          { path: "log.txt", offset: 1 + i * 100, limit: 100 },
          times(5, (k) => `${i * 100 + k}  event ${i * 31 + k}`).join("\n"),
        ),
      ),
    ),
  ),
  transcript(
    "eight files read again after the context was compacted",
    work(
      ...times(8, (i) => read(`src/part_${i}.py`, source(i))),
      write("train.py", source(40)),
      ...times(8, (i) => read(`src/part_${i}.py`, source(i))),
      run("train.py", { claimed: { accuracy: 0.7 } }),
    ),
  ),
  transcript(
    "the same ls at distant times",
    work(
      ...times(8, (i) => [
        bash("ls", LISTING),
        ...times(5, (k) => edit("train.py", source(i * 9 + k), source(i * 9 + k + 1))),
      ]),
    ),
  ),
  transcript(
    "git status between the edits",
    work(
      ...times(8, (i) => [edit("train.py", source(i), source(i + 1)), bash("git status -s", " M train.py")]),
    ),
  ),
  transcript(
    "two files compared, twice over",
    work(
      read("a.py", source(1)),
      read("b.py", source(2)),
      read("a.py", source(1)),
      read("b.py", source(2)),
      write("c.py", source(3)),
    ),
  ),
  transcript(
    "looked twice to be sure",
    work(
      bash("ls out", "model.onnx"),
      bash("ls out", "model.onnx"),
      run("check.py", { claimed: { accuracy: 0.9 } }),
    ),
  ),
  transcript(
    "where am I: the first look around",
    work(
      bash("pwd", "/workspace"),
      bash("ls", LISTING),
      bash("python --version", "Python 3.11.7"),
      bash("nproc", "2"),
      bash("free -g", "Mem: 24"),
      bash("df -h /", "/dev/vda1 40G"),
      bash("nvidia-smi", "no devices were found"),
      bash("git log -3", "1f3a first"),
    ),
  ),
  transcript(
    "the GPU looked at between the trainings",
    work(
      ...times(8, (i) => [
        bash("nvidia-smi --query-gpu=memory.used --format=csv", "0 MiB"),
        run("train.py", { args: [`--width=${i}`], claimed: { loss: 1 / (i + 1) } }),
      ]),
    ),
  ),
  transcript(
    "an exploration of the data",
    work(...times(18, (i) => python(`frame["c${i}"].describe()`, `count 1797\nmean ${i}.31\nstd ${i}.07`))),
  ),
];

const making: readonly Transcript[] = [
  transcript(
    "fourteen cells that say nothing",
    work(...times(14, (i) => python(`feature_${i} = frame["c${i}"].fillna(${i})`))),
  ),
  transcript(
    "fourteen commands that say nothing",
    work(...times(14, (i) => bash(`cp data/part_${i}.csv work/part_${i}.csv`))),
  ),
  transcript(
    "twelve files written in a row",
    work(...times(12, (i) => write(`pkg/part_${i}.py`, source(i)))),
  ),
  transcript(
    "an empty __init__.py in eight folders",
    work(...times(8, (i) => write(`pkg/part_${i}/__init__.py`, "")), write("pkg/main.py", source(1))),
  ),
  transcript(
    "ten columns cleaned, twelve rows dropped each",
    work(...times(10, (i) => python(`frame = clean(frame, "c${i}")`, `c${i}: dropped 12 rows`))),
  ),
  transcript(
    "a plan kept up to date, a step at a time",
    work(
      ...times(10, (i) => [
        plan(`Step ${i}`, "Publish"),
        bash(`python step.py ${i}`, `step ${i} done at ${now()}`),
      ]),
    ),
  ),
  transcript(
    "three hundred steps of everything",
    work(
      ...times(75, (i) => [
        edit("train.py", source(i), source(i + 1)),
        i % 6 === 5
          ? run("train.py", { error: `KeyError: 'c${i}'`, code: `c${i}` })
          : run("train.py", { claimed: { accuracy: 0.5 + i / 200 }, code: `c${i}` }),
        i % 3 === 0 ? bash("ls", LISTING) : read(`notes_${i}.md`, `note ${i}`),
        i % 5 === 0 ? plan(`Round ${i}`, "Publish") : evaluate(`run_${i}`, 0.5 + i / 201, 100 - i),
      ]),
    ),
  ),
];

export const honest: readonly Transcript[] = [...waiting, ...experiments, ...repairs, ...reading, ...making];
