import { createHash } from "node:crypto";

export type GitObjectKind = "blob" | "tree" | "commit";

/** A git object in the form that is hashed: "kind size NUL content". */
export function frameObject(kind: GitObjectKind, content: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`${kind} ${content.length}\0`), content]);
}

/** The object id that git gives to this content. */
export function objectId(framed: Uint8Array): string {
  return createHash("sha1").update(framed).digest("hex");
}

/** Kind and content length from the first bytes of a framed object, or null when they are no such header. */
export function parseHeader(framed: Buffer): { kind: GitObjectKind; size: number; start: number } | null {
  const end = framed.indexOf(0);
  const match = /^(blob|tree|commit) (\d+)$/.exec(framed.subarray(0, Math.max(end, 0)).toString("latin1"));
  if (!match) return null;
  return { kind: match[1] as GitObjectKind, size: Number(match[2]), start: end + 1 };
}

export interface TreeEntry {
  readonly name: string;
  readonly kind: "file" | "folder";
  readonly oid: string;
}

export function encodeTree(entries: readonly TreeEntry[]): Buffer {
  // Git sorts by bytes, and a folder as if its name ended with a slash.
  const keyed = entries.map((entry) => ({
    entry,
    key: Buffer.from(entry.kind === "folder" ? `${entry.name}/` : entry.name),
  }));
  keyed.sort((a, b) => Buffer.compare(a.key, b.key));
  return Buffer.concat(
    keyed.flatMap(({ entry }) => [
      Buffer.from(`${entry.kind === "folder" ? "40000" : "100644"} ${entry.name}\0`),
      Buffer.from(entry.oid, "hex"),
    ]),
  );
}

export function decodeTree(content: Buffer): TreeEntry[] {
  const entries: TreeEntry[] = [];
  let at = 0;
  while (at < content.length) {
    const space = content.indexOf(0x20, at);
    const nul = content.indexOf(0, space);
    const mode = content.subarray(at, space).toString("latin1");
    entries.push({
      kind: mode === "40000" ? "folder" : "file",
      name: content.subarray(space + 1, nul).toString("utf8"),
      oid: content.subarray(nul + 1, nul + 21).toString("hex"),
    });
    at = nul + 21;
  }
  return entries;
}

export interface Commit {
  readonly tree: string;
  readonly parent: string | null;
  readonly author: string;
  readonly email: string;
  readonly date: Date;
  readonly message: string;
}

export function encodeCommit({ tree, parent, author, email, date, message }: Commit): Buffer {
  const plain = (text: string) => text.replace(/[<>\n\0]/g, "").trim();
  const who = `${plain(author)} <${plain(email)}> ${Math.floor(date.getTime() / 1000)} +0000`;
  const head = [`tree ${tree}`, ...(parent ? [`parent ${parent}`] : []), `author ${who}`, `committer ${who}`];
  return Buffer.from(`${head.join("\n")}\n\n${message.replaceAll("\0", "")}\n`);
}

export function decodeCommit(content: Buffer): Commit {
  const text = content.toString("utf8");
  const split = text.indexOf("\n\n");
  const head = text.slice(0, split);
  const author = /^author (.*) <(.*)> (\d+) /m.exec(head);
  return {
    tree: /^tree (\w+)/m.exec(head)?.[1] ?? "",
    parent: /^parent (\w+)/m.exec(head)?.[1] ?? null,
    author: author?.[1] ?? "",
    email: author?.[2] ?? "",
    date: new Date(Number(author?.[3] ?? 0) * 1000),
    message: text.slice(split + 2).replace(/\n$/, ""),
  };
}
