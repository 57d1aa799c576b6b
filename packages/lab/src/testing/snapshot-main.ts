import { restoreSnapshot } from "../snapshots/restore-snapshot.ts";
import { saveSnapshot } from "../snapshots/save-snapshot.ts";

/** Saves a workspace, or restores the snapshots that it is given in turn for ever. A program, so that a test can kill it. */
const signal = new AbortController().signal;
const [workspace = "", store = "", ...ids] = process.argv.slice(2);
process.stdout.write("begins\n");
if (ids.length === 0) await saveSnapshot({ workspace, store, signal });
for (let turn = 0; ids.length > 0; turn++) {
  await restoreSnapshot({ workspace, store, id: ids[turn % ids.length] ?? "", signal });
}
process.stdout.write("done\n");
