import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("../../../../", import.meta.url));

/** Examples in the packages' READMEs and under docs, by the names of the files that they are put into. */
async function examples(): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  const packages = (await readdir(join(ROOT, "packages"))).map((name) => [
    name,
    `packages/${name}/README.md`,
  ]);
  const docs = (await readdir(join(ROOT, "docs"))).filter((name) => name.endsWith(".md"));
  for (const [name, path] of [
    ...packages,
    ...docs.map((name) => [`docs-${name}`, `docs/${name}`]),
  ] as const) {
    const page = await readFile(join(ROOT, path ?? ""), "utf8").catch(() => "");
    for (const [index, [, code = ""]] of [...page.matchAll(/```ts\n(.*?)```/gs)].entries())
      found.set(`${name}-${index + 1}.ts`, code);
  }
  return found;
}

/** What the compiler has to say of examples. They are held against the sources, as a program beside ours. */
async function problemsIn(found: ReadonlyMap<string, string>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "readme-examples-"));
  try {
    await symlink(join(ROOT, "node_modules"), join(folder, "node_modules"));
    for (const [name, code] of found) await writeFile(join(folder, name), code);
    const configuration = {
      extends: join(ROOT, "tsconfig.base.json"),
      compilerOptions: {
        ...{ noEmit: true, composite: false, incremental: false, declaration: false },
        ...{ isolatedDeclarations: false, customConditions: ["source"], jsx: "react-jsx" },
      },
      files: [...found.keys()],
    };
    await writeFile(join(folder, "package.json"), '{"type":"module"}');
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify(configuration));
    return await new Promise((resolve) => {
      const tsc = join(ROOT, "node_modules/.bin/tsc");
      execFile(tsc, ["-p", folder], { cwd: folder }, (error, stdout) =>
        resolve(error === null ? "" : stdout),
      );
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const WRONG = 'import { work } from "@ml-intern/intern";\nwork(1);\n';

test("the examples in the packages' READMEs and in docs are programs that type-check, and one that does not is found", async () => {
  const found = await examples();
  expect(found.size).toBeGreaterThan(8);
  const problems = await problemsIn(new Map([...found, ["wrong.ts", WRONG]]));
  expect(problems.trimEnd().split("\n")).toEqual([expect.stringMatching(/^wrong\.ts\(2,1\): error /)]);
});
