import { isIP } from "node:net";
import { isPublicAddress } from "./public-address.ts";
import { WebError } from "./web-error.ts";

/** Which hosts may be asked. A pattern is a host, or `*.` before one for all hosts below it. */
export interface HostPolicy {
  /** When given, no other hosts. */
  readonly allow?: readonly string[];
  /** Comes before `allow`. */
  readonly deny?: readonly string[];
  /** `host:port` of servers on private addresses that are meant to be asked: the embedded hub. */
  readonly ownServers?: readonly string[];
}

/** The address of a request that may be made. Throws a {@link WebError}: `web/bad_url`, `web/refused_host` or `web/private_address`. */
export function checkUrl(text: string, policy: HostPolicy): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== "https:" && url.protocol !== "http:")) {
    throw new WebError("web/bad_url", `${quote(text)} is no web address.`, {
      url: text,
      mend: "Give a whole address that begins with https://.",
    });
  }
  if (url.username !== "" || url.password !== "") {
    throw new WebError("web/bad_url", "The address holds a name or a password.", {
      url: url.origin,
      mend: "Leave it out; credentials are configured, and go only to the host they belong to.",
    });
  }
  const host = hostOf(url);
  const isAllowed = policy.allow === undefined || policy.allow.some((pattern) => fits(pattern, host));
  if (!isAllowed || policy.deny?.some((pattern) => fits(pattern, host))) {
    throw new WebError("web/refused_host", `${host} may not be asked: the list of hosts says so.`, {
      url: url.href,
      mend: "Use another source, or let the person change `web.allow` and `web.deny` in intern.yaml.",
    });
  }
  if (!isOwnServer(url, policy) && isPrivateName(host)) throw privateAddress(url.href, host);
  return url;
}

export function isOwnServer(url: URL, { ownServers = [] }: HostPolicy): boolean {
  return ownServers.includes(url.host);
}

export function privateAddress(url: string, told: string, cause?: unknown): WebError {
  return new WebError("web/private_address", `${told}: that is not on the public network.`, {
    url,
    mend: "Only public addresses are asked. Use another source.",
    cause,
  });
}

/** Without the brackets of IPv6 and the dot that may end a full name. */
function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, "").replace(/\.$/, "");
}

function isPrivateName(host: string): boolean {
  if (isIP(host) !== 0) return !isPublicAddress(host);
  return /(^|\.)(localhost|local|internal|home\.arpa)$/.test(host) || !host.includes(".");
}

function fits(pattern: string, host: string): boolean {
  const wanted = pattern.toLowerCase();
  return wanted.startsWith("*.") ? host.endsWith(wanted.slice(1)) : host === wanted;
}

function quote(text: string): string {
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
}
