import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Fetch } from "../http/fetch.ts";

const entries = z.array(
  z.object({
    file: z.string(),
    case: z.string(),
    request: z.object({ method: z.string(), url: z.string(), body: z.unknown().optional() }),
    response: z.object({ status: z.number(), headers: z.record(z.string(), z.string()).optional() }),
  }),
);

/** The folder of recorded answers beside a developer's checkout; null, and said, where there is none: tests that need it are left out. */
export function recordings(): string | null {
  const folder = new URL("../../../../../shared/fixtures/research", import.meta.url).pathname;
  if (existsSync(folder)) return folder;
  console.warn(
    "SKIPPED: recorded answers of services (shared/fixtures/research) are not beside this checkout.",
  );
  return null;
}

/**
 * Answers requests from recordings: the folder of a service with its `index.json`. A request fits when its method is the same
 * and its address too, whatever the order of the query. `file` takes one recording for whatever is asked: its failures.
 * What was not recorded is a failed connection, which names the address.
 */
export function recordedFetch(
  folders: readonly string[],
  { file }: { readonly file?: string } = {},
): Fetch & { readonly asked: readonly string[] } {
  const known = folders.flatMap((folder) =>
    entries
      .parse(JSON.parse(readFileSync(join(folder, "index.json"), "utf8")))
      .map((entry) => ({ ...entry, path: join(folder, entry.file) })),
  );
  const asked: string[] = [];
  const fetch: Fetch = async (url, init) => {
    init.signal.throwIfAborted();
    asked.push(url);
    const found = known.find(({ request, file: name, response }) =>
      file === undefined
        ? request.method === init.method && sameAddress(request.url, url) && response.status < 400
        : name === file,
    );
    if (found === undefined) throw new TypeError(`${init.method} ${url} was not recorded`);
    const { status, headers = {} } = found.response;
    const isEmpty = status === 204 || status === 304;
    return new Response(isEmpty ? null : readFileSync(found.path), { status, headers });
  };
  return Object.assign(fetch, { asked });
}

function sameAddress(a: string, b: string): boolean {
  const [one, other] = [new URL(a), new URL(b)].map((url) => {
    url.searchParams.sort();
    return url.href;
  });
  return one === other;
}
