import type { Context } from "hono";

/**
 * What follows the first `count` segments of the address, still percent-encoded: file and branch names may hold encoded
 * slashes, which the router's own parameters no longer tell from real ones.
 */
export function pathAfter(c: Context, count: number): string {
  return new URL(c.req.url).pathname
    .split("/")
    .slice(count + 1)
    .join("/");
}
