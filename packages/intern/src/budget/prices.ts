import {
  createPriceBook,
  type Picodollars,
  type PriceSettings,
  type Rates,
  type TokenCounts,
} from "@ml-intern/gateway";
import { picodollars } from "./money.ts";

/** The part `prices` of the section `budget`; all in USD. In every name a `*` at the end stands for any rest. */
export interface BudgetPrices {
  /** By `engine/name`, for a million tokens; the shape is that of `prices` in gateway.yaml. */
  readonly models?: PriceSettings;
  /** By the machine's kind, for an hour; `local` is this machine. */
  readonly computePerHour?: Readonly<Record<string, number>>;
  /** By the place, such as `hf`, for a gigabyte (10⁹ bytes) and month; `local` is this machine. */
  readonly storagePerGigabyteMonth?: Readonly<Record<string, number>>;
  /** What an hour of this machine costs, where `computePerHour` does not say it. */
  readonly electricity?: { readonly usdPerKilowattHour: number; readonly watts: number };
}

/** What things cost. Null is a price that nobody knows, which is not the same as nothing. */
export interface Prices {
  /** Picodollars a token, for a request of so many tokens to `engine/name`. */
  ofTokens(model: string, tokens: TokenCounts): Rates | null;
  ofComputeHour(machine: string): Picodollars | null;
  ofGigabyteMonth(place: string): Picodollars | null;
}

/** This machine and its disk. */
export const LOCAL = "local";

export interface PricesOptions {
  /** Whether a model runs on a machine of one's own. */
  readonly isLocal: (model: string) => boolean;
  /** "input,output" in USD per million tokens, for whatever model: the variable ML_INTERN_PRICE. */
  readonly override?: string | undefined;
}

/**
 * The prices of the settings, then the list of models that the gateway keeps. A model, the time and the disk of this machine
 * cost nothing unless the settings say so.
 */
export function createPrices(settings: BudgetPrices, { isLocal, override }: PricesOptions): Prices {
  const { computePerHour, storagePerGigabyteMonth, electricity } = settings;
  const models = overriding(override) ?? settings.models ?? {};
  const listed = createPriceBook(models);
  const local = createPriceBook({ "*": { input: 0, output: 0 }, ...models });
  const power = electricity === undefined ? 0 : (electricity.usdPerKilowattHour * electricity.watts) / 1000;
  return {
    ofTokens(model, tokens) {
      const [engine = "", ...name] = model.split("/");
      const book = isLocal(model) ? local : listed;
      return book({ engine, model: name.join("/"), batch: false, tokens });
    },
    ofComputeHour: (machine) => priceFor(machine, { [LOCAL]: power, ...computePerHour }),
    ofGigabyteMonth: (place) => priceFor(place, { [LOCAL]: 0, ...storagePerGigabyteMonth }),
  };
}

/** The name itself comes before one with `*`, and a longer one before a shorter one. */
function priceFor(name: string, prices: Readonly<Record<string, number>>): Picodollars | null {
  const fitting = Object.entries(prices).filter(([pattern]) =>
    pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : pattern === name,
  );
  const [closest] = fitting.sort(
    ([a], [b]) => Number(a.endsWith("*")) - Number(b.endsWith("*")) || b.length - a.length,
  );
  return closest === undefined ? null : picodollars(closest[1]);
}

/** Such a price knows of no cache: all of a prompt costs the same. */
function overriding(text: string | undefined): PriceSettings | null {
  const [input, output] = (text ?? "").split(",").map(Number);
  if (input === undefined || output === undefined || !(input >= 0) || !(output >= 0)) return null;
  return { "*": { input, output, cacheWrite5m: input, cacheWrite1h: input, cacheRead: input } };
}
