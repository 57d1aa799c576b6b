import { z } from "zod";
import { isJson, jsonOf, textOf } from "../http/contents.ts";
import type { WebAnswer, WebRequest } from "../http/web-client.ts";
import { WebError } from "../http/web-error.ts";
import type { Hub } from "./hub.ts";

export interface Asking<Shape> {
  readonly schema: z.ZodType<Shape>;
  readonly query?: readonly (readonly [name: string, value: string])[];
  readonly freshMs?: number;
  readonly signal: AbortSignal;
}

/** Asks a hub's interface and gives what it said with the address of the next page, or null after the last. */
export async function askHub<Shape>(
  hub: Hub,
  url: string,
  { schema, query = [], freshMs, signal }: Asking<Shape>,
): Promise<{ readonly value: Shape; readonly next: string | null }> {
  const words = query.map((pair) => pair.map(encodeURIComponent).join("=")).join("&");
  const ask = (fresh: number | undefined): Promise<WebAnswer> =>
    hub.web.request({
      url: words === "" ? url : `${url}?${words}`,
      ...(fresh !== undefined && { freshMs: fresh }),
      isUsable: isJson,
      signal,
    });
  let answer = await ask(freshMs);
  // A failure that was sent as a success has been kept like one.
  if (answer.source === "cache" && failureIn(answer) !== null) answer = await ask(0);
  const failure = failureIn(answer);
  if (failure !== null) throw failure;
  return { value: jsonOf(answer, schema), next: nextPage(answer) };
}

/** The items of a list, page after page, until there are no more or the caller has enough. */
export async function* pagesOf<Item>(
  hub: Hub,
  url: string,
  { schema, ...asking }: Asking<Item>,
): AsyncGenerator<readonly Item[]> {
  const list = z.array(schema);
  let page = await askHub(hub, url, { ...asking, schema: list });
  yield page.value;
  const seen = new Set([url]);
  while (page.next !== null) {
    if (seen.has(page.next)) throw goesRound(page.next);
    seen.add(page.next);
    page = await askHub(hub, page.next, { ...asking, query: [], schema: list });
    yield page.value;
  }
}

function goesRound(url: string): WebError {
  return new WebError("web/malformed", `The list of ${new URL(url).host} has no end: its pages go round.`, {
    url,
    mend: "Try again later, or use another source.",
  });
}

/** Changes something: never repeated by itself, unless the hub says that it did nothing. */
export async function tellHub(
  hub: Hub,
  url: string,
  {
    method = "POST",
    body,
    signal,
  }: { readonly method?: WebRequest["method"]; readonly body?: unknown; readonly signal: AbortSignal },
): Promise<WebAnswer> {
  return await hub.web.request({
    url,
    ...(method !== undefined && { method }),
    ...(body !== undefined && {
      body: JSON.stringify(body),
      headers: { "content-type": "application/json" },
    }),
    isRead: false,
    signal,
  });
}

const failure = z.object({ error: z.string() });

function failureIn(answer: WebAnswer): WebError | null {
  if (answer.body.byteLength > 4096) return null;
  let told: ReturnType<typeof failure.safeParse>;
  try {
    told = failure.safeParse(JSON.parse(textOf(answer)));
  } catch {
    return null; // whatever else is wrong with it, `jsonOf` says
  }
  if (!told.success) return null;
  const { url, status } = answer;
  const isLimit = /rate limit/i.test(told.data.error);
  return new WebError(
    isLimit ? "web/rate_limited" : "web/refused",
    `${new URL(url).host} answered with an error: ${told.data.error}`,
    {
      url,
      status,
      mend: isLimit
        ? "Ask again in a few minutes, or configure HF_TOKEN."
        : "Change the request by what it says.",
    },
  );
}

function nextPage({ headers, url }: WebAnswer): string | null {
  const link = /<([^>]+)>\s*;\s*rel="?next"?/.exec(headers.get("link") ?? "")?.[1];
  return link === undefined ? null : new URL(link, url).href;
}
