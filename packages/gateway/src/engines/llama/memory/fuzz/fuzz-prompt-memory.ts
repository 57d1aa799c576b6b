import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Random, seededRandom, type TinyFamily, writeTinyGguf } from "@ml-intern/testkit";
import { within } from "../../../../streaming/within.ts";
import { copyAsKilled, damageStates, stateFiles } from "./damage-states.ts";
import { type Answer, FuzzEngine, HANG_MS, sameAnswer, WINDOW } from "./fuzz-engines.ts";
import { type FuzzFault, type FuzzResult, FuzzTally } from "./fuzz-tally.ts";
import { type FuzzRequest, RandomConversation } from "./random-conversation.ts";
import { randomText } from "./random-text.ts";

export interface FuzzOptions {
  /** For models and states; it has to exist. */
  readonly folder: string;
  readonly seed: number;
  /** Over all families. */
  readonly conversations: number;
  readonly families?: readonly TinyFamily[];
  readonly onFault?: (fault: FuzzFault) => void;
  /** Told after each life of an engine how many conversations have ended. */
  readonly onProgress?: (conversations: number) => void;
  /** Ends the fuzz before its time; what it has seen by then is the result. */
  readonly signal?: AbortSignal;
}

export const FAMILIES: readonly TinyFamily[] = ["attention", "sliding-window", "recurrent", "hybrid"];

const MB = 1024 ** 2;
/** Conversations that one life of an engine goes on with, at the same time. */
const AT_ONCE = 4;
const WORKSPACES = ["one", "two"] as const;

/**
 * Asks embedded models of random weights whatever conversations come to, through restarts, kills and damaged files, and
 * compares each answer with that of an engine that remembers nothing.
 */
export async function fuzzPromptMemory({
  folder,
  seed,
  conversations,
  families = FAMILIES,
  onFault = () => {},
  onProgress = () => {},
  signal = new AbortController().signal,
}: FuzzOptions): Promise<FuzzResult> {
  const faults: FuzzFault[] = [];
  const each = Math.ceil(conversations / families.length);
  const worlds = families.map(
    (family) =>
      new World({
        family,
        folder: join(folder, family),
        model: join(folder, `${family}.gguf`),
        conversations: each,
        random: seededRandom(seed * 1000 + FAMILIES.indexOf(family)),
        onFault: (fault) => {
          faults.push(fault);
          onFault(fault);
        },
      }),
  );
  try {
    for (const world of worlds) await world.open();
    // In turns, so that a run that is stopped has seen all of them.
    while (!signal.aborted && worlds.some(({ isDone }) => !isDone)) {
      for (const world of worlds) if (!world.isDone && !signal.aborted) await world.live();
      onProgress(worlds.reduce((sum, { tally }) => sum + tally.conversations, 0));
    }
  } finally {
    for (const world of worlds) await world.close();
  }
  return { tallies: new Map(worlds.map(({ family, tally }) => [family, tally])), faults };
}

interface WorldOptions {
  readonly family: TinyFamily;
  /** Of states. */
  readonly folder: string;
  readonly model: string;
  readonly conversations: number;
  readonly random: Random;
  readonly onFault: (fault: FuzzFault) => void;
}

/** One model, its folder of states, and the conversations with it. */
class World {
  readonly family: TinyFamily;
  readonly tally: FuzzTally = new FuzzTally();
  readonly #options: WorldOptions;
  readonly #systems: readonly string[];
  readonly #answers = new Map<string, Promise<Answer | null>>();
  #reference: FuzzEngine | null = null;
  #strangers = 0;
  #started = 0;
  /** Whether files of the folder may go because they cannot be used, and not to make room. */
  #isDamaged = false;
  #open: readonly RandomConversation[] = [];

  constructor(options: WorldOptions) {
    this.family = options.family;
    this.#options = options;
    this.#systems = [700, 520, 1100].map((length) => randomText(options.random, length));
  }

  get isDone(): boolean {
    return this.tally.conversations >= this.#options.conversations;
  }

  async open(): Promise<void> {
    const { family, model, random } = this.#options;
    await writeTinyGguf(model, { family, contextLength: WINDOW, layers: 2, seed: 1 + random.below(1000) });
    this.#reference = new FuzzEngine(model, {
      sequences: 1,
      promptCache: { memoryLimit: 0 },
      onPrompt: ({ held, restored }) => {
        if (held + restored > 0) this.#fault("reference reused", { held, restored });
      },
    });
  }

  async close(): Promise<void> {
    await this.#reference?.close();
  }

  /** One life of an engine: some conversations go on, and it ends well or badly. */
  async live(): Promise<void> {
    const { folder, model, random } = this.#options;
    const open = this.#begin();
    const hasFolder = !random.oneIn(5);
    const files = await stateFiles(folder);
    const engine = new FuzzEngine(model, {
      sequences: 1 + random.below(3),
      promptCache: {
        memoryLimit: random.pick([1, 2, 6, 24]) * MB,
        ...(hasFolder ? { folder, diskLimit: random.pick([2, 8, 24]) * MB } : {}),
      },
      onPrompt: (placed) => this.tally.placed(placed),
    });
    const start = random.below(open.length);
    const chosen = [...open.slice(start), ...open.slice(0, start)].slice(0, AT_ONCE);
    const isKilled = hasFolder && random.oneIn(3);
    const talking = Promise.all(chosen.map((each) => this.#talk(each, engine)));
    if (isKilled && random.oneIn(2)) await new Promise((resolve) => setTimeout(resolve, random.below(300)));
    else await talking;
    const copy = `${folder}-copy`;
    if (isKilled) await copyAsKilled(folder, copy);
    await talking;
    if (!(await within(engine.close(), HANG_MS))) this.#fault("hang", { of: "close" });
    this.tally.restarts++;
    const left = new Set(await stateFiles(folder));
    if (!this.#isDamaged) this.tally.evictedFiles += files.filter((file) => !left.has(file)).length;
    this.#isDamaged = isKilled;
    if (isKilled) {
      this.tally.kills++;
      await rm(folder, { recursive: true, force: true });
      await rename(copy, folder);
    }
    if (random.oneIn(3)) {
      this.tally.damagedFiles += await damageStates(folder, random);
      this.#isDamaged = true;
    }
    this.#open = open.filter(({ turns }) => turns > 0);
    this.tally.conversations = this.#started - this.#open.length;
  }

  /** The conversations that have not ended, with new ones to make up the number. */
  #begin(): readonly RandomConversation[] {
    const { conversations, random } = this.#options;
    const missing = Math.min(2 * AT_ONCE - this.#open.length, conversations - this.#started);
    this.#started += missing;
    const systems = this.#systems;
    // Numbers of its own for each, so that what it says does not depend on who is answered first.
    const fresh = Array.from(
      { length: missing },
      () => new RandomConversation(seededRandom(random.below(2 ** 31)), { workspaces: WORKSPACES, systems }),
    );
    return [...this.#open, ...fresh];
  }

  /** One or two turns of a conversation. */
  async #talk(conversation: RandomConversation, engine: FuzzEngine): Promise<void> {
    for (let turn = 0; turn < 2 && conversation.turns > 0; turn++) {
      const requests = conversation.next();
      const answers = await Promise.all(requests.map((each) => this.#ask(each, conversation, engine)));
      conversation.goOn(answers[0] ? textOf(answers[0]) : null);
    }
  }

  async #ask(
    asked: FuzzRequest,
    { workspace }: RandomConversation,
    engine: FuzzEngine,
  ): Promise<Answer | null> {
    const { tally } = this;
    const { request } = asked;
    tally.requests++;
    const outcome = await engine.ask(asked, workspace);
    if (outcome.kind === "left") tally.left++;
    if (outcome.kind === "hangs") this.#fault("hang", { request });
    if (outcome.kind === "failed") this.#fault("failure", { request, error: outcome.error });
    if (outcome.kind !== "answered") return null;
    tally.finished++;
    const { answer } = outcome;
    const expected = await this.#expected(asked);
    if (expected === null) return null;
    if (sameAnswer(answer, expected)) tally.equal++;
    else this.#fault("another answer", { workspace, request, answer, expected });
    return answer;
  }

  /** What a model says that has never seen anything else; null when it fails, which is a fault by itself. */
  #expected({ request }: FuzzRequest): Promise<Answer | null> {
    const key = JSON.stringify(request);
    const known = this.#answers.get(key);
    if (known) return known;
    // A workspace of its own for each: nothing of another one is ever gone on from.
    const stranger = `stranger-${this.#strangers++}`;
    const asking = (async () => {
      const outcome = await this.#reference?.ask(
        { request: structuredClone(request), leaves: null },
        stranger,
      );
      if (outcome?.kind === "answered") return outcome.answer;
      this.#fault("failure", { request, reference: outcome });
      return null;
    })();
    this.#answers.set(key, asking);
    return asking;
  }

  #fault(kind: FuzzFault["kind"], details: FuzzFault["details"]): void {
    this.#options.onFault({ family: this.#options.family, kind, details });
  }
}

function textOf({ content }: Answer): string {
  return content.map((block) => (block.type === "text" ? block.text : "")).join("");
}
