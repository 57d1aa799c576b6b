import type { Sketch, SketchedBlock } from "./random-prompt.ts";
import type { Split } from "./test-cache.ts";
import { lengthsOf } from "./write-sketch.ts";

/** What somebody has paid for: that a prompt is kept for so long. `age` is the time since the request began. */
interface Grant {
  readonly owner: string;
  readonly prompt: string;
  readonly ttl: "5m" | "1h";
  age: number;
}

export interface NaivePlan {
  readonly split: Split;
  readonly begun: () => void;
}

const SECONDS = { "5m": 300, "1h": 3600 } as const;

/**
 * The contract once more, as plainly as it can be said and with nothing in common with the real one: prompts are texts,
 * not keys; nothing is ever thrown away; time is an age that grows; the split is counted token by token.
 */
export class NaiveCache {
  readonly #minimum: number;
  readonly #grants: Grant[] = [];
  readonly #waiting: { age: number }[] = [];
  #clock: number;

  constructor({ minimum, clock }: { readonly minimum: number; readonly clock: number }) {
    this.#minimum = minimum;
    this.#clock = clock;
  }

  /** Somebody looks at the clock. Seconds that it goes back are no time. */
  look(clock: number): void {
    const passed = Math.max(0, clock - this.#clock);
    for (const aging of [...this.#grants, ...this.#waiting]) aging.age += passed;
    this.#clock = clock;
  }

  /** `startedAt` is what the clock said when the request began. */
  plan(
    sketch: Sketch,
    { owner, startedAt }: { readonly owner: string; readonly startedAt: number },
  ): NaivePlan {
    const request = { age: Math.max(0, this.#clock - startedAt) };
    this.#waiting.push(request);
    const prompts = promptsOf(sketch);
    const grants = prompts.map((prompt) => this.#best({ owner, prompt, at: request.age }));
    const hit = Math.max(-1, ...candidates(sketch).filter((at) => grants[at]));
    const lengths = lengthsOf(sketch);
    const marked = sketch.flatMap(({ marker }, at) =>
      marker && (lengths[at] ?? 0) >= this.#minimum ? [{ marker, at, end: lengths[at] ?? 0 }] : [],
    );
    const read = lengths[hit] ?? 0;
    const split: [number, number, number, number] = [0, 0, 0, 0];
    for (let token = 0; token < (lengths.at(-1) ?? 0); token++) {
      const isWithin = (ttl: "5m" | "1h"): boolean =>
        marked.some(({ marker, end }) => marker === ttl && token < end);
      split[token < read ? 0 : isWithin("1h") ? 2 : isWithin("5m") ? 1 : 3]++;
    }
    const begun = (): void => {
      const renewed = grants.slice(0, hit + 1).map((grant) => grant?.ttl);
      for (const { marker, at } of marked)
        if (renewed[at] !== "1h" && grants[at]?.ttl !== "1h") renewed[at] = marker;
      for (const { at } of marked) renewed[at] ??= grants[at]?.ttl;
      for (const [at, ttl] of renewed.entries()) {
        if (ttl) this.#grants.push({ owner, prompt: prompts[at] ?? "", ttl, age: request.age });
      }
    };
    return { split, begun };
  }

  /** Of the grants that lived when the request began, the one that lives longest; of two the newer. */
  #best({
    owner,
    prompt,
    at,
  }: {
    readonly owner: string;
    readonly prompt: string;
    readonly at: number;
  }): Grant | null {
    let best: Grant | null = null;
    for (const grant of this.#grants) {
      if (grant.prompt !== prompt || grant.owner !== owner || grant.age - at >= SECONDS[grant.ttl]) continue;
      if (!best || left(grant) >= left(best)) best = grant;
    }
    return best;
  }
}

function left({ ttl, age }: Grant): number {
  return SECONDS[ttl] - age;
}

/** The prompt up to each block, as text. */
function promptsOf(sketch: Sketch): readonly string[] {
  let prompt = "";
  return sketch.map(({ kind, text }) => {
    prompt += `${kind}:${text}/`;
    return prompt;
  });
}

/** All blocks at which any marker may find something: those of its last 20 positions. */
function candidates(sketch: Sketch): readonly number[] {
  return sketch.flatMap(({ marker }, at) =>
    marker
      ? positions(sketch.slice(0, at + 1))
          .slice(-20)
          .flat()
      : [],
  );
}

/** The indexes of the blocks, those of a run together. */
function positions(sketch: Sketch): readonly number[][] {
  const found: number[][] = [];
  let before: SketchedBlock["kind"] | null = null;
  for (const [at, { kind }] of sketch.entries()) {
    if (kind === before && (kind === "call" || kind === "result")) found.at(-1)?.push(at);
    else found.push([at]);
    before = kind;
  }
  return found;
}
