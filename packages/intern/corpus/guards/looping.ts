// Sessions that go round in circles.
import {
  answer,
  bash,
  bashFails,
  edit,
  editMisses,
  evaluate,
  failure,
  fetchPage,
  now,
  pid,
  plan,
  poll,
  pollFails,
  python,
  pythonFails,
  read,
  run,
  search,
  startJob,
  took,
  write,
  wrongArguments,
} from "./calls.ts";
import { loop, type Transcript, times, transcript, work } from "./transcript.ts";

const LISTING = "data\nrecipes\ntrain.py";
const TRAIN = `import pandas as pd
from sklearn.linear_model import LogisticRegression

frame = pd.read_csv("data/train.csv")
target = frame.pop("label")
model = LogisticRegression(C=1.0)
model.fit(frame, target)
print("accuracy", model.score(frame, target))
`;

const begin = work(
  plan("Look at the data", "Train a baseline"),
  bash("ls", LISTING),
  read("train.py", TRAIN),
  write("train.py", TRAIN.replace("C=1.0", "C=2.0")),
);

const exactRepetition: readonly Transcript[] = [
  transcript(
    "the same ls, again and again",
    begin,
    loop(
      "repetition",
      5,
      times(9, () => bash("ls -la data", "train.csv\nvalidation.csv")),
    ),
  ),
  transcript(
    "a status command whose answer has a clock in it",
    begin,
    loop(
      "repetition",
      4,
      times(8, () => bash("make status", `[${now()}] nothing to be done (checked in ${took()})`)),
    ),
  ),
  transcript(
    "the same arguments, their keys in another order",
    begin,
    loop(
      "repetition",
      4,
      times(8, (i) =>
        answer(
          "read",
          i % 2 === 0
            ? { path: "notes.md", offset: 1, limit: 20 }
            : { limit: 20, offset: 1, path: "notes.md" },
          "     1  nothing yet",
        ),
      ),
    ),
  ),
  transcript(
    "the same command with other white space",
    begin,
    loop(
      "repetition",
      4,
      ["pytest -q", "pytest  -q", " pytest -q", "pytest -q ", "pytest\t-q", "pytest -q"].map((command) =>
        bash(command, "no tests ran in 0.01s"),
      ),
    ),
  ),
  transcript(
    "failing tests run again without a change",
    begin,
    loop(
      "repetition",
      5,
      times(8, () =>
        bashFails(
          "pytest -q",
          `F.....\nFAILED tests/test_train.py::test_score - AssertionError: assert 0.5 > 0.7\n1 failed, 5 passed in ${took()}`,
        ),
      ),
    ),
  ),
  transcript(
    "a crash with another pid, address and temporary folder each time",
    begin,
    loop(
      "repetition",
      5,
      times(8, () =>
        bashFails(
          "python train.py",
          `worker ${pid()}: <Loader object at 0x7f3a${pid().toString(16)}> in /tmp/tmp${pid().toString(36)}x\nSegmentation fault (core dumped)`,
          139,
        ),
      ),
    ),
  ),
  transcript(
    "a training that ends the same, with a progress bar",
    begin,
    loop(
      "repetition",
      5,
      times(7, (i) =>
        bash(
          "python train.py",
          `epoch 1:  ${20 + i}%|██        | ${20 + i}/100 [00:0${i}<00:03, ${11 + i}.3it/s]\repoch 1: 100%|██████████| 100/100 [00:0${i + 1}<00:00, ${21 + i}.1it/s]\naccuracy 0.8112`,
        ),
      ),
    ),
  ),
  transcript(
    "a file written again with what it holds",
    begin,
    loop(
      "repetition",
      5,
      times(7, () => write("train.py", TRAIN.replace("C=1.0", "C=3.0"))),
    ),
  ),
  transcript(
    "the same script and seed under new run ids",
    begin,
    loop(
      "repetition",
      5,
      times(7, () => run("train.py", { claimed: { accuracy: 0.8112 } })),
    ),
  ),
  transcript(
    "the same page fetched again",
    begin,
    loop(
      "repetition",
      5,
      times(6, () =>
        fetchPage(
          "https://huggingface.co/docs/trl/sft_trainer",
          `SFT Trainer\nTrains a model on text.\nfetched at ${now()}`,
        ),
      ),
    ),
  ),
  transcript(
    "the same first lines of a long file",
    begin,
    loop(
      "repetition",
      5,
      times(6, () =>
        answer(
          "read",
          { path: "log.txt", offset: 1, limit: 3 },
          "     1  start\n     2  loading\n     3  loaded",
        ),
      ),
    ),
  ),
  transcript(
    "one run evaluated until the queries are gone",
    begin,
    work(run("train.py", { claimed: { accuracy: 0.8 } })),
    loop(
      "repetition",
      5,
      times(8, (i) => evaluate("run_3", 0.8123, 20 - i)),
    ),
  ),
  transcript(
    "a server that is down, asked without end",
    begin,
    loop(
      "repetition",
      7,
      times(12, () =>
        bashFails(
          "curl -sf http://mirror.test/weights.bin",
          "curl: (7) Failed to connect to mirror.test port 80: Connection refused",
          7,
        ),
      ),
    ),
  ),
  transcript(
    "the identical plan sent again",
    begin,
    loop(
      "repetition",
      5,
      times(7, () => plan("Train a better model", "Publish")),
    ),
  ),
  transcript(
    "the same malformed call",
    begin,
    loop(
      "repetition",
      5,
      times(7, () =>
        wrongArguments(
          "start_run",
          { script: "train.py" },
          "name: Invalid input: expected string, received undefined",
        ),
      ),
    ),
  ),
  transcript(
    "three identical calls in every message",
    begin,
    loop(
      "repetition",
      3,
      times(5, () => [times(3, () => bash("cat requirements.txt", "pandas\nscikit-learn"))]),
    ),
  ),
  transcript(
    "a loop late in an honest session",
    begin,
    work(
      ...times(25, (i) => [
        write(`features_${i}.py`, `def feature_${i}(frame):\n    return frame["c${i}"] ** ${i}\n`),
        run("train.py", { claimed: { accuracy: 0.7 + i / 100 } }),
      ]),
    ),
    loop(
      "repetition",
      5,
      times(6, () => bash("cat results.csv", "name,accuracy\nbest,0.94")),
    ),
  ),
  transcript(
    "out of the loop and, much later, into another",
    begin,
    loop(
      "repetition",
      4,
      times(4, () => bash("ls models", "baseline")),
    ),
    work(
      ...times(6, (i) => run("train.py", { args: [`--depth=${i}`], claimed: { accuracy: 0.8 + i / 50 } })),
    ),
    loop(
      "repetition",
      4,
      times(4, () => bash("ls models", "baseline")),
    ),
  ),
];

const swap = (from: string, to: string) => edit("train.py", `C=${from}`, `C=${to}`);
const same = (accuracy: number) =>
  run("train.py", { claimed: { accuracy }, code: String(accuracy).replace("0.", "") });

const cycles: readonly Transcript[] = [
  transcript(
    "two: read and list",
    begin,
    loop(
      "cycle",
      8,
      times(7, () => [read("train.py", TRAIN), bash("ls data", "train.csv")]),
    ),
  ),
  transcript(
    "two: write and fail",
    begin,
    loop(
      "cycle",
      8,
      times(6, () => [
        write("fit.py", "import lightgbm\n"),
        bashFails(
          "python fit.py",
          "Traceback (most recent call last):\n  File \"fit.py\", line 1, in <module>\nModuleNotFoundError: No module named 'lightgbm'",
        ),
      ]),
    ),
  ),
  transcript(
    "two: answers with a clock",
    begin,
    loop(
      "cycle",
      8,
      times(6, () => [
        bash("date && git status", `${now()}\nnothing to commit, working tree clean`),
        bash("git log -1", "commit 1f3a\nfirst"),
      ]),
    ),
  ),
  transcript(
    "two: commit nothing",
    begin,
    loop(
      "cycle",
      8,
      times(5, () => [
        bash("git add -A"),
        bashFails("git commit -m wip", "On branch main\nnothing to commit, working tree clean"),
      ]),
    ),
  ),
  transcript(
    "two: install and import",
    begin,
    loop(
      "cycle",
      8,
      times(6, () => [
        bash(
          "pip install xgboost",
          `Requirement already satisfied: xgboost in /usr/lib/python3\nTook ${took()}`,
        ),
        bashFails("python3.12 -c 'import xgboost'", "ModuleNotFoundError: No module named 'xgboost'"),
      ]),
    ),
  ),
  transcript(
    "three: read, miss an edit, list",
    begin,
    loop(
      "cycle",
      9,
      times(5, () => [read("train.py", TRAIN), editMisses("train.py", "modle.fit"), bash("ls", LISTING)]),
    ),
  ),
  transcript(
    "three: calls that come in one message",
    begin,
    loop(
      "cycle",
      4,
      times(5, () => [[read("train.py", TRAIN), read("data/schema.json", "{}"), bash("nproc", "2")]]),
    ),
  ),
  transcript(
    "three: search, open, search again",
    begin,
    loop(
      "cycle",
      9,
      times(4, () => [
        search("lightgbm categorical features", "LightGBM parameters", "Advanced topics"),
        fetchPage("https://lightgbm.test/params", "categorical_feature: indices"),
        fetchPage("https://lightgbm.test/faq", "Q: Why is it slow?"),
      ]),
    ),
  ),
  transcript(
    "four: an edit, its undoing, and a run after each",
    begin,
    loop(
      "cycle",
      11,
      times(5, () => [swap("1.0", "0.1"), same(0.8112), swap("0.1", "1.0"), same(0.8209)]),
    ),
  ),
  transcript(
    "four: one file swung between two texts",
    begin,
    loop(
      "cycle",
      11,
      times(4, () => [
        write("config.json", '{"depth":3}'),
        same(0.71),
        write("config.json", '{"depth":4}'),
        same(0.72),
      ]),
    ),
  ),
  transcript(
    "four: the runs take turns",
    begin,
    loop(
      "cycle",
      11,
      times(4, (i) => [
        run("a.py", { claimed: { f1: 0.5 } }),
        evaluate("run_1", 0.5, 20 - 2 * i),
        run("b.py", { claimed: { f1: 0.6 } }),
        evaluate("run_2", 0.6, 19 - 2 * i),
      ]),
    ),
  ),
  transcript(
    "five: look everywhere, in the same order",
    begin,
    loop(
      "cycle",
      13,
      times(4, () => [
        bash("ls", LISTING),
        bash("ls data", "train.csv"),
        read("train.py", TRAIN),
        bash("nvidia-smi -L", "GPU 0: A10G"),
        bash("df -h /", "/dev/vda1  40G  12G"),
      ]),
    ),
  ),
  transcript(
    "five: clean up and rebuild",
    begin,
    loop(
      "cycle",
      13,
      times(4, () => [
        bash("rm -rf out"),
        bash("mkdir out"),
        write("out/config.yaml", "lr: 0.1"),
        bash("python build.py", `built in ${took()}`),
        bashFails("python check.py", "AssertionError: no labels in out"),
      ]),
    ),
  ),
];

const CODE = ["frame", "table", "data", "rows", "dataset", "df", "samples", "records"];
const renamed = (name: string): string => TRAIN.replaceAll("frame", name);

const sameErrors: readonly Transcript[] = [
  transcript(
    "one missing file under five spellings of its path",
    begin,
    loop(
      "same_error",
      6,
      [
        "data/test.csv",
        "./data/test.csv",
        "/workspace/data/test.csv",
        "data//test.csv",
        "../workspace/data/test.csv",
        "~/data/test.csv",
      ].map((path) =>
        pythonFails(
          `pd.read_csv("${path}")`,
          `FileNotFoundError: [Errno 2] No such file or directory: '${path}'`,
        ),
      ),
    ),
  ),
  transcript(
    "one missing file through five tools",
    begin,
    loop("same_error", 6, [
      bashFails("cat labels.csv", "cat: labels.csv: No such file or directory"),
      bashFails(
        "head -3 labels.csv",
        "head: cannot open 'labels.csv' for reading: No such file or directory",
      ),
      failure(
        "read",
        { path: "labels.csv" },
        "read/not_found",
        "There is no file labels.csv in the workspace.",
      ),
      pythonFails(
        "open('labels.csv')",
        "FileNotFoundError: [Errno 2] No such file or directory: 'labels.csv'",
      ),
      bashFails("wc -l ./labels.csv", "wc: ./labels.csv: No such file or directory"),
      run("labels.py", { error: "FileNotFoundError: [Errno 2] No such file or directory: 'labels.csv'" }),
    ]),
  ),
  transcript(
    "guessing the column's name by its case",
    begin,
    loop(
      "same_error",
      6,
      ["Target", "target", "TARGET", " target", "Target ", "tArget"].map((column) =>
        pythonFails(`frame["${column}"].mean()`, `KeyError: '${column}'`),
      ),
    ),
  ),
  transcript(
    "five edits, one shape error",
    begin,
    loop(
      "same_error",
      12,
      times(6, (i) => [
        edit("net.py", `Linear(${64 + i}, 10)`, `Linear(${65 + i}, 10)`),
        bashFails(
          "python net.py",
          `Traceback (most recent call last):\n  File "/workspace/net.py", line ${20 + i}, in forward\nRuntimeError: mat1 and mat2 shapes cannot be multiplied (32x${512 + i} and ${65 + i}x10)`,
        ),
      ]),
    ),
  ),
  transcript(
    "out of memory, with everything changed but the memory",
    begin,
    loop(
      "same_error",
      7,
      ["--lr 0.1", "--lr 0.01", "--epochs 1", "--seed 1", "--seed 2", "--warmup 10", "--no-shuffle"].map(
        (option, i) =>
          bashFails(
            `python finetune.py ${option}`,
            `torch.OutOfMemoryError: CUDA out of memory. Tried to allocate ${2 + i}.00 GiB. GPU 0 has a total capacity of 22.06 GiB of which ${900 - i * 7}.00 MiB is free.`,
          ),
      ),
    ),
  ),
  transcript(
    "passages that are not in the file",
    begin,
    loop(
      "same_error",
      6,
      [
        "model.fit(X, y)",
        "model.fit(x, y)",
        "model.fit( X, y )",
        "clf.fit(X, y)",
        "model .fit(X, y)",
        "model.fit(X,y)",
      ].map((old) => editMisses("train.py", old)),
    ),
  ),
  transcript(
    "arguments that never fit the schema",
    begin,
    loop(
      "same_error",
      6,
      [
        { steps: "look" },
        { steps: { title: "look" } },
        { plan: ["look"] },
        { steps: null },
        { steps: 3 },
        {},
      ].map((input) => wrongArguments("plan", input, "steps: Invalid input: expected array")),
    ),
  ),
  transcript(
    "tools that do not exist",
    begin,
    loop(
      "same_error",
      7,
      ["shell", "execute", "terminal", "run_command", "sh", "exec", "cmd"].map((name) =>
        failure(name, { command: "ls" }, "tool/unknown", `There is no tool ${name}.`),
      ),
    ),
  ),
  transcript(
    "a file too long for one answer, each time in full",
    begin,
    loop(
      "same_error",
      6,
      times(6, (i) =>
        failure(
          "write",
          { path: "data.py", content: `ROWS = [${"1, ".repeat(50 + i)}` },
          "tool/cut_off",
          "The call was cut off by the output limit and was not executed.",
          "write",
        ),
      ),
    ),
  ),
  transcript(
    "a name that is undefined under every name",
    begin,
    loop(
      "same_error",
      16,
      CODE.flatMap((name) => [
        write("train.py", renamed(name).replace(`${name} = `, "")),
        bashFails(
          "python train.py",
          `Traceback (most recent call last):\n  File "train.py", line 4, in <module>\nNameError: name '${name}' is not defined`,
        ),
      ]),
    ),
  ),
  transcript(
    "a package that does not build, with other flags",
    begin,
    loop(
      "same_error",
      6,
      ["", "--no-cache-dir", "--no-build-isolation", "--upgrade", "-v", "--user"].map((flag) =>
        bashFails(
          `pip install flash-attn ${flag}`,
          `Collecting flash-attn\n  Downloading flash_attn-2.8.${pid() % 9}.tar.gz (8.4 MB)\nerror: subprocess-exited-with-error\nERROR: Failed building wheel for flash-attn`,
        ),
      ),
    ),
  ),
  transcript(
    "a run that fails the same under other seeds",
    begin,
    loop(
      "same_error",
      6,
      times(6, (seed) =>
        run("train.py", { seed, error: "ValueError: could not convert string to float: 'n/a'" }),
      ),
    ),
  ),
  transcript(
    "a job sent again as it was, failing the same",
    begin,
    loop(
      "same_error",
      20,
      times(6, (i) => [
        startJob({ script: "finetune.py", hardware: "a10g-small" }),
        poll(`job_${i}`),
        poll(`job_${i}`),
        pollFails(`job_${i}`, `The job job_${i} failed: ValueError: tokenizer has no pad token`),
      ]),
    ),
  ),
  transcript(
    "two errors that take turns",
    begin,
    loop(
      "same_error",
      16,
      times(6, (i) => [
        edit("train.py", `dtype=${i}`, "dtype=float32"),
        bashFails("python train.py", "RuntimeError: expected scalar type Half but found Float"),
        edit("train.py", "dtype=float32", `dtype=${i + 1}`),
        bashFails("python train.py", "TypeError: dtype must be torch.dtype, not int"),
      ]),
    ),
  ),
  transcript(
    "epochs of random losses, and always a crash at the end",
    begin,
    loop(
      "same_error",
      10,
      times(6, (i) => [
        edit("train.py", `# try ${i}`, `# try ${i + 1}`),
        bashFails(
          "python train.py",
          `epoch 1 loss ${(0.9 - i / 37).toFixed(4)}\nepoch 2 loss ${(0.7 - i / 41).toFixed(4)}\nTraceback (most recent call last):\n  File "train.py", line 88, in <module>\nAttributeError: 'Trainer' object has no attribute 'save_to'`,
        ),
      ]),
    ),
  ),
];

const FLAGS = ["", "-l", "-a", "-la", "-1", "-R", "-lh", "-t", "-S", "-F"];

const noProgress: readonly Transcript[] = [
  transcript(
    "every flag of ls, then from the start",
    begin,
    loop(
      "no_progress",
      26,
      times(30, (i) =>
        bash(
          `ls ${FLAGS[i % 10]} ${i % 3 === 0 ? "." : "data"}`,
          i % 3 === 0 ? LISTING : "train.csv\nvalidation.csv",
        ),
      ),
    ),
  ),
  transcript(
    "three files read by every means",
    begin,
    loop(
      "no_progress",
      24,
      times(30, (i) => {
        const [path, text] = (
          [
            ["train.py", TRAIN],
            ["README.md", "# Task\nClassify."],
            ["data/schema.json", '{"label":"int"}'],
          ] as const
        )[(i * i) % 3] ?? ["", ""];
        return i % 2 === 0
          ? bash(`${["cat", "head -50", "tail -50", "less"][i % 4]} ${path}`, text)
          : bash(`sed -n '1,${40 + i}p' ${path}`, text);
      }),
    ),
  ),
  transcript(
    "the plan polished in place of work",
    begin,
    loop(
      "no_progress",
      20,
      times(24, (i) =>
        plan(`Think about step ${i}`, ["Train", "Train a model", "Fit the model"][i % 3] ?? "", "Publish"),
      ),
    ),
  ),
  transcript(
    "the plan polished, and a look in between",
    begin,
    loop(
      "no_progress",
      20,
      times(14, (i) => [plan(`Consider option ${i}`, "Publish"), bash("ls", LISTING)]),
    ),
  ),
  transcript(
    "variables renamed, the score untouched",
    begin,
    loop(
      "no_progress",
      22,
      times(14, (i) => [
        write("train.py", renamed(`${CODE[i % 8]}_${i}`).replace("C=1.0", "C=2.0")),
        bash("python train.py", "accuracy 0.8112"),
      ]),
    ),
  ),
  transcript(
    "comments reworded, the score untouched",
    begin,
    loop(
      "no_progress",
      22,
      times(14, (i) => [
        write("train.py", `# version ${i}: ${["cleaner", "tidier", "clearer"][i % 3]}\n${TRAIN}`),
        bash(`python train.py ${i % 2 === 0 ? "" : "2>&1"}`, "accuracy 0.8112"),
      ]),
    ),
  ),
  transcript(
    "one question to the search engine in other words",
    begin,
    loop(
      "no_progress",
      24,
      times(26, (i) =>
        search(
          `${["best", "good", "top"][i % 3]} ${["model", "classifier", "approach"][(i * 2) % 3]} for small tables ${2020 + i}`,
          "TabPFN: a foundation model for tables",
          "Why do trees win on tables?",
        ),
      ),
    ),
  ),
  transcript(
    "a published page under every form of its address",
    begin,
    loop(
      "no_progress",
      20,
      times(20, (i) =>
        fetchPage(
          `https://docs.test/guide${["", "/", "#top", "?lang=en", "/index.html"][i % 5]}${i > 4 ? `&try=${i}` : ""}`,
          "Guide\nInstall, then run.",
        ),
      ),
    ),
  ),
  transcript(
    "wandering through the same six answers",
    begin,
    loop(
      "no_progress",
      30,
      times(40, (i) => {
        const turn = (i * i + 3 * i) % 7;
        return (
          [
            bash("ls", LISTING),
            bash("pwd", "/workspace"),
            bash("nproc", "2"),
            bash("python --version", "Python 3.11.7"),
            read("train.py", TRAIN),
            bash("git diff", "+C=2.0"),
            bash("wc -l train.py", "8 train.py"),
          ][turn] ?? []
        );
      }),
    ),
  ),
  transcript(
    "thinking aloud through the interpreter",
    begin,
    loop(
      "no_progress",
      22,
      times(22, (i) => python(`# let me think, ${i}\nprint(frame.shape)`, "(1797, 65)")),
    ),
  ),
];

export const looping: readonly Transcript[] = [...exactRepetition, ...cycles, ...sameErrors, ...noProgress];
