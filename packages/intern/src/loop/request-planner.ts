import type { Grant } from "../budget/request-expenses.ts";
import { ContextRoom, type ContextRoomOptions } from "../context/context-room.ts";
import { estimateContext } from "../context/context-size.ts";
import type { Goal } from "./goal.ts";

/** What a model can take and give. */
export interface Capacity {
  /** The most tokens that an answer may have. */
  readonly output: number;
  /** The most tokens that the model holds, prompt and answer; null when nobody knows. */
  readonly window: number | null;
}

export interface RequestPlannerOptions extends Omit<ContextRoomOptions, "instructions"> {
  readonly goal: Goal;
  /** What another model holds, for when the person changes it while the turn goes on; by default as much. */
  readonly capacityOf?: (model: string) => Promise<Capacity>;
}

/** Sees to it that the next request fits: into the model that the person wants, and into the budget. */
export class RequestPlanner {
  readonly #options: RequestPlannerOptions;
  #model: string;
  #output: number;
  #room: ContextRoom;
  #isFinishing = false;

  constructor(options: RequestPlannerOptions) {
    this.#options = options;
    this.#model = options.session.state.options.model;
    this.#output = options.output;
    this.#room = this.#roomFor(options);
  }

  /** Makes room for the next request, and plans it; `calls` are left, this one included. */
  async plan(calls: number): Promise<Grant> {
    await this.#takeModel();
    await this.#room.make();
    return await this.#within({ calls });
  }

  /** Shortens a conversation that has outgrown the model. */
  async halve(): Promise<void> {
    await this.#room.halve();
  }

  /** The person may have changed it. */
  async #takeModel(): Promise<void> {
    const { session, capacityOf } = this.#options;
    const { model } = session.state.options;
    if (model === this.#model) return;
    this.#model = model;
    const capacity = await capacityOf?.(model);
    if (capacity === undefined) return;
    this.#output = capacity.output;
    this.#room = this.#roomFor(capacity);
  }

  /** Within the budget. When little is left, the model is told to come to an end. */
  async #within({ calls }: { readonly calls: number }): Promise<Grant> {
    const { session, goal, budget } = this.#options;
    const maxTokens = this.#output;
    const plan = { promptTokens: estimateContext(session.state), maxTokens };
    const grant = budget.planRequest(plan, { isFinishing: this.#isFinishing && goal.usesKeptBack });
    if (this.#isFinishing) return grant;
    const text = goal.finish(session.state, { calls, budget: leftFor(grant, maxTokens) });
    if (text === null) return grant;
    this.#isFinishing = true;
    await session.append({ type: "guidance", text });
    return await this.#within({ calls });
  }

  #roomFor(capacity: Partial<Capacity>): ContextRoom {
    return new ContextRoom({ ...this.#options, ...capacity, instructions: this.#options.goal.instructions });
  }
}

function leftFor(grant: Grant, maxTokens: number): "enough" | "little" | "none" {
  if (grant.kind === "refused") return "none";
  return grant.maxTokens === maxTokens ? "enough" : "little";
}
