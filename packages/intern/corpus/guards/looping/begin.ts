// How most of these sessions begin.
import { bash, plan, read, write } from "../calls.ts";
import { work } from "../transcript.ts";

export const LISTING = "data\nrecipes\ntrain.py";
export const TRAIN = `import pandas as pd
from sklearn.linear_model import LogisticRegression

frame = pd.read_csv("data/train.csv")
target = frame.pop("label")
model = LogisticRegression(C=1.0)
model.fit(frame, target)
print("accuracy", model.score(frame, target))
`;

export const begin = work(
  plan("Look at the data", "Train a baseline"),
  bash("ls", LISTING),
  read("train.py", TRAIN),
  write("train.py", TRAIN.replace("C=1.0", "C=2.0")),
);

/** Names for one and the same thing, and the script with one of them. */
export const CODE = ["frame", "table", "data", "rows", "dataset", "df", "samples", "records"];
export const renamed = (name: string): string => TRAIN.replaceAll("frame", name);
