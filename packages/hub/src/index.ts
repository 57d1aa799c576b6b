export type { HubAccount, VerifyToken } from "./auth.ts";
export { createHub, type HubOptions } from "./create-hub.ts";
export { HubError, type HubErrorCode } from "./hub-error.ts";
export { type HubServer, type ServeHubOptions, serveHub } from "./serve-hub.ts";
