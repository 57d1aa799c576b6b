// Much ado, and nothing new.
import { bash, fetchPage, plan, python, read, search, write } from "../calls.ts";
import { loop, type Transcript, times, transcript } from "../transcript.ts";
import { begin, CODE, LISTING, renamed, TRAIN } from "./begin.ts";

const FLAGS = ["", "-l", "-a", "-la", "-1", "-R", "-lh", "-t", "-S", "-F"];

export const noProgress: readonly Transcript[] = [
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
