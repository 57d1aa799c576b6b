import { crc32 } from "node:zlib";
import type { Piece, PieceKind } from "../piece.ts";
import { ownerLabel, readOwnerLabel, type StateOwner } from "../state-owner.ts";
import { type TreeNode, tokensUpTo } from "../tree/tree-node.ts";

// A file is a head and the state. The head, in little-endian order:
//   0  8 bytes "ML-STATE"      8  u16 version   10  u8 kind   11  u8 zero
//  12  u32 tokens in a block  16  u32 tokens    20  u32 CRC-32 of the state  24  u64 length of the state
//  32  32 bytes key of the empty prefix: names model, quantisation, library and workspace
//  64  32 bytes key of the prefix before the tokens
//  96  u32 bytes of the owner
// 100  the tokens, i32 each: the block's own, or with a boundary all from the beginning
//      the owner, so that a stopped server's states can be told apart: a JSON array of workspace and model
//      u32 CRC-32 of all the above
// The name of the file is the key of the prefix with the tokens, so that a file under a wrong name is noticed as well.
const MAGIC = Buffer.from("ML-STATE", "latin1");
const VERSION = 2;
const KINDS: readonly PieceKind[] = ["block", "boundary"];
const TOKENS_AT = 100;
const FILE_NAME = /^([0-9a-f]{64})\.(block|boundary)$/;

export interface StateHead {
  readonly kind: PieceKind;
  readonly blockTokens: number;
  readonly rootKey: string;
  readonly owner: StateOwner;
  readonly parentKey: string;
  readonly tokens: Int32Array;
  readonly size: number;
}

export function fileName({ node, kind }: { readonly node: TreeNode; readonly kind: PieceKind }): string {
  return `${node.key}.${kind}`;
}

export function parseFileName(name: string): { readonly key: string; readonly kind: PieceKind } | null {
  const [, key, kind] = FILE_NAME.exec(name) ?? [];
  return key && kind ? { key, kind: kind as PieceKind } : null;
}

/** Length of the file of a piece. */
export function fileLength(piece: Piece): number {
  const { kind, node, size } = piece;
  const tokens = kind === "block" ? node.tokens.length : node.end;
  return headLength(tokens, ownerLabel(node.owner).length) + size;
}

/** The head of a piece's file. */
export function encodeHead(
  piece: Piece,
  { blockTokens, checksum }: { blockTokens: number; checksum: number },
): Buffer {
  const { node, kind, size } = piece;
  const rootKey = keyOfRoot(node);
  const tokens = kind === "block" ? node.tokens : tokensUpTo(node);
  const label = ownerLabel(node.owner);
  const head = Buffer.alloc(headLength(tokens.length, label.length));
  MAGIC.copy(head);
  head.writeUInt16LE(VERSION, 8);
  head.writeUInt8(KINDS.indexOf(kind), 10);
  head.writeUInt32LE(blockTokens, 12);
  head.writeUInt32LE(tokens.length, 16);
  head.writeUInt32LE(checksum, 20);
  head.writeBigUInt64LE(BigInt(size), 24);
  head.write(rootKey, 32, "hex");
  head.write(kind === "block" && node.parent ? node.parent.key : rootKey, 64, "hex");
  head.writeUInt32LE(label.length, 96);
  head.set(new Uint8Array(tokens.buffer, tokens.byteOffset, tokens.byteLength), TOKENS_AT);
  head.set(label, TOKENS_AT + tokens.byteLength);
  head.writeUInt32LE(crc32(head.subarray(0, -4)), head.length - 4);
  return head;
}

/** Reads a head, or says how many bytes it takes; null when it is none of this version, or damaged. */
export function decodeHead(bytes: Buffer): StateHead | { readonly needs: number } | null {
  if (bytes.length < TOKENS_AT || !bytes.subarray(0, 8).equals(MAGIC)) return null;
  const kind = KINDS[bytes.readUInt8(10)];
  if (bytes.readUInt16LE(8) !== VERSION || !kind) return null;
  const count = bytes.readUInt32LE(16);
  const labelAt = TOKENS_AT + 4 * count;
  const length = headLength(count, bytes.readUInt32LE(96));
  if (bytes.length < length) return { needs: length };
  if (crc32(bytes.subarray(0, length - 4)) !== bytes.readUInt32LE(length - 4)) return null;
  const owner = readOwnerLabel(bytes.subarray(labelAt, length - 4));
  if (!owner) return null;
  const tokens = new Int32Array(count);
  Buffer.from(tokens.buffer).set(bytes.subarray(TOKENS_AT, labelAt));
  return {
    kind,
    blockTokens: bytes.readUInt32LE(12),
    rootKey: bytes.toString("hex", 32, 64),
    owner,
    parentKey: bytes.toString("hex", 64, 96),
    tokens,
    size: Number(bytes.readBigUInt64LE(24)),
  };
}

/** Whether a file's head and state are those of a piece, to the bit. */
export function isFileOf(
  piece: Piece,
  { head, state, blockTokens }: { head: Buffer; state: Uint8Array; blockTokens: number },
): boolean {
  return encodeHead(piece, { blockTokens, checksum: crc32(state) }).equals(head);
}

/** With an owner of so many bytes. */
export function headLength(tokens: number, ownerBytes: number): number {
  return TOKENS_AT + 4 * tokens + ownerBytes + 4;
}

function keyOfRoot(node: TreeNode): string {
  let root = node;
  while (root.parent) root = root.parent;
  return root.key;
}
