import { execFile } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { recipeFiles } from "../recipe-files.ts";

const run = promisify(execFile);

/** The interpreter of a provisioned base environment, or null where none is. */
export function findProvisionedPython(): string | null {
  const home = process.env.ML_INTERN_HOME ?? join(homedir(), ".ml-intern");
  const folder = join(home, "environments");
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const pythons = names
    .filter((name) => name.startsWith("base-"))
    .map((name) => join(folder, name, "bin/python"));
  return pythons.find((python) => existsSync(python)) ?? null;
}

export type Row = Readonly<Record<string, string | number>>;

export interface WorkspaceTask {
  readonly contract: Readonly<Record<string, unknown>> & {
    readonly target: string;
    readonly data: { readonly kind: string };
  };
  readonly train: readonly Row[];
  readonly validation?: readonly Row[];
}

export interface RecipeWorkspace extends AsyncDisposable {
  readonly directory: string;
  /** Runs the recipe as the lab does, and returns the names of what it wrote. */
  train(options: {
    readonly python: string;
    readonly id: string;
    readonly args: readonly string[];
  }): Promise<{
    readonly log: string;
    readonly files: readonly string[];
    readonly metrics: Readonly<Record<string, number>>;
  }>;
  /** Predicts with nothing but a copy of the model folder and the rows, as the clean room does. */
  predict(options: {
    readonly python: string;
    readonly id: string;
    readonly rows: readonly Row[];
  }): Promise<Record<string, string>[]>;
}

/** A folder with the recipe's files and the data that the lab would put there. */
export async function openRecipeWorkspace({
  contract,
  train,
  validation,
}: WorkspaceTask): Promise<RecipeWorkspace> {
  const directory = await mkdtemp(join(tmpdir(), "recipe-"));
  await mkdir(join(directory, "recipes"));
  await mkdir(join(directory, "data"));
  for (const { path, content } of recipeFiles(contract)) await writeFile(join(directory, path), content);
  await writeFile(join(directory, "data/task.json"), JSON.stringify(contract));
  await writeFile(join(directory, "data/train.csv"), toCsv(train));
  if (validation !== undefined) await writeFile(join(directory, "data/validation.csv"), toCsv(validation));
  return {
    directory,
    async train({ python, id, args }) {
      const output = join(directory, "runs", id);
      const env = {
        PATH: process.env.PATH,
        DATA_DIR: join(directory, "data"),
        OUTPUT_DIR: output,
        SEED: "0",
        OMP_NUM_THREADS: "1",
      };
      const { stdout } = await run(python, ["recipes/train.py", ...args], { cwd: directory, env });
      const files = (await readdir(output, { recursive: true })).sort();
      const metrics = JSON.parse(await readFile(join(output, "metrics.json"), "utf8")) as Record<
        string,
        number
      >;
      return { log: stdout, files, metrics };
    },
    async predict({ python, id, rows }) {
      const room = await mkdtemp(join(tmpdir(), "clean-room-"));
      try {
        await layOutAsCache(join(directory, "runs", id, "model"), room);
        if (contract.data.kind === "images")
          await cp(join(directory, "data/images"), join(room, "images"), { recursive: true });
        await writeFile(join(room, "input.csv"), toCsv(rows));
        const args = ["model/predict.py", "--input", "input.csv", "--output", "predictions.csv"];
        await run(python, args, { cwd: room, env: { PATH: process.env.PATH } });
        return fromCsv(await readFile(join(room, "predictions.csv"), "utf8"));
      } finally {
        await rm(room, { recursive: true });
      }
    },
    async [Symbol.asyncDispose]() {
      await rm(directory, { recursive: true });
    },
  };
}

/** As Python's huggingface_hub keeps a download: every file is a link to a blob without a name, elsewhere. */
async function layOutAsCache(model: string, room: string): Promise<void> {
  await mkdir(join(room, "blobs"));
  await mkdir(join(room, "model"));
  for (const [index, name] of (await readdir(model)).entries()) {
    await cp(join(model, name), join(room, "blobs", `${index}`), { recursive: true });
    await symlink(join("..", "blobs", `${index}`), join(room, "model", name));
  }
}

function toCsv(rows: readonly Row[]): string {
  const names = Object.keys(rows[0] ?? {});
  const lines = [names, ...rows.map((row) => names.map((name) => String(row[name] ?? "")))];
  return lines.map((cells) => `${cells.map(quote).join(",")}\n`).join("");
}

function quote(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

function fromCsv(text: string): Record<string, string>[] {
  const [header = [], ...lines] = [...text.trimEnd().split("\r\n")].map(cellsOf);
  return lines.map((cells) => Object.fromEntries(header.map((name, index) => [name, cells[index] ?? ""])));
}

function cellsOf(line: string): string[] {
  return [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)]
    .map(([, cell = ""]) => (cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell))
    .slice(0, -1);
}
