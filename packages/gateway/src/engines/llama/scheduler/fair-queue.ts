/** Something that waits for its turn. */
export interface Waiting {
  readonly workspace: string;
}

/**
 * Decides whose turn it is. Each workspace has a counter of what it has used; the one that has used least goes first,
 * and within a workspace the one that came first. A workspace that comes back after a rest starts level with the
 * others, so that nobody can save up a claim.
 */
export class FairQueue<T extends Waiting> {
  readonly #waiting: T[] = [];
  readonly #used = new Map<string, number>();
  readonly #running = new Map<string, number>();
  /** What the workspace that went last had used: the level at which newcomers start. */
  #level = 0;

  get length(): number {
    return this.#waiting.length;
  }

  add(item: T): void {
    if (!this.#isActive(item.workspace)) {
      this.#used.set(item.workspace, Math.max(this.#used.get(item.workspace) ?? 0, this.#level));
    }
    this.#waiting.push(item);
  }

  /** Takes an item out that no longer waits. */
  remove(item: T): void {
    const at = this.#waiting.indexOf(item);
    if (at >= 0) this.#waiting.splice(at, 1);
  }

  /** Takes the next of the items that could start now, or gives null. It runs until {@link finish} is called for it. */
  next(canStart: (item: T) => boolean): T | null {
    let chosen: T | null = null;
    let least = Number.POSITIVE_INFINITY;
    for (const item of this.#waiting) {
      const used = this.#used.get(item.workspace) ?? 0;
      // Strictly less, so that among equals the one that came first is kept.
      if (used >= least || !canStart(item)) continue;
      chosen = item;
      least = used;
    }
    if (chosen === null) return null;
    this.remove(chosen);
    this.#running.set(chosen.workspace, (this.#running.get(chosen.workspace) ?? 0) + 1);
    this.#level = Math.max(this.#level, least);
    return chosen;
  }

  /** The newest item of the workspace with most items, when a newcomer of `workspace` should rather have its place. */
  crowding(workspace: string): T | null {
    const counts = new Map<string, number>();
    for (const item of this.#waiting) counts.set(item.workspace, (counts.get(item.workspace) ?? 0) + 1);
    const [most, count] = [...counts].sort(([, a], [, b]) => b - a)[0] ?? [workspace, 0];
    if ((counts.get(workspace) ?? 0) + 1 >= count) return null;
    return this.#waiting.findLast((item) => item.workspace === most) ?? null;
  }

  /** Counts work that was done for a workspace. */
  use(workspace: string, amount: number): void {
    this.#used.set(workspace, (this.#used.get(workspace) ?? 0) + amount);
  }

  finish({ workspace }: T): void {
    const running = (this.#running.get(workspace) ?? 1) - 1;
    if (running > 0) this.#running.set(workspace, running);
    else this.#running.delete(workspace);
    this.#forgetIdle();
  }

  /** Those below the level would start at it anyway. */
  #forgetIdle(): void {
    for (const [workspace, used] of this.#used) {
      if (used <= this.#level && !this.#isActive(workspace)) this.#used.delete(workspace);
    }
  }

  #isActive(workspace: string): boolean {
    return this.#running.has(workspace) || this.#waiting.some((item) => item.workspace === workspace);
  }
}
