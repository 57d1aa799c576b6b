// The same call again, with the same answer.
import {
  answer,
  bash,
  bashFails,
  evaluate,
  fetchPage,
  now,
  pid,
  plan,
  run,
  took,
  write,
  wrongArguments,
} from "../calls.ts";
import { loop, type Transcript, times, transcript, work } from "../transcript.ts";
import { begin, TRAIN } from "./begin.ts";

export const exactRepetition: readonly Transcript[] = [
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
