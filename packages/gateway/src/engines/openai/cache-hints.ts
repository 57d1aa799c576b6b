import { createHmac } from "node:crypto";
import type { MessagesRequest } from "@ml-intern/messages";
import { GatewayError } from "../../gateway-error.ts";
import { type ChatMessagesOptions, chatMessages } from "./chat-messages.ts";
import type { ChatRequest } from "./chat-types.ts";
import type { Problem } from "./problem.ts";

export interface CacheHintsOptions extends ChatMessagesOptions {
  /** As the endpoint gets them: without those that are deferred. */
  readonly tools: ChatRequest["tools"];
  /** Whose request it is: no two workspaces ever get the same hint. */
  readonly workspace: string;
  /** Makes keys that nobody else can work out from a conversation; null where none are sent. */
  readonly keySecret: string | null;
  /** Makes salts that nobody else can work out from a workspace's name; null where none are sent. */
  readonly saltSecret: string | null;
}

/**
 * What tells an endpoint where to look for a prompt's beginning. The key stays the same through all turns of a
 * conversation, whatever is marked or appended, and leads them to the replica that has it; the salt is the workspace's, and
 * keeps prompts of one workspace from being found by another. Both are 32 hexadecimal digits: some servers fall over what
 * is longer, or is not made of letters and digits.
 */
export function cacheHints(
  request: MessagesRequest,
  { tools = [], workspace, keySecret, saltSecret, ...options }: CacheHintsOptions,
): Pick<ChatRequest, "prompt_cache_key" | "cache_salt"> {
  const beginning = (): unknown =>
    chatMessages({ ...request, messages: request.messages.slice(0, 1) }, options);
  return {
    ...(keySecret === null ? {} : { prompt_cache_key: digest(keySecret, [workspace, tools, beginning()]) }),
    ...(saltSecret === null ? {} : { cache_salt: digest(saltSecret, workspace) }),
  };
}

/** Whether an endpoint is known to take `prompt_cache_key`. Many refuse what they do not know. */
export function takesCacheKey(baseUrl: string): boolean {
  return URL.canParse(baseUrl) && new URL(baseUrl).hostname === "api.openai.com";
}

/** The failure of a request whose salt an endpoint refuses; null where a problem is about something else. */
export function saltRefused(
  problem: Problem,
  { baseUrl }: { readonly baseUrl: string },
): GatewayError | null {
  if (problem.param !== "cache_salt" && !/\bcache_salt\b/.test(problem.message)) return null;
  return new GatewayError(`The endpoint ${baseUrl} refuses the field cache_salt`, {
    code: "endpoint_refused_request",
    status: 502,
    type: "api_error",
    // Asked without it, the endpoint might answer one workspace from what another one wrote.
    mend: "Take `cacheSalt` out of this engine's configuration, or let one workspace only use it.",
    headers: { "x-should-retry": "false" },
  });
}

function digest(secret: string, value: unknown): string {
  return createHmac("sha256", secret).update(JSON.stringify(value)).digest("hex").slice(0, 32);
}
