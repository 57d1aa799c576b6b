import { detectAbilities } from "../sandbox/abilities.ts";
import { openSandboxOfKind } from "../sandbox/open-sandbox.ts";
import type { SandboxKind } from "../sandbox/sandbox.ts";
import { type EscapeReport, tryEscapes } from "../sandbox/try-escapes.ts";

/** Prints the escape reports of the kinds named on the command line, as JSON. A program, so that another user can run it. */
const signal = new AbortController().signal;
const abilities = await detectAbilities({ signal });
const [home = "", ...kinds] = process.argv.slice(2);
const reports: EscapeReport[] = [];
for (const kind of kinds as SandboxKind[]) {
  reports.push(
    await tryEscapes({
      open: (options) => openSandboxOfKind({ ...options, kind, abilities, home, readOnlyPaths: [], signal }),
      signal,
    }),
  );
}
console.log(JSON.stringify(reports));
