import type { Context } from "hono";
import { Refusal } from "../refusal.ts";

/** A request's JSON body; what it means is for the caller's schema to say. */
export async function readJson(c: Context): Promise<unknown> {
  try {
    return await c.req.json();
  } catch {
    throw new Refusal("invalid", "The request's body is not JSON");
  }
}
