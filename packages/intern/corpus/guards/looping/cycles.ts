// Two to five calls, round and round.
import {
  bash,
  bashFails,
  edit,
  editMisses,
  evaluate,
  fetchPage,
  now,
  read,
  run,
  search,
  took,
  write,
} from "../calls.ts";
import { loop, type Transcript, times, transcript } from "../transcript.ts";
import { begin, LISTING, TRAIN } from "./begin.ts";

const swap = (from: string, to: string) => edit("train.py", `C=${from}`, `C=${to}`);
const same = (accuracy: number) =>
  run("train.py", { claimed: { accuracy }, code: String(accuracy).replace("0.", "") });

export const cycles: readonly Transcript[] = [
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
