export { jsonOf, textOf } from "./http/contents.ts";
export type { Credentials } from "./http/credentials.ts";
export type { Fetch } from "./http/fetch.ts";
export type { HostManners } from "./http/host-gates.ts";
export type { HostPolicy } from "./http/host-policy.ts";
export { type WebAnswer, WebClient, type WebClientOptions, type WebRequest } from "./http/web-client.ts";
export { WebError, type WebErrorCode } from "./http/web-error.ts";
