import { createHash } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeDurably } from "@ml-intern/durable";
import { z } from "zod";
import type { Environment } from "../environments/provision-environment.ts";
import type { RunPlace } from "../runs/read-runs.ts";
import type { RunSpec } from "../runs/run-record.ts";
import type { SandboxMode } from "../sandbox/sandbox.ts";

/** All that the daemon has to know to execute a run, whoever has died meanwhile. */
export interface JobRequest {
  /** The session's `lab` folder. */
  readonly labDirectory: string;
  /** The workspace as the host sees it. */
  readonly workspace: string;
  readonly mode: SandboxMode;
  readonly environment: Pick<Environment, "id" | "python" | "readOnlyPaths">;
  readonly run: RunSpec;
  /** Wall time that the run may take, waiting in the queue not counted. */
  readonly wallMs: number;
  readonly submittedMs: number;
}

const schema: z.ZodType<JobRequest> = z.object({
  labDirectory: z.string(),
  workspace: z.string(),
  mode: z.enum(["auto", "bubblewrap", "unshare", "none"]),
  environment: z.object({ id: z.string(), python: z.string(), readOnlyPaths: z.array(z.string()) }),
  run: z.object({
    id: z.string(),
    name: z.string(),
    script: z.string(),
    args: z.array(z.string()),
    seed: z.number(),
    refit: z.boolean(),
  }),
  wallMs: z.number().positive(),
  submittedMs: z.number(),
});

/** Requests lie in one folder while their runs have not ended: `<home>/jobs/open/<key>.json`. */
export function openJobsDirectory(home: string): string {
  return join(home, "jobs", "open");
}

export function jobKey({ labDirectory, id }: RunPlace): string {
  return `${createHash("sha256").update(labDirectory).digest("hex").slice(0, 12)}-${id}`;
}

export function requestPath(home: string, key: string): string {
  return join(openJobsDirectory(home), `${key}.json`);
}

/** A file whose being there asks the daemon to end the run. */
export function stopPath(home: string, key: string): string {
  return join(openJobsDirectory(home), `${key}.stop`);
}

export async function writeRequest(home: string, request: JobRequest): Promise<void> {
  await mkdir(openJobsDirectory(home), { recursive: true, mode: 0o711 });
  const key = jobKey({ labDirectory: request.labDirectory, id: request.run.id });
  await writeDurably(requestPath(home, key), `${JSON.stringify(request)}\n`, { mode: 0o600 });
}

/** Null when there is none, or none that can be read. */
export async function readRequest(home: string, key: string): Promise<JobRequest | null> {
  const text = await readFile(requestPath(home, key), "utf8").catch(() => null);
  if (text === null) return null;
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return null; // written by another version: whoever wrote it knows that it was never acknowledged
  }
}
