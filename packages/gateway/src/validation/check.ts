import type { CountTokensRequest, MessagesRequest } from "@ml-intern/messages";

/** A request whose shape is right; the parts that only generation needs may be missing. */
export type CheckedRequest = CountTokensRequest & Partial<Pick<MessagesRequest, "max_tokens" | "stream">>;

/** Looks for one kind of fault that shapes cannot express. Returns what the API says about it, or null. */
export type Check = (request: CheckedRequest, headers: Headers) => string | null;
