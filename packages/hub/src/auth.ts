import type { Context } from "hono";
import { Refusal } from "./refusal.ts";

/** Who a token stands for. */
export interface HubAccount {
  /** User name, which is also the namespace that the account may write to. */
  readonly user: string;
  readonly fullname?: string;
  readonly email?: string;
  /** Further namespaces that the account may write to. */
  readonly orgs?: readonly string[];
  /** `read` tokens are refused for everything that changes something. Default `write`. */
  readonly role?: "read" | "write";
}

/** Answers who a token stands for, or `null` for a token that is not valid. */
export type VerifyToken = (token: string) => HubAccount | null | Promise<HubAccount | null>;

/** A caller whose token was checked. */
export interface Caller extends HubAccount {
  /** True without configured tokens: one person on their own machine, who owns every namespace. */
  readonly everyNamespace: boolean;
}

/** The caller of a request; null without a token. A wrong token is refused even where none is needed. */
export type Authenticate = (c: Context) => Promise<Caller | null>;

export function createAuthenticate(
  tokens: Readonly<Record<string, HubAccount>> | VerifyToken | undefined,
): Authenticate {
  const verify: VerifyToken =
    typeof tokens === "function"
      ? tokens
      : tokens
        ? (token) => (Object.hasOwn(tokens, token) ? (tokens[token] ?? null) : null)
        : (token) => (/^hf_.+/.test(token) ? { user: "local", fullname: "Local user" } : null);
  return async (c) => {
    const header = c.req.header("Authorization");
    if (header === undefined) return null;
    const token = /^Bearer\s+(\S+)$/i.exec(header.trim())?.[1];
    const account = token === undefined ? null : await verify(token);
    if (!account) throw new Refusal("bad_credentials", "Invalid credentials in Authorization header");
    return { ...account, everyNamespace: tokens === undefined };
  };
}

/** Whether the caller belongs to a namespace, and so sees what is private in it. */
export function belongsTo(caller: Caller | null, namespace: string): boolean {
  if (!caller) return false;
  return caller.everyNamespace || caller.user === namespace || (caller.orgs?.includes(namespace) ?? false);
}

/** The caller, or a refusal when there is none. */
export function requireCaller(caller: Caller | null): Caller {
  if (!caller) throw new Refusal("no_credentials", "Invalid username or password.");
  return caller;
}

/** Refuses who may not write to the namespace. */
export function requireWriter(caller: Caller | null, namespace: string): Caller {
  const known = requireCaller(caller);
  if (known.role === "read") {
    throw new Refusal(
      "forbidden",
      `This token of ${known.user} may only read: use a token with the role "write"`,
    );
  }
  if (!belongsTo(known, namespace)) {
    throw new Refusal("forbidden", `You don't have the rights to write to the namespace "${namespace}"`);
  }
  return known;
}
