import { createHash, timingSafeEqual } from "node:crypto";
import type { MiddlewareHandler } from "hono";
import { digestOfSetting } from "../configuration/key-digest.ts";
import type { GatewayKey } from "../create-gateway.ts";
import { GatewayError } from "../gateway-error.ts";
import type { GatewayEnv } from "./gateway-env.ts";
import { isLoopbackOrigin } from "./loopback-origin.ts";
import { workspaceId } from "./workspace-id.ts";

export interface AccessOptions {
  readonly keys: Readonly<Record<string, GatewayKey>>;
  readonly organizationId: string;
}

/**
 * Lets in who shows a known key, in `x-api-key` or as a bearer token; either is enough. With no keys configured everyone is let in,
 * but not a web page from elsewhere: a browser would send its requests to loopback for it.
 */
export function access({ keys, organizationId }: AccessOptions): MiddlewareHandler<GatewayEnv> {
  const known = Object.entries(keys).map(([key, { workspace, name = workspace, admin = false }]) => ({
    digest: Buffer.from(digestOfSetting(key).slice("sha256:".length), "hex"),
    name,
    workspace,
    admin,
    id: workspaceId(workspace, organizationId),
  }));
  const openId = workspaceId("default", organizationId);

  return async (context, next) => {
    const { headers } = context.req.raw;
    if (known.length === 0) {
      refuseForeignPages(headers.get("origin"));
      context.set("workspace", "default");
      context.set("key", null);
      context.set("isAdmin", true);
      await next();
      context.res.headers.set("anthropic-workspace-id", openId);
      return;
    }
    const shown = credentials(headers);
    const digests = shown.map((credential) => createHash("sha256").update(credential).digest());
    const key = known.find(({ digest }) => digests.some((each) => timingSafeEqual(each, digest)));
    if (!key) throw unauthenticated(shown.length === 0);
    const { name, workspace, admin, id } = key;
    refuseOtherWorkspace(headers.get("anthropic-workspace-id"), { workspace, id });
    context.set("workspace", workspace);
    context.set("key", name);
    context.set("isAdmin", admin);
    context.get("notes").key = name;
    await next();
    context.res.headers.set("anthropic-workspace-id", id);
  };
}

function credentials(headers: Headers): readonly string[] {
  const bearer = /^Bearer\s+(.+)$/i.exec(headers.get("authorization") ?? "")?.[1];
  return [headers.get("x-api-key"), bearer].flatMap((credential) => (credential ? [credential.trim()] : []));
}

function unauthenticated(missing: boolean): GatewayError {
  return new GatewayError(missing ? "x-api-key header is required" : "invalid x-api-key", {
    code: "invalid_key",
    status: 401,
    type: "authentication_error",
    mend: "Send a configured key as `x-api-key` or as `Authorization: Bearer`.",
    // Claude Code would otherwise ask ten more times, for minutes, before it tells its user.
    headers: { "x-should-retry": "false" },
  });
}

function refuseOtherWorkspace(
  wanted: string | null,
  { workspace, id }: { workspace: string; id: string },
): void {
  if (wanted === null || wanted === id || wanted === workspace) return;
  throw new GatewayError("The key does not belong to the workspace that anthropic-workspace-id names", {
    code: "wrong_workspace",
    status: 403,
    type: "permission_error",
    mend: `Leave the header out, or send ${id}.`,
  });
}

function refuseForeignPages(origin: string | null): void {
  if (origin === null || isLoopbackOrigin(origin)) return;
  throw new GatewayError(`Requests from web pages at ${origin} are not accepted`, {
    code: "forbidden_origin",
    status: 403,
    type: "permission_error",
    mend: "Configure keys to let pages from elsewhere in.",
  });
}
