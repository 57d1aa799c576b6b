import { join } from "node:path";
import { findEnvironment } from "@ml-intern/lab";
import {
  type Documentation,
  type Hub,
  hubAccess,
  openDocumentation,
  openHub,
  PAPER_MANNERS,
  type SearchProvider,
  searchCredentials,
  type WebAnswer,
  WebClient,
} from "@ml-intern/research";
import { openHubTarget } from "../publishing/open-hub-target.ts";
import { hubUrl } from "./hub-url.ts";
import type { LibraryOptions, WhichHub } from "./library.ts";
import { tokensIn } from "./tokens-in.ts";

/** Where the intern reads: the web, hubs, documentation. Nothing of it belongs to a session. */
export interface Reading {
  /** Documentation that was made of what is installed, and files that were downloaded, lie below. */
  readonly folder: string;
  readonly web: WebClient;
  readonly search: SearchProvider;
  hub(which: WhichHub): Hub;
  /** The same, which tells of each answer of the web: it may be an old one. */
  watched(onAnswer: (answer: WebAnswer) => void): Reading;
  /** Opened when it is first asked for. */
  documentation(): Promise<Documentation>;
}

const GIGABYTE = 1e9;

/** Asks nobody yet. Each token of the environment goes to its own host and to no other. */
export function openReading({ home, env, settings, fetch }: LibraryOptions): Reading {
  const { allow, deny, search, cacheGigabytes } = settings;
  const folder = join(home, "library");
  const embedded = openHubTarget({ kind: "local", home, env });
  const remote = { url: hubUrl(env), token: env.HF_TOKEN || null };
  const { credentials, ownServers } = hubAccess(remote);
  const own = [...ownServers, ...(search.kind === "searxng" ? [new URL(search.url).host] : [])];
  const web = new WebClient({
    cache: { folder: join(folder, "answers"), maxBytes: cacheGigabytes * GIGABYTE },
    offline: settings.offline || isSet(env.ML_INTERN_OFFLINE),
    hosts: { ...(allow && { allow }), ...(deny && { deny }), ownServers: own },
    credentials: { ...tokensIn(env), ...searchCredentials(search), ...credentials },
    manners: PAPER_MANNERS,
    ...(fetch && { fetch }),
  });
  // It is on this machine: there is nothing to keep, and no network to do without.
  const here = hubAccess(embedded);
  const near = new WebClient({
    cache: null,
    hosts: { ownServers: here.ownServers },
    credentials: here.credentials,
    fetch: embedded.fetch,
  });
  let documentation: Promise<Documentation> | null = null;
  const documentationOf = (): Promise<Documentation> => {
    documentation ??= openDocumentation({
      folder: join(folder, "documentation"),
      web,
      installed: (name) => installedVersion(name, home),
    }).catch((error: unknown) => {
      documentation = null;
      throw error;
    });
    return documentation;
  };
  const readingBy = (web: WebClient): Reading => ({
    folder,
    web,
    search,
    hub: (which) => (which === "embedded" ? openHub(near, embedded.url) : openHub(web, remote.url)),
    documentation: documentationOf,
    watched: (onAnswer) => readingBy(web.watched(onAnswer)),
  });
  return readingBy(web);
}

/** Of a package in the larger environment that is there; the larger has all that the smaller has. */
async function installedVersion(name: string, home: string): Promise<string | null> {
  const signal = AbortSignal.timeout(10_000);
  for (const environment of ["torch", "base"] as const) {
    // Without Python nothing is installed.
    const found = await findEnvironment({ name: environment, home, signal }).catch(() => null);
    const version = found?.packages.find((each) => canonical(each.name) === canonical(name))?.version;
    if (version !== undefined) return version;
  }
  return null;
}

/** `Scikit_Learn` is `scikit-learn`. */
function canonical(name: string): string {
  return name.toLowerCase().replaceAll(/[-_.]+/g, "-");
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== "" && value !== "0" && value !== "false";
}
