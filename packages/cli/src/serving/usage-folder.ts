import { join } from "node:path";

/** Where `serve` keeps what requests used, and `usage` reads it. */
export function usageFolder(home: string): string {
  return join(home, "usage");
}
