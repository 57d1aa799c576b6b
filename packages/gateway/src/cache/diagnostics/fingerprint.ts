import { hash } from "node:crypto";
import type { MessagesRequest } from "@ml-intern/messages";
import { estimateTokens } from "../../engines/estimate-tokens.ts";
import { type PromptBlock, type PromptPlace, type PromptSection, SECTIONS } from "../prompt/prompt-block.ts";
import { promptBlocks } from "../prompt/prompt-blocks.ts";
import { requestParameters } from "../prompt/request-parameters.ts";

const DIGEST_BYTES = 12;
/** Of one block: its digest, and its tokens in the last four bytes. */
const BLOCK_BYTES = DIGEST_BYTES + 4;

/** What is kept of a request: digests and token counts, packed, and nothing that could be read. */
export interface Fingerprint {
  /** Of the model that answers, and of its speed: each has a cache of its own. */
  readonly model: string;
  /** Of what changes a prompt without standing in it, such as `tool_choice`. */
  readonly parameters: string;
  readonly sections: Readonly<Record<PromptSection, Buffer>>;
  /** Of the whole prompt: the estimate of its blocks, until an answer has said how many there were. */
  readonly promptTokens: number;
}

export interface Fingerprinted {
  readonly fingerprint: Fingerprint;
  /** Where the blocks stand in the request, in the order of the fingerprint. */
  readonly places: Readonly<Record<PromptSection, readonly PromptPlace[]>>;
}

/** Takes the fingerprint of a validated request. `model` is who answers, as `engine/name`, not what the client wrote. */
export function takeFingerprint(request: MessagesRequest, model: string): Fingerprinted {
  const { speed } = request as { readonly speed?: string | null };
  const blocks = promptBlocks(request);
  const bySection = <T>(of: (blocks: readonly PromptBlock[]) => T): Record<PromptSection, T> => {
    const only = (section: PromptSection): T => of(blocks.filter((block) => block.section === section));
    return { tools: only("tools"), system: only("system"), messages: only("messages") };
  };
  const sections = bySection((some) => packed(some, request));
  return {
    fingerprint: {
      model: hash("sha256", JSON.stringify([model, speed ?? "standard"])),
      parameters: hash("sha256", JSON.stringify(requestParameters(request))),
      sections,
      promptTokens: SECTIONS.reduce((sum, section) => sum + tokensOf(sections[section]), 0),
    },
    places: bySection((some) => some.map(({ place }) => place)),
  };
}

export function blocksOf(section: Buffer): number {
  return section.length / BLOCK_BYTES;
}

/** Estimated tokens of the first blocks of a section; default: of all. */
export function tokensOf(section: Buffer, blocks: number = blocksOf(section)): number {
  let tokens = 0;
  for (let block = 0; block < blocks; block++)
    tokens += section.readUInt32LE(block * BLOCK_BYTES + DIGEST_BYTES);
  return tokens;
}

/** How many blocks two sections begin with in common. The estimates are not compared: they differ with the spelling. */
export function sharedBlocks(one: Buffer, other: Buffer): number {
  const most = Math.min(one.length, other.length);
  let at = 0;
  while (at < most && one.compare(other, at, at + DIGEST_BYTES, at, at + DIGEST_BYTES) === 0)
    at += BLOCK_BYTES;
  return at / BLOCK_BYTES;
}

function packed(blocks: readonly PromptBlock[], request: MessagesRequest): Buffer {
  const pack = Buffer.alloc(blocks.length * BLOCK_BYTES);
  for (const [index, { canonical, place }] of blocks.entries()) {
    pack.write(hash("sha256", canonical), index * BLOCK_BYTES, DIGEST_BYTES, "hex");
    const tokens = estimateTokens({ messages: contentAt(place, request) });
    pack.writeUInt32LE(tokens, index * BLOCK_BYTES + DIGEST_BYTES);
  }
  return pack;
}

function contentAt(place: PromptPlace, { tools = [], system = [], messages }: MessagesRequest): unknown {
  if (place.section === "tools") return tools[place.index];
  const [content, index] =
    place.section === "system"
      ? [system, place.index]
      : [messages[place.message]?.content ?? [], place.block];
  return typeof content === "string" ? content : content[index];
}
