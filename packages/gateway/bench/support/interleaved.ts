import { quantile, table } from "./figures.ts";
import type { ModelServer } from "./model-servers.ts";
import type { TimedMessage } from "./timed-message.ts";

/** Somebody who is measured. */
export interface Contestant {
  readonly name: string;
  readonly start: () => Promise<ModelServer>;
}

export interface StepOptions {
  readonly rounds: number;
  /** The figure that was set as the aim, in words. */
  readonly wanted?: string;
  /** What of an answer is measured; default the time to its first text, in ms. */
  readonly value?: (answer: TimedMessage) => number;
}

type Ask = (url: string, round: number) => Promise<TimedMessage>;

/**
 * Takes all contestants through the same steps, in turns within each round, so that what else the machine does hits
 * all of them.
 */
export class Interleaved {
  readonly #contestants: readonly Contestant[];
  readonly #rows: string[][] = [];
  #servers: readonly ModelServer[] = [];

  constructor(contestants: readonly Contestant[]) {
    this.#contestants = contestants;
  }

  /** Starts everybody, anew if need be. The first answers are not measured: loading the model takes its time. */
  async restart(): Promise<void> {
    await this.stop();
    for (const { start } of this.#contestants) this.#servers = [...this.#servers, await start()];
  }

  async stop(): Promise<void> {
    for (const server of this.#servers) await server.stop();
    this.#servers = [];
  }

  /** Asks everybody without measuring. */
  async prepare(ask: (url: string) => Promise<unknown>): Promise<void> {
    for (const { url } of this.#servers) await ask(url);
  }

  /** Measures a step and notes it in the table; returns the medians, in the order of the contestants. */
  async step(
    name: string,
    { rounds, wanted = "", value = firstMs }: StepOptions,
    ask: Ask,
  ): Promise<number[]> {
    const answers: TimedMessage[][] = this.#servers.map(() => []);
    for (let round = 0; round < rounds; round++) {
      const order = [...this.#servers.entries()];
      for (const [index, { url }] of round % 2 === 0 ? order : order.reverse()) {
        answers[index]?.push(await ask(url, round));
      }
    }
    const cells = answers.flatMap((each) => [spread(each.map(value)), split(each.at(-1))]);
    this.#rows.push([name, wanted, ...cells]);
    return answers.map((each) => quantile(each.map(value), 0.5));
  }

  table(): string {
    const names = this.#contestants.flatMap(({ name }) => [name, "read + written + new"]);
    return table(["step", "wanted", ...names], this.#rows);
  }
}

function firstMs(answer: TimedMessage): number {
  return answer.firstMs;
}

function spread(values: readonly number[]): string {
  const [least, median, most] = [Math.min(...values), quantile(values, 0.5), Math.max(...values)];
  return values.length === 1 ? `${short(median)}` : `${short(median)} (${short(least)} to ${short(most)})`;
}

function short(value: number): string {
  return value.toFixed(value < 10 ? 1 : 0);
}

function split(answer: TimedMessage | undefined): string {
  if (!answer) return "";
  const { cache_read_input_tokens: read, cache_creation_input_tokens: written, input_tokens } = answer.usage;
  return [read ?? 0, written ?? 0, input_tokens].join(" + ");
}
