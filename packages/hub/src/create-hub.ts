import { Hono } from "hono";
import type { HubAccount, VerifyToken } from "./auth.ts";

export interface HubOptions {
  /** Folder that holds everything; made when absent. Several processes may share it. */
  readonly root: string;
  /**
   * Accepted tokens. When absent any token that begins with `hf_` is accepted and stands for the user "local",
   * who may write to every namespace: meant for a server on loopback, which is what `serveHub` starts by default.
   */
  readonly tokens?: Readonly<Record<string, HubAccount>> | VerifyToken;
  /** Clock for commit dates. */
  readonly now?: () => Date;
}

/**
 * The Hugging Face Hub protocol over a folder, as a Hono application: serve it with `serveHub`, or hand `app.fetch`
 * to a client in the same process. What was acknowledged to a client has reached the disk.
 */
export function createHub(_options: HubOptions): Hono {
  return new Hono();
}
