/**
 * Whether an upstream's cache gave back what it should have. What was promised is known about, not exactly: most of it
 * is enough.
 */
export function isKept({ promised, read }: { readonly promised: number; readonly read: number }): boolean {
  return read * 2 >= promised;
}
