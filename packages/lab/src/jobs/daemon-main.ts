import { availableParallelism } from "node:os";
import { serveJobs } from "./job-daemon.ts";

/** The daemon's own process: `node daemon-main <home>`. It ends by itself; a TERM ends it with all its runs. */
const [home = ""] = process.argv.slice(2);
// The sandbox's user has to be able to read the code, whatever its starter's mask is.
process.umask(0o022);
const controller = new AbortController();
for (const name of ["SIGTERM", "SIGINT"] as const) process.once(name, () => controller.abort());
const wanted = Number(process.env.ML_INTERN_JOBS);
const parallel = wanted >= 1 ? Math.floor(wanted) : Math.max(2, Math.floor(availableParallelism() / 4));
await serveJobs({ home, parallel, signal: controller.signal });
