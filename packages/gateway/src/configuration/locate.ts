import { type Document, isAlias, isMap, isScalar, isSeq, type Node, type Pair } from "yaml";

export type Path = readonly PropertyKey[];

/** The node that a path leads to, or the deepest one on the way that exists: for a setting that is missing, what it is missing from. */
export function locate(
  document: Document,
  path: Path,
  { atKey }: { readonly atKey: boolean },
): { readonly offset: number; readonly node: Node | null } {
  let node = resolved(document.contents, document);
  let offset = startOf(node);
  for (const [index, step] of path.entries()) {
    const isLast = index === path.length - 1;
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
      if (!pair) return { offset, node: null };
      const next = resolved(pair.value as Node | null, document);
      // A missing part of a section is shown at the section's name, not at its first line.
      const shownAtKey = (isLast && atKey) || !isScalar(next);
      offset = shownAtKey ? startOf(keyOf(pair)) : startOf(next);
      node = next;
    } else if (isSeq(node)) {
      node = resolved((node.items[Number(step)] ?? null) as Node | null, document);
      if (!node) return { offset, node: null };
      offset = startOf(node);
    } else {
      return { offset, node: null };
    }
  }
  return { offset, node };
}

function keyOf(pair: Pair): Node | null {
  return isScalar(pair.key) ? pair.key : null;
}

function resolved(node: Node | null, document: Document): Node | null {
  return isAlias(node) ? (node.resolve(document) ?? null) : node;
}

function startOf(node: Node | null): number {
  return node?.range?.[0] ?? 0;
}
