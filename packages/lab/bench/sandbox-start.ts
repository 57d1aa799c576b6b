import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { detectAbilities } from "../src/sandbox/abilities.ts";
import { openSandboxOfKind } from "../src/sandbox/open-sandbox.ts";
import type { SandboxKind } from "../src/sandbox/sandbox.ts";

/** Prints how long a command takes to start and end, plain and in each kind of sandbox. Rounds are interleaved. */
const rounds = 20;
const signal = new AbortController().signal;
const commands = { true: ["true"], "python3 -c pass": ["/usr/bin/python3", "-c", "pass"] };
const folder = await mkdtemp(join(tmpdir(), "ml-intern-bench-"));
await chmod(folder, 0o755);
const abilities = await detectAbilities({ signal });

type Runner = (argv: readonly string[]) => Promise<unknown>;

const runners = new Map<string, Runner>();
runners.set("plain spawn", async ([file = "", ...args]) => {
  const child = spawn(file, args, { stdio: ["ignore", "pipe", "pipe"] });
  child.stdout.resume();
  child.stderr.resume();
  await once(child, "close");
});
for (const kind of ["bubblewrap", "unshare", "landlock", "none"] as const satisfies SandboxKind[]) {
  const options = { kind, abilities, workspace: join(folder, kind), home: folder, readOnlyPaths: [], signal };
  const sandbox = await openSandboxOfKind(options).catch((error: unknown) => console.log(String(error)));
  if (sandbox) runners.set(kind, (argv) => sandbox.exec({ argv, signal }));
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
console.log(
  `Start to end in ms, median of ${rounds} interleaved rounds, as ${process.getuid?.() === 0 ? "root" : "user"}`,
);
for (const [name, argv] of Object.entries(commands)) {
  const times = new Map([...runners.keys()].map((runner): [string, number[]] => [runner, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [runner, run] of runners) {
      const begin = performance.now();
      await run(argv);
      times.get(runner)?.push(performance.now() - begin);
    }
  }
  const plain = median(times.get("plain spawn") ?? []);
  console.log(`\n${name}`);
  for (const [runner, values] of times) {
    const value = median(values);
    console.log(`  ${runner.padEnd(12)} ${value.toFixed(1).padStart(7)}   +${(value - plain).toFixed(1)}`);
  }
}
await rm(folder, { recursive: true, force: true });
