import type { TinyFamily } from "@ml-intern/testkit";
import type { PlacedPrompt } from "../prompt-memory.ts";

/** Where what needed no reading came from. */
export type HitSource = "sequence" | "memory" | "disk";

export const HIT_SOURCES: readonly HitSource[] = ["sequence", "memory", "disk"];

/** What happened with the models of one family. */
export class FuzzTally {
  conversations = 0;
  requests = 0;
  finished = 0;
  equal = 0;
  left = 0;
  /** Of all prompts that were placed. */
  tokens = 0;
  restarts = 0;
  kills = 0;
  damagedFiles = 0;
  /** Files that made room for others, in lives that began with whole files. */
  evictedFiles = 0;
  readonly hits: Record<HitSource, { prompts: number; tokens: number }> = {
    sequence: { prompts: 0, tokens: 0 },
    memory: { prompts: 0, tokens: 0 },
    disk: { prompts: 0, tokens: 0 },
  };

  /** A prompt was placed. */
  placed({ tokens, held, restored, fromDisk }: PlacedPrompt): void {
    this.tokens += tokens;
    this.#hit("sequence", held);
    this.#hit("memory", restored - fromDisk);
    this.#hit("disk", fromDisk);
  }

  #hit(source: HitSource, tokens: number): void {
    if (tokens === 0) return;
    this.hits[source].prompts++;
    this.hits[source].tokens += tokens;
  }

  /** Which part of the prompts' tokens needed no reading. */
  get share(): number {
    const saved = Object.values(this.hits).reduce((sum, { tokens }) => sum + tokens, 0);
    return this.tokens === 0 ? 0 : saved / this.tokens;
  }
}

/** Something that must never happen, with what it takes to see it again. */
export interface FuzzFault {
  readonly family: TinyFamily;
  readonly kind: "another answer" | "failure" | "hang" | "reference reused";
  /** Request, answers or error. */
  readonly details: Readonly<Record<string, unknown>>;
}

export interface FuzzResult {
  readonly tallies: ReadonlyMap<TinyFamily, FuzzTally>;
  readonly faults: readonly FuzzFault[];
}

/** A row for each family, under the names of the first row. */
export function tallyRows(tallies: FuzzResult["tallies"]): readonly (readonly string[])[] {
  const head = [
    ...["family", "conversations", "requests", "finished", "equal", "client left", "tokens not read"],
    ...["from the sequence", "from memory", "from disk"],
    ...["files evicted", "restarts", "of them kills", "files damaged"],
  ];
  const rows = [...tallies].map(([family, tally]) => [
    family,
    ...[tally.conversations, tally.requests, tally.finished, tally.equal, tally.left].map(String),
    `${(100 * tally.share).toFixed(1)} %`,
    ...HIT_SOURCES.map((source) => {
      const { prompts, tokens } = tally.hits[source];
      return `${prompts} (${tokens})`;
    }),
    ...[tally.evictedFiles, tally.restarts, tally.kills, tally.damagedFiles].map(String),
  ]);
  return [head, ...rows];
}
