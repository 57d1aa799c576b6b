import { type CheckedCalls, checkCalls, describeInstalled, type InstalledName } from "@ml-intern/lab";
import { z } from "zod";
import { withinTime } from "../budget/within-time.ts";
import { quoteMaterial } from "../reading/material.ts";
import { readWorkspaceText } from "../workbench/workspace-files.ts";
import { defineTool, type Tool } from "./define-tool.ts";

/** Importing a large library takes a while; nothing else is run. */
const SECONDS = 120;

export const installedApiTool: Tool = defineTool({
  name: "installed_api",
  description:
    "What is really installed in the sandbox's Python: signatures, docstrings and versions of dotted names (`names`), or imports and calls of files (`paths`) held against them: unknown names, unknown or missing arguments. Runs nothing of the files. Use it before you call what you know from memory.",
  readOnly: true,
  input: z
    .strictObject({
      names: z
        .array(z.string().regex(/^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/))
        .min(1)
        .max(20)
        .optional()
        .describe("such as sklearn.svm.SVC"),
      paths: z.array(z.string().min(1)).min(1).max(30).optional().describe("Python files of the workspace"),
      environment: z.enum(["base", "torch"]).default("base"),
    })
    .refine(({ names, paths }) => (names === undefined) !== (paths === undefined), {
      error: "Give either names or paths.",
    }),
  async execute({ names, paths = [], environment: name }, { workbench, budget, callId, show, signal }) {
    const sandbox = await workbench.sandbox(name, signal);
    const environment = await workbench.environment(name, signal);
    const files = await Promise.all(
      paths.map(async (path) => ({ path, code: await readWorkspaceText({ workbench, path, signal }) })),
    );
    const options = { sandbox, environment, signal };
    const time = { budget, callId, seconds: SECONDS, show, signal };
    const { value } = await withinTime(time, () =>
      workbench.timed(async () => {
        if (names !== undefined) {
          const text = (await describeInstalled(names, options)).map(describe).join("\n\n");
          return quoteMaterial({ source: `installed packages (${name})`, text });
        }
        const checked = await checkCalls(files, options);
        show(summary(checked));
        return checked.map((calls, index) => report(files[index]?.path ?? "", calls)).join("\n");
      }),
    );
    return value;
  },
});

function describe(said: InstalledName): string {
  if (said.kind === "missing") return `${said.name}: ${said.problem}${nearly(said.near)}`;
  const { name, kind, package: from, version, signature, value, doc, members = [], more_members = 0 } = said;
  const more = more_members > 0 ? `, … ${more_members} more` : "";
  return [
    `${name} (${kind}, ${from} ${version ?? "of unknown version"})`,
    ...(signature === undefined ? [] : [signature]),
    ...(value === undefined ? [] : [value]),
    ...(doc === "" ? [] : [doc]),
    ...(members.length === 0 ? [] : [`Members: ${members.join(", ")}${more}`]),
  ].join("\n");
}

function report(path: string, { problems, calls }: CheckedCalls): string {
  const held = calls === 1 ? "1 call" : `${calls} calls`;
  if (problems.length === 0) return `${path}: ${held} held against what is installed, no problem found.`;
  const lines = problems.map(({ line, problem, near }) => `${path}:${line}: ${problem}${nearly(near)}`);
  return [...lines, `${path}: ${held} held against what is installed.`].join("\n");
}

function summary(checked: readonly CheckedCalls[]): string {
  const sum = (count: (each: CheckedCalls) => number): number =>
    checked.reduce((all, each) => all + count(each), 0);
  const problems = sum((each) => each.problems.length);
  return `${sum(({ calls }) => calls)} calls held against what is installed, ${problems === 1 ? "1 problem" : `${problems} problems`}\n`;
}

function nearly(names: readonly string[]): string {
  return names.length === 0 ? "" : ` Near: ${names.join(", ")}.`;
}
