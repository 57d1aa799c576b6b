import type { Metering } from "./metered-request.ts";
import { createPriceBook } from "./prices/price-book.ts";
import type { PriceSettings } from "./prices/price-setting.ts";
import { usageLine } from "./usage-line.ts";
import { UsageLog, type UsageLogOptions } from "./usage-log.ts";

export interface OpenMeteringOptions extends UsageLogOptions {
  /** Beside those of the list, and before them. */
  readonly prices?: PriceSettings;
  readonly now?: () => number;
}

/**
 * Keeps a line of usage for each request in a folder; see `UsageLog` for when it is on disk, and `readUsage` for reading. Disposing
 * of it writes what is left.
 */
export function openMetering({
  prices,
  now = Date.now,
  ...options
}: OpenMeteringOptions): Metering & AsyncDisposable {
  const book = createPriceBook(prices);
  const log = new UsageLog(options);
  return {
    record(request) {
      const time = new Date(now()).toISOString();
      const line = usageLine(request, { time, prices: book });
      if (line) log.append({ month: time.slice(0, "2026-11".length), text: JSON.stringify(line) });
    },
    [Symbol.asyncDispose]: () => log.close(),
  };
}
