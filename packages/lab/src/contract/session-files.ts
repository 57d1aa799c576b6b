import { join } from "node:path";

/** Where a session keeps its contract, its sealed rows and what it gives to the sandbox. */
export interface SessionFiles {
  readonly contract: string;
  readonly sealed: string;
  readonly summary: string;
  readonly data: string;
  readonly task: string;
  readonly train: string;
  readonly validation: string;
  readonly images: string;
}

export function sessionFiles(sessionDirectory: string): SessionFiles {
  const lab = join(sessionDirectory, "lab");
  const data = join(sessionDirectory, "workspace", "data");
  return {
    contract: join(lab, "contract.json"),
    sealed: join(lab, "sealed"),
    summary: join(lab, "sealed", "train_summary.json"),
    data,
    task: join(data, "task.json"),
    train: join(data, "train.csv"),
    validation: join(data, "validation.csv"),
    images: join(data, "images"),
  };
}
