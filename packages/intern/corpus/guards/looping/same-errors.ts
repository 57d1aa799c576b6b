// One error, met in many ways.
import {
  bashFails,
  edit,
  editMisses,
  failure,
  pid,
  poll,
  pollFails,
  pythonFails,
  run,
  startJob,
  write,
  wrongArguments,
} from "../calls.ts";
import { loop, type Transcript, times, transcript } from "../transcript.ts";
import { begin, CODE, renamed } from "./begin.ts";

export const sameErrors: readonly Transcript[] = [
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
