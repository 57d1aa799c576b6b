import { watch } from "node:fs";
import { access, mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { takeFileLock } from "@ml-intern/durable";
import { Bell } from "./bell.ts";
import { chooseNext } from "./choose-next.ts";
import { closeWithout, executeJob } from "./execute-job.ts";
import { codeDirectory } from "./job-code.ts";
import { type JobRequest, openJobsDirectory, readRequest, requestPath, stopPath } from "./job-request.ts";
import { keepStatus, readStatus, showStatus } from "./job-status.ts";
import { endLease, renewLease } from "./lease.ts";
import { treeCpu } from "./tree-cpu.ts";

export interface JobDaemonOptions {
  readonly home: string;
  /** Runs at once; the others wait. */
  readonly parallel: number;
  /** How long it stays without anything to do, in milliseconds. */
  readonly idleMs?: number;
  /** Ends the daemon with all its runs, which are closed as cancelled. */
  readonly signal: AbortSignal;
}

interface RunningJob {
  readonly key: string;
  readonly request: JobRequest;
  readonly labDirectory: string;
  readonly controller: AbortController;
  readonly startedMs: number;
  activeMs: number;
  cpuS: number;
  cpuSeenMs: number;
  pid: number | null;
}

const beatMs = 1000;
const cpuEveryMs = 5000;
/** From this share of one processor on, a run that writes nothing counts as busy. */
const busyShare = 0.01;

/**
 * Serves the jobs of a home until there have been none for a while; returns at once where another daemon does. What it
 * does is driven by files alone (requests, stops), so that nothing is lost when it dies at any point: a request stays
 * until the record of its run is on disk, and one whose run had begun under a daemon that died is closed as lost.
 */
export async function serveJobs(options: JobDaemonOptions): Promise<void> {
  const { home, idleMs = 60_000, signal } = options;
  await mkdir(openJobsDirectory(home), { recursive: true, mode: 0o711 });
  const lock = await takeFileLock(join(home, "jobs", "daemon.lock"));
  if ("heldBy" in lock) return;
  await sweep(home);
  const bell = new Bell();
  const watcher = watch(openJobsDirectory(home), () => bell.ring());
  const daemon = new JobDaemon(options, () => bell.ring());
  try {
    for (let quietSince = performance.now(); !signal.aborted; await bell.wait(beatMs)) {
      await renewLease(home);
      if ((await daemon.look()) > 0) quietSince = performance.now();
      if (performance.now() - quietSince > idleMs) {
        // A request that comes after this look finds no lease, and its sender starts another daemon.
        await endLease(home);
        if ((await daemon.look()) === 0) return;
        quietSince = performance.now();
      }
    }
  } finally {
    watcher.close();
    await daemon.stop();
    await endLease(home);
    lock.release();
  }
}

/** Removes what a daemon that died left beside its requests. */
async function sweep(home: string): Promise<void> {
  await rm(codeDirectory(home), { recursive: true, force: true });
  const names = await readdir(openJobsDirectory(home));
  const keys = new Set(names.filter((name) => name.endsWith(".json")).map((name) => name.slice(0, -5)));
  const left = names.filter((name) => name.endsWith(".stop") && !keys.has(name.slice(0, -5)));
  for (const name of left) await rm(join(openJobsDirectory(home), name), { force: true });
}

class JobDaemon {
  readonly #options: JobDaemonOptions;
  readonly #onEnd: () => void;
  readonly #running = new Map<string, RunningJob>();
  readonly #work = new Set<Promise<void>>();
  /** What was last said of a job that is in trouble: it is looked at again each second. */
  readonly #reported = new Map<string, string>();

  constructor(options: JobDaemonOptions, onEnd: () => void) {
    this.#options = options;
    this.#onEnd = onEnd;
  }

  /** Does what there is to do now; the number of jobs that have not ended. Rejects when the home is gone. */
  async look(): Promise<number> {
    const { home, parallel } = this.#options;
    const names = await readdir(openJobsDirectory(home));
    const queue: (JobRequest & { readonly key: string })[] = [];
    for (const name of names.filter((name) => name.endsWith(".json"))) {
      const key = name.slice(0, -".json".length);
      const stopped = names.includes(`${key}.stop`);
      const job = this.#running.get(key);
      if (job === undefined) {
        const request = await this.#takeUp(key, stopped).catch((error: unknown) => this.#report(key, error));
        if (request) queue.push({ ...request, key });
      } else if (stopped) job.controller.abort();
      else await this.#show(job).catch((error: unknown) => this.#report(key, error));
    }
    while (this.#running.size < parallel) {
      const next = chooseNext(queue, [...this.#running.values()]);
      if (next === null) break;
      queue.splice(queue.indexOf(next), 1);
      this.#start(next.key, next);
    }
    return this.#running.size + queue.length;
  }

  async stop(): Promise<void> {
    for (const { controller } of this.#running.values()) controller.abort();
    await Promise.allSettled(this.#work);
  }

  /** A request that waits; null when it is none, or one that is over. */
  async #takeUp(key: string, stopped: boolean): Promise<JobRequest | null> {
    const request = await readRequest(this.#options.home, key);
    if (request === null) return null;
    const place = { labDirectory: request.labDirectory, id: request.run.id };
    const directory = join(request.labDirectory, "runs", request.run.id);
    if (!(await exists(join(directory, "code.json")))) return this.#forget(key); // its session was deleted
    if (await exists(join(directory, "run.json"))) return this.#forget(key);
    const status = await readStatus(place);
    if (status?.state === "running") {
      await closeWithout(request, "lost", null, status.seenMs - status.startedMs);
      return this.#forget(key);
    }
    if (stopped) {
      await closeWithout(request, "cancelled", "Stopped while it waited in the queue.");
      return this.#forget(key);
    }
    if (status === null) await keepStatus(place, { state: "queued", submittedMs: request.submittedMs });
    return request;
  }

  #start(key: string, request: JobRequest): void {
    const now = Date.now();
    const { labDirectory } = request;
    const job: RunningJob = {
      ...{ key, request, labDirectory, controller: new AbortController(), pid: null },
      ...{ startedMs: now, activeMs: now, cpuSeenMs: now, cpuS: 0 },
    };
    this.#running.set(key, job);
    const work = this.#execute(job)
      .catch((error: unknown) => this.#report(key, error)) // the request is still there: the next look closes the run
      .then(() => {
        this.#running.delete(key);
        this.#work.delete(work);
        this.#onEnd();
      });
    this.#work.add(work);
  }

  async #execute(job: RunningJob): Promise<void> {
    const { key, request, controller } = job;
    await keepStatus({ labDirectory: request.labDirectory, id: request.run.id }, statusOf(job));
    await executeJob({
      home: this.#options.home,
      key,
      request,
      onOutput: () => {
        job.activeMs = Date.now();
      },
      onStart: (pid) => {
        job.pid = pid;
      },
      signal: controller.signal,
    });
    await this.#forget(key);
  }

  async #show(job: RunningJob): Promise<void> {
    const now = Date.now();
    const since = now - job.cpuSeenMs;
    if (job.pid !== null && since >= cpuEveryMs) {
      const cpuS = await treeCpu(job.pid);
      if ((cpuS - job.cpuS) * 1000 > busyShare * since) job.activeMs = now;
      job.cpuS = cpuS;
      job.cpuSeenMs = now;
    }
    // Between the look at /proc and here the run may have ended, and its record is the last word anyway.
    await showStatus({ labDirectory: job.labDirectory, id: job.request.run.id }, statusOf(job));
  }

  #report(key: string, error: unknown): null {
    const text = (error instanceof Error ? error.stack : null) ?? String(error);
    if (this.#reported.get(key) !== text) console.error(`${new Date().toISOString()} ${key}: ${text}`);
    this.#reported.set(key, text);
    return null;
  }

  async #forget(key: string): Promise<null> {
    await rm(stopPath(this.#options.home, key), { force: true });
    await rm(requestPath(this.#options.home, key), { force: true });
    return null;
  }
}

function statusOf({ request, startedMs, activeMs, cpuS }: RunningJob) {
  const { submittedMs } = request;
  return { state: "running", submittedMs, startedMs, seenMs: Date.now(), activeMs, cpuS } as const;
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
