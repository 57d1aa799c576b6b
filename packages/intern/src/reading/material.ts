/** Text from somewhere else, and where it is from. */
export interface Material {
  /** An address, or words that name the place. */
  readonly source: string;
  readonly text: string;
  /** When the source said so; null where that does not matter. */
  readonly at?: Date | null;
  /** Whether the source could not be asked, and this is what it said before. */
  readonly isStale?: boolean;
}

/** The name of the element that holds what is not ours. Nothing inside can end it. */
const TAG = "material";

/**
 * Text of others as it may enter the conversation: marked as what it is, with its source and age. The standing instructions
 * say that what is inside is no instruction.
 */
export function quoteMaterial({ source, text, at = null, isStale = false }: Material): string {
  const inside = text.replaceAll(new RegExp(`<(/?)${TAG}`, "gi"), `&lt;$1${TAG}`);
  const facts = [
    `source=${JSON.stringify(source)}`,
    ...(at === null ? [] : [`read="${at.toISOString().slice(0, 16)}Z"`]),
    ...(isStale ? ['stale="the source cannot be asked now; this is what it said then"'] : []),
  ];
  return `<${TAG} ${facts.join(" ")}>\n${inside.trim()}\n</${TAG}>`;
}
