import type { TokenCounts } from "../token-counts.ts";
import { promptTokens } from "../token-counts.ts";
import { type ListedPrice, PRICE_LIST } from "./price-list.ts";
import type { PriceSetting, PriceSettings } from "./price-setting.ts";
import { type RateMultipliers, type Rates, ratesOf } from "./rates.ts";

export interface PricedRequest {
  readonly engine: string;
  /** The model's name at the engine. */
  readonly model: string;
  readonly batch: boolean;
  readonly tokens: TokenCounts;
}

/** Says what a request's tokens cost; null where nobody knows, which is not the same as nothing. */
export type PriceBook = (request: PricedRequest) => Rates | null;

/** What one price comes to in each circumstance. */
interface Tariff {
  readonly usual: Rates;
  readonly batch: Rates;
  readonly long: { readonly above: number; readonly usual: Rates; readonly batch: Rates } | null;
}

/** Prices are looked up by names that clients write: only so many are remembered, and none that is longer. */
const REMEMBERED = 1000;
const REMEMBERED_LENGTH = 256;

/**
 * The prices of the configuration before those of the list. Among several settings that fit a model, an exact one comes
 * before one with `*`, and a longer one before a shorter one.
 */
export function createPriceBook(settings: PriceSettings = {}): PriceBook {
  const patterns = Object.keys(settings).sort(bySpecificity);
  const known = new Map<string, Tariff | null>();

  function tariffOf(engine: string, model: string): Tariff | null {
    const name = `${engine}/${model}`;
    const pattern = patterns.find((each) => matches(each, name) || matches(each, model));
    const listed = listedPrice(model);
    const setting = pattern === undefined ? null : (settings[pattern] ?? null);
    const { input, output } = setting ?? listed;
    if (input === undefined || output === undefined) return null;
    return tariff({ ...setting, input, output }, listed);
  }

  return ({ engine, model, batch, tokens }) => {
    const name = `${engine}/${model}`;
    let found = known.get(name);
    if (found === undefined) {
      if (known.size === REMEMBERED) known.clear();
      found = tariffOf(engine, model);
      if (name.length <= REMEMBERED_LENGTH) known.set(name, found);
    }
    if (!found) return null;
    const { long } = found;
    const rates = long && promptTokens(tokens) > long.above ? long : found;
    return batch ? rates.batch : rates.usual;
  };
}

function tariff({ longPrompt, batch, ...prices }: PriceSetting, listed: ListedPrice): Tariff {
  const long = longPrompt ?? (listed.longPrompt && { ...listed.longPrompt, output: prices.output });
  const general = PRICE_LIST.multipliers;
  const usual: RateMultipliers = {
    ...general,
    cacheRead: listed.cacheReadMultiplier ?? general.cacheRead,
    whole: 1,
  };
  const batched = { ...usual, whole: batch ?? general.batch };
  return {
    usual: ratesOf(prices, usual),
    batch: ratesOf(prices, batched),
    long: long ? { above: long.above, usual: ratesOf(long, usual), batch: ratesOf(long, batched) } : null,
  };
}

/** A name may end in the date of its release, which does not change the price. */
function listedPrice(model: string): ListedPrice {
  const { models } = PRICE_LIST;
  const name = model.replace(/-(\d{8}|latest)$/, "");
  return Object.hasOwn(models, name) ? (models[name] ?? {}) : {};
}

function matches(pattern: string, name: string): boolean {
  return pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}

function bySpecificity(a: string, b: string): number {
  return Number(a.endsWith("*")) - Number(b.endsWith("*")) || b.length - a.length;
}
