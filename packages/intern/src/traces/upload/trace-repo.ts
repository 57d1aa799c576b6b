import { commit, createRepo, datasetInfo, HubApiError, listFiles, pathsInfo, whoAmI } from "@huggingface/hub";
import { InternError } from "../../failures/intern-error.ts";
import type { HubTarget } from "../../publishing/hub-target.ts";
import { TRACE_CARD } from "./trace-card.ts";

/** A dataset repository for traces, on whichever hub. */
export interface TraceRepo {
  readonly hub: HubTarget;
  /** `namespace/name`. */
  readonly name: string;
}

const DEFAULT_NAME = "ml-intern-sessions";

/** The repository that a person means: theirs of the usual name, theirs of this name, or somebody's. */
export async function findTraceRepo(hub: HubTarget, wanted: string | null): Promise<TraceRepo> {
  if (!hub.token.startsWith("hf_")) throw failed(hub, "this is no token of a hub.", { status: 401 });
  if (wanted?.includes("/")) return { hub, name: wanted };
  const { name: user } = await asking(hub, () => whoAmI(accessTo(hub)));
  return { hub, name: `${user}/${wanted ?? DEFAULT_NAME}` };
}

/**
 * The newest commit of the repository, which is made when it is not there: private, with its card. Throws
 * `share/refused` for one that everybody can read, unless that is allowed.
 */
export async function openTraceRepo(
  repo: TraceRepo,
  { allowPublic }: { allowPublic: boolean },
): Promise<{ revision: string }> {
  const found = (await describe(repo)) ?? (await create(repo));
  if (!found.isPrivate && !allowPublic) {
    throw new InternError(
      "share/refused",
      `${repo.hub.browseUrl}/datasets/${repo.name} is public: everybody could read the trace.`,
      { mend: "Make it private in its settings, name another one with --repo, or allow it with --public." },
    );
  }
  return { revision: found.revision };
}

/** Which of these files are there. */
export async function presentPaths(repo: TraceRepo, paths: readonly string[]): Promise<ReadonlySet<string>> {
  if (paths.length === 0) return new Set();
  const found = await asking(repo.hub, () =>
    pathsInfo({ ...accessTo(repo.hub), ...datasetOf(repo), paths: [...paths] }),
  );
  return new Set(found.map(({ path }) => path));
}

/** All files in a folder; none where there is no such folder. */
export async function listFolder(repo: TraceRepo, folder: string): Promise<string[]> {
  return asking(repo.hub, async () => {
    const paths: string[] = [];
    try {
      for await (const { path } of listFiles({ ...accessTo(repo.hub), ...datasetOf(repo), path: folder }))
        paths.push(path);
    } catch (error) {
      if (!(error instanceof HubApiError && error.statusCode === 404)) throw error;
    }
    return paths;
  });
}

/**
 * Adds files in one commit on top of `parent`: all of them or none. False when somebody else has committed since, in
 * which case nothing was added.
 */
export async function addFiles(
  repo: TraceRepo,
  {
    files,
    parent,
    title,
    signal,
  }: {
    files: readonly { readonly path: string; readonly content: Blob }[];
    parent: string;
    title: string;
    signal: AbortSignal;
  },
): Promise<boolean> {
  return asking(
    repo.hub,
    async () => {
      try {
        await commit({
          ...accessTo(repo.hub),
          ...datasetOf(repo),
          title,
          parentCommit: parent,
          useXet: false,
          operations: files.map((file) => ({ operation: "addOrUpdate" as const, ...file })),
          abortSignal: signal,
        });
        return true;
      } catch (error) {
        if (error instanceof HubApiError && error.statusCode === 412) return false;
        throw error;
      }
    },
    signal,
  );
}

async function describe(repo: TraceRepo): Promise<{ revision: string; isPrivate: boolean } | null> {
  return asking(repo.hub, async () => {
    try {
      const info = await datasetInfo({ ...accessTo(repo.hub), name: repo.name, additionalFields: ["sha"] });
      return { revision: info.sha, isPrivate: info.private };
    } catch (error) {
      if (error instanceof HubApiError && error.statusCode === 404) return null;
      throw error;
    }
  });
}

async function create(repo: TraceRepo): Promise<{ revision: string; isPrivate: boolean }> {
  await asking(repo.hub, async () => {
    try {
      const files = [{ path: "README.md", content: new Blob([TRACE_CARD]) }];
      await createRepo({ ...accessTo(repo.hub), ...datasetOf(repo), visibility: "private", files });
    } catch (error) {
      // Made by somebody else a moment ago.
      if (!(error instanceof HubApiError && error.statusCode === 409)) throw error;
    }
  });
  const made = await describe(repo);
  if (made !== null) return made;
  throw failed(repo.hub, `${repo.name} was made and is not there.`, { status: null });
}

function accessTo(hub: HubTarget): { accessToken: string; hubUrl: string; fetch: typeof fetch } {
  return { accessToken: hub.token, hubUrl: hub.url, fetch: hub.fetch };
}

function datasetOf({ name }: TraceRepo): { repo: { type: "dataset"; name: string } } {
  return { repo: { type: "dataset", name } };
}

async function asking<Value>(
  hub: HubTarget,
  request: () => Promise<Value>,
  signal?: AbortSignal,
): Promise<Value> {
  try {
    return await request();
  } catch (error) {
    if (error instanceof InternError || signal?.aborted) throw error;
    const status = error instanceof HubApiError ? error.statusCode : null;
    const message = error instanceof Error ? error.message : String(error);
    throw failed(hub, message.replaceAll(hub.token, "[redacted]"), { status, cause: error });
  }
}

function failed(
  hub: HubTarget,
  message: string,
  { status, cause }: { status: number | null; cause?: unknown },
): InternError {
  return new InternError("share/failed", `${hub.url} did not take the trace: ${message}`, {
    mend:
      status === 401 || status === 403
        ? "Check that HF_TOKEN may write to this repository, then share again."
        : "Share again when the hub can be reached: it goes on where it stopped, and nothing is doubled.",
    cause,
  });
}
