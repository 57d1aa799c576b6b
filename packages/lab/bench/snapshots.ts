import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { restoreSnapshot } from "../src/snapshots/restore-snapshot.ts";
import { type SaveSnapshotOptions, saveSnapshot } from "../src/snapshots/save-snapshot.ts";
import type { Snapshot } from "../src/snapshots/snapshot.ts";

/** What a snapshot of a workspace costs after each call: 1,000 files of 4 KB in 20 folders; then 20,000 new ones beside them. */
const signal = new AbortController().signal;
const folder = await mkdtemp(join(tmpdir(), "snapshots-bench-"));
const workspace = join(folder, "workspace");
const store = join(folder, "store");
const save = (previous: Snapshot | null, extra: Partial<SaveSnapshotOptions> = {}): Promise<Snapshot> =>
  saveSnapshot({ workspace, store, previous, signal, ...extra });

async function timed<Value>(what: string, times: number, act: () => Promise<Value>): Promise<Value> {
  const took: number[] = [];
  let value: Value | undefined;
  for (let turn = 0; turn < times; turn++) {
    const begun = performance.now();
    value = await act();
    took.push(performance.now() - begun);
  }
  took.sort((a, b) => a - b);
  const [best = 0, median = 0] = [took[0], took[Math.floor(took.length / 2)]];
  console.log(`${what.padEnd(46)} best ${best.toFixed(1)} ms, median ${median.toFixed(1)} ms of ${times}`);
  return value as Value;
}

try {
  for (let n = 0; n < 1_000; n++) {
    await mkdir(join(workspace, `folder${n % 20}`), { recursive: true });
    await writeFile(join(workspace, `folder${n % 20}`, `${n}.py`), `${n}\n`.repeat(1_000));
  }
  await new Promise((resolve) => setTimeout(resolve, 300)); // files that have just changed are read twice
  console.log(`load ${loadavg()[0]?.toFixed(1)}`);
  const first = await timed("the first, all to be written and synced", 1, () => save(null));
  await timed("nothing changed", 30, () => save(first));
  await timed("nothing changed, after a resume: all are read", 5, () => save(null));
  let turn = 0;
  await timed("one file changed", 10, async () => {
    await writeFile(join(workspace, "folder0", "0.py"), `${turn++}`);
    return save(first);
  });
  await timed("restore, one file differs", 1, () =>
    restoreSnapshot({ workspace, store, id: first.id, signal }),
  );
  await mkdir(join(workspace, "many"));
  for (let n = 0; n < 20_000; n++) await writeFile(join(workspace, "many", `${n}.json`), `${n}`);
  await timed("20,000 new small files", 1, () => save(first));
  await rm(join(workspace, "many"), { recursive: true });
  await rm(workspace, { recursive: true });
  await timed("restore of a deleted workspace", 1, () =>
    restoreSnapshot({ workspace, store, id: first.id, signal }),
  );
} finally {
  await rm(folder, { recursive: true, force: true });
}
