import { join } from "node:path";
import { documentInstalled, type EnvironmentName } from "@ml-intern/lab";
import type { Documentation, UpdatedSource } from "@ml-intern/research";
import { withinTime } from "../budget/within-time.ts";
import type { ToolContext } from "../tools/define-tool.ts";
import { writeInstalledDocs } from "./installed-docs.ts";
import type { Reading } from "./reading.ts";

/** A large package takes a while to import. */
const SECONDS = 300;

/** Keeps the docstrings of an installed package, named as it is imported, as documentation of the version that is installed. */
export async function addInstalledDocs(
  importName: string,
  options: {
    readonly documentation: Documentation;
    readonly reading: Reading;
    readonly environment: EnvironmentName;
    readonly context: Pick<ToolContext, "workbench" | "budget" | "callId" | "show" | "signal">;
  },
): Promise<UpdatedSource> {
  const { documentation, reading, environment: name, context } = options;
  const { workbench, signal } = context;
  const sandbox = await workbench.sandbox(name, signal);
  const environment = await workbench.environment(name, signal);
  const { value: told } = await withinTime({ ...context, seconds: SECONDS }, () =>
    workbench.timed(() => documentInstalled(importName, { sandbox, environment, signal })),
  );
  const folder = join(reading.folder, "installed");
  const path = await writeInstalledDocs(told, { folder });
  for (const { id, origin } of await documentation.sources(signal)) {
    if (origin.kind !== "folder" || origin.path === path || !origin.path.startsWith(folder)) continue;
    // Of another version, which is not installed any more.
    if (origin.name === told.package) await documentation.remove(id, signal);
  }
  const version = told.version === null ? {} : { version: told.version };
  return await documentation.add({
    origin: { kind: "folder", path, name: told.package, ...version },
    signal,
  });
}
