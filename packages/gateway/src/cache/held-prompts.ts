/** Whose prompts are meant; what is left out stands for all. */
export interface CacheScope {
  readonly workspace?: string;
  /** As `engine/name`. */
  readonly model?: string;
}

/** What is remembered of the prompts of one model in one workspace. Nothing in it quotes them. */
export interface HeldPrompts extends Required<CacheScope> {
  /** Entries that can be read now. */
  readonly entries: number;
  /** The lengths of their prompts together; what prompts have in common is counted with each. */
  readonly tokens: number;
  /** What an embedded engine's states take. What is on disk can be in memory as well. */
  readonly memoryBytes: number;
  readonly diskBytes: number;
}

/** Something that remembers prompts. */
export interface PromptHolder {
  held(): Promise<readonly HeldPrompts[]>;
  /**
   * Forgets what is remembered of these prompts; resolves when that would outlive the process. Requests that are being
   * answered meanwhile are answered, and leave nothing behind.
   */
  clear(scope: CacheScope): Promise<void>;
}

export function isInScope(owner: Required<CacheScope>, { workspace, model }: CacheScope): boolean {
  return (
    (workspace === undefined || owner.workspace === workspace) &&
    (model === undefined || owner.model === model)
  );
}

/** One line for each workspace and model, in their order. */
export function addedUp(rows: Iterable<HeldPrompts>): readonly HeldPrompts[] {
  const sums = new Map<string, HeldPrompts>();
  for (const row of rows) {
    const key = JSON.stringify([row.workspace, row.model]);
    const sum = sums.get(key);
    sums.set(key, {
      workspace: row.workspace,
      model: row.model,
      entries: row.entries + (sum?.entries ?? 0),
      tokens: row.tokens + (sum?.tokens ?? 0),
      memoryBytes: row.memoryBytes + (sum?.memoryBytes ?? 0),
      diskBytes: row.diskBytes + (sum?.diskBytes ?? 0),
    });
  }
  return [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
}

/** What the gateway and its engines remember together, with the engines' models under their full names. */
export function allPrompts(
  promptCache: PromptHolder,
  engines: Readonly<Record<string, { readonly prompts?: PromptHolder }>>,
): PromptHolder {
  const holders = [
    promptCache,
    ...Object.entries(engines).flatMap(([name, { prompts }]) => (prompts ? [ofEngine(name, prompts)] : [])),
  ];
  return {
    held: async () => addedUp((await Promise.all(holders.map((holder) => holder.held()))).flat()),
    clear: async (scope) => {
      for (const holder of holders) await holder.clear(scope);
    },
  };
}

/** The same prompts, with the engine's name before those of its models. */
export function ofEngine(engine: string, { held, clear }: PromptHolder): PromptHolder {
  const prefix = `${engine}/`;
  return {
    held: async () => (await held()).map((row) => ({ ...row, model: `${prefix}${row.model}` })),
    clear: async ({ model, ...scope }) => {
      if (model === undefined) await clear(scope);
      else if (model.startsWith(prefix)) await clear({ ...scope, model: model.slice(prefix.length) });
    },
  };
}

/** Forgets these prompts and says what there was. */
export async function takeOut(prompts: PromptHolder, scope: CacheScope): Promise<readonly HeldPrompts[]> {
  const held = (await prompts.held()).filter((row) => isInScope(row, scope));
  await prompts.clear(scope);
  return held;
}
