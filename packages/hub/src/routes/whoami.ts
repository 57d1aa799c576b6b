import { createHash } from "node:crypto";
import { Hono } from "hono";
import { requireCaller } from "../auth.ts";
import type { HubContext } from "../hub-context.ts";

/** An id that stays the same for the same name, in the form of the real hub's. */
function idOf(name: string): string {
  return createHash("sha256").update(name).digest("hex").slice(0, 24);
}

export function whoamiRoutes(hub: HubContext): Hono {
  const app = new Hono();
  app.get("/api/whoami-v2", async (c) => {
    const caller = requireCaller(await hub.authenticate(c));
    const role = caller.role ?? "write";
    return c.json({
      type: "user",
      id: idOf(caller.user),
      name: caller.user,
      fullname: caller.fullname ?? caller.user,
      email: caller.email ?? `${caller.user}@localhost`,
      emailVerified: false,
      canPay: false,
      billingMode: "prepaid",
      periodEnd: null,
      isPro: false,
      avatarUrl: "",
      orgs: (caller.orgs ?? []).map((name) => ({
        type: "org",
        id: idOf(name),
        name,
        fullname: name,
        email: null,
        canPay: false,
        periodEnd: null,
        avatarUrl: "",
        roleInOrg: role,
      })),
      auth: {
        type: "access_token",
        accessToken: { displayName: "ml-intern hub", role, createdAt: new Date(0).toISOString() },
      },
    });
  });
  return app;
}
