import { createHash } from "node:crypto";

const PLAIN_ID = /^[\w.:-]{1,128}$/;
/** How Claude Code ends its `user_id`. */
const SESSION_OF_USER = /_session_([\w-]{8,64})$/;

export interface SessionSource {
  readonly headers: Headers;
  /** The request's body as it came. */
  readonly body: unknown;
}

/**
 * An opaque id of the session that a request belongs to, as far as its client says: the header
 * `x-claude-code-session-id`, or what `metadata.user_id` says of it. A `user_id` that names no session stands for its
 * user by a digest, since it may be anything that somebody wrote. Null when the client says nothing.
 */
export function sessionOf({ headers, body }: SessionSource): string | null {
  const named = headers.get("x-claude-code-session-id");
  if (named) return PLAIN_ID.test(named) ? named : digest(named);
  const user = userOf(body);
  if (user === null) return null;
  return SESSION_OF_USER.exec(user)?.[1] ?? sessionInJson(user) ?? digest(user);
}

function userOf(body: unknown): string | null {
  const { metadata } = (body ?? {}) as { readonly metadata?: { readonly user_id?: unknown } | null };
  const user = metadata?.user_id;
  return typeof user === "string" && user !== "" ? user : null;
}

/** Newer clients write an object as text. */
function sessionInJson(user: string): string | null {
  if (!user.startsWith("{")) return null;
  try {
    const { session_id: id } = JSON.parse(user) as { readonly session_id?: unknown };
    return typeof id === "string" && PLAIN_ID.test(id) ? id : null;
  } catch {
    // Some other text that begins so.
    return null;
  }
}

function digest(text: string): string {
  return `user_${createHash("sha256").update(text).digest("hex").slice(0, 16)}`;
}
