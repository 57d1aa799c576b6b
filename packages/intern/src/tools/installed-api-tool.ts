import { type CheckedCalls, checkCalls, describeInstalled, type InstalledName } from "@ml-intern/lab";
import { z } from "zod";
import { withinTime } from "../budget/within-time.ts";
import { readWorkspaceText } from "../workbench/workspace-files.ts";
import { defineTool, type Tool } from "./define-tool.ts";

/** Importing a large library takes a while; nothing else is run. */
const SECONDS = 120;

export const installedApiTool: Tool = defineTool({
  name: "installed_api",
  description:
    "What is really installed in the sandbox's Python: signatures, docstrings and versions of dotted names (`names`), or imports and calls of a file (`path`) held against them: unknown names, unknown or missing arguments. Runs nothing of the file. Use it before you call what you know from memory.",
  readOnly: true,
  input: z
    .strictObject({
      names: z
        .array(z.string().regex(/^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/))
        .min(1)
        .max(20)
        .optional()
        .describe("such as sklearn.svm.SVC"),
      path: z.string().min(1).optional().describe("a Python file of the workspace"),
      environment: z.enum(["base", "torch"]).default("base"),
    })
    .refine(({ names, path }) => (names === undefined) !== (path === undefined), {
      error: "Give either names or path.",
    }),
  async execute({ names = [], path, environment: name }, { workbench, budget, callId, show, signal }) {
    const sandbox = await workbench.sandbox(name, signal);
    const environment = await workbench.environment(name, signal);
    const code = path === undefined ? null : await readWorkspaceText({ workbench, path, signal });
    const options = { sandbox, environment, signal };
    const time = { budget, callId, seconds: SECONDS, show, signal };
    const { value } = await withinTime(time, () =>
      workbench.timed(async () =>
        code === null
          ? (await describeInstalled(names, options)).map(describe).join("\n\n")
          : report(path ?? "", await checkCalls(code, options)),
      ),
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
  if (problems.length === 0)
    return `${path}: ${calls === 1 ? "1 call fits" : `${calls} calls fit`} what is installed.`;
  const lines = problems.map(({ line, problem, near }) => `${path}:${line}: ${problem}${nearly(near)}`);
  return [
    ...lines,
    `${calls === 1 ? "1 call was" : `${calls} calls were`} held against what is installed.`,
  ].join("\n");
}

function nearly(names: readonly string[]): string {
  return names.length === 0 ? "" : ` Near: ${names.join(", ")}.`;
}
