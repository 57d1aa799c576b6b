/** Header fields that are sent to one host and no other, for instance `{ authorization: "Bearer …" }`. */
export type Credentials = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** What `url` may be told: only over TLS, or to `host:port` of a server on this machine that the table names with its port. */
export function credentialsFor(url: URL, credentials: Credentials): Readonly<Record<string, string>> {
  if (url.protocol === "https:" && url.port === "") return credentials[url.hostname] ?? {};
  return url.port === "" ? {} : (credentials[url.host] ?? {});
}
