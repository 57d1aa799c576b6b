import type { Fetch, SearchProvider } from "@ml-intern/research";
import type { Environment } from "../models/endpoints.ts";
import { hubUrl } from "./hub-url.ts";
import type { Reading } from "./reading.ts";
import type { WebSettings } from "./web-settings.ts";

/** Which hub is meant: huggingface.co (or what HF_ENDPOINT says), or the embedded one on this machine. */
export type WhichHub = "huggingface" | "embedded";

/** What can be said of reading before anything is read. */
export interface Library {
  readonly searchHost: string;
  /** The hosts that a call to a hub reaches; the embedded one reaches none, since nothing leaves this machine. */
  hubHosts(which: WhichHub): readonly string[];
  /** Loads what it takes when it is first asked: few sessions need all of it, and none to begin. */
  open(): Promise<Reading>;
}

export interface LibraryOptions {
  readonly home: string;
  readonly env: Environment;
  readonly settings: WebSettings;
  /** Makes requests to everything but the embedded hub; for tests. */
  readonly fetch?: Fetch;
}

const VIEWER = "datasets-server.huggingface.co";

export function createLibrary(options: LibraryOptions): Library {
  const { env, settings } = options;
  const { hostname } = new URL(hubUrl(env));
  let reading: Promise<Reading> | null = null;
  return {
    searchHost: hostOf(settings.search),
    hubHosts: (which) => (which === "embedded" ? [] : [hostname, VIEWER]),
    open: () => {
      reading ??= import("./reading.ts").then(({ openReading }) => openReading(options));
      return reading;
    },
  };
}

/** For tools, which may be listed without one. */
export async function openLibrary(library: Library | null): Promise<Reading> {
  if (library === null) throw new Error("a tool that is only listed cannot be called");
  return await library.open();
}

function hostOf(search: SearchProvider): string {
  switch (search.kind) {
    case "duckduckgo":
      return "html.duckduckgo.com";
    case "brave":
      return "api.search.brave.com";
    case "tavily":
      return "api.tavily.com";
    case "searxng":
      return new URL(search.url).hostname;
    default:
      return search satisfies never;
  }
}
