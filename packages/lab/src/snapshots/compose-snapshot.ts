import type { Manifest } from "./snapshot.ts";
import { readManifest, writeManifest } from "./snapshot-store.ts";

/**
 * A snapshot that is `base` in everything but one folder, which is as in `other`. Returns its id, which is that of `base`
 * when the two agree there.
 */
export async function composeSnapshot(options: {
  readonly store: string;
  readonly base: string;
  readonly other: string;
  /** Relative to the workspace. */
  readonly folder: string;
}): Promise<string> {
  const { store, base, other, folder } = options;
  const [rest, taken] = [await readManifest(store, base), await readManifest(store, other)];
  const isInside = ({ path }: { readonly path: string }): boolean =>
    path === folder || path.startsWith(`${folder}/`);
  const merged = <Item extends { readonly path: string }>(
    of: (manifest: Manifest) => readonly Item[],
  ): Item[] =>
    [...of(rest).filter((item) => !isInside(item)), ...of(taken).filter(isInside)].sort((a, b) =>
      a.path < b.path ? -1 : 1,
    );
  return writeManifest(store, {
    version: 1,
    entries: merged(({ entries }) => entries),
    left_out: merged(({ left_out }) => left_out),
  });
}
