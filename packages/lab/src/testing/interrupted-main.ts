import { detectAbilities } from "../sandbox/abilities.ts";
import { openSandboxOfKind } from "../sandbox/open-sandbox.ts";
import type { SandboxKind } from "../sandbox/sandbox.ts";

/** Starts a command that never ends and tells when it runs. A program, so that a test can kill it. */
const signal = new AbortController().signal;
const [kind, workspace = "", home = ""] = process.argv.slice(2);
const abilities = await detectAbilities({ signal });
const sandbox = await openSandboxOfKind({
  kind: kind as SandboxKind,
  abilities,
  workspace,
  home,
  readOnlyPaths: [],
  signal,
});
const endless = (file: string): string => `while true; do echo x >> ${file}; sleep 0.02; done`;
const both = "until test -e alive && test -e alive-too; do sleep 0.02; done; echo running";
await sandbox.exec({
  argv: ["/bin/sh", "-c", `setsid sh -c '${endless("alive")}' & (${both}) & ${endless("alive-too")}`],
  onOutput: (text) => process.stdout.write(text),
  signal,
});
