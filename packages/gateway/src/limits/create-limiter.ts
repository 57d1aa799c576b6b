import type { AdmissionSubject, Admit, Asker, SettledUsage } from "../routes/admission.ts";
import { Allowance, type Shortage } from "./allowance.ts";
import type { Demand, LimitedParty, Limits } from "./limits.ts";
import { rateLimitError } from "./rate-limit-error.ts";
import { rateLimitHeaders } from "./rate-limit-headers.ts";

export interface LimiterOptions {
  readonly workspaces: Readonly<Record<string, WorkspaceLimits>>;
  /** By the key's name. */
  readonly keys?: Readonly<Record<string, Limits>>;
  readonly now?: () => number;
}

export interface WorkspaceLimits {
  readonly limits?: Limits;
  /** Limits of the workspace's use of one model, by the name that clients write. */
  readonly modelLimits?: Readonly<Record<string, Limits>>;
}

/** What of a bucket a request takes whose need cannot be known before it is answered. */
const GUESS = 0.1;

/**
 * Admits requests as long as every limit that holds for them leaves room: the key's, the workspace's, and the workspace's
 * for the model.
 *
 * Input is reserved by estimate and settled with what was counted. Output is not known before: a tenth of the limit is
 * reserved, or `max_tokens` where that is less, and what an answer used beyond it is owed by the requests after it. The same
 * goes for the input of a request that marks a prefix for the cache, since what comes out of a cache is free.
 */
export function createLimiter({ workspaces, keys = {}, now = Date.now }: LimiterOptions): Admit {
  const allowances = new Map<string, Allowance>();

  function allowanceOf(id: string, party: LimitedParty): Allowance {
    let allowance = allowances.get(id);
    if (!allowance) {
      allowance = new Allowance(party, now());
      allowances.set(id, allowance);
    }
    return allowance;
  }

  function allowancesFor({ model }: AdmissionSubject, { workspace, key }: Asker): readonly Allowance[] {
    const settings = own(workspaces, workspace);
    const found: Allowance[] = [];
    const add = (owner: string, limits: Limits | undefined, ...id: readonly string[]): void => {
      if (limits) found.push(allowanceOf(JSON.stringify(id), { owner, limits }));
    };
    if (key !== null) add(`the key \`${key}\``, own(keys, key), "key", key);
    add(`the workspace \`${workspace}\``, settings?.limits, "workspace", workspace);
    const limits = own(settings?.modelLimits, model);
    add(`the workspace \`${workspace}\` for \`${model}\``, limits, "model", workspace, model);
    return found;
  }

  return (subject, asker) => {
    const held = allowancesFor(subject, asker);
    const at = now();
    const headers = (): Readonly<Record<string, string>> => {
      const counted = subject.kind === "token_count";
      const time = now();
      const remainders = held.flatMap((allowance) => allowance.remainders(time));
      return rateLimitHeaders(remainders.filter(({ measure }) => (measure === "token-counts") === counted));
    };
    const demands = held.map((allowance) => ({ allowance, demand: demandOn(allowance, subject) }));
    const shortages = demands.flatMap(({ allowance, demand }) => allowance.shortage(demand, at) ?? []);
    const longest = shortages.reduce<Shortage | null>(longer, null);
    if (longest) throw rateLimitError(longest, headers());
    const settlements = demands.map(({ allowance, demand }) => allowance.take(demand, at));
    return {
      headers,
      settle: (usage) => {
        for (const settle of settlements) settle(usedOf(subject, usage), now());
      },
    };
  };
}

function demandOn(allowance: Allowance, subject: AdmissionSubject): Demand {
  if (subject.kind === "token_count") return { "token-counts": 1 };
  const input = allowance.capacity("input-tokens");
  const output = allowance.capacity("output-tokens");
  // The estimate reads the whole prompt, so it is made only for those who are limited by it.
  const estimate = Number.isFinite(input) ? subject.estimateInput() : 0;
  return {
    requests: 1,
    "input-tokens": subject.marksCache() ? Math.min(estimate, Math.ceil(input * GUESS)) : estimate,
    "output-tokens": Math.min(subject.maxTokens, Math.ceil(output * GUESS)),
  };
}

/** A request counts even when nothing came of it; its tokens only as far as they were used. */
function usedOf({ kind }: AdmissionSubject, usage: SettledUsage | null): Demand {
  if (kind === "token_count") return { "token-counts": 1 };
  return {
    requests: 1,
    "input-tokens": (usage?.inputTokens ?? 0) + (usage?.cacheCreationTokens ?? 0),
    "output-tokens": usage?.outputTokens ?? 0,
  };
}

function longer(a: Shortage | null, b: Shortage): Shortage {
  return a && (a.waitMs ?? 0) >= (b.waitMs ?? 0) ? a : b;
}

function own<T>(record: Readonly<Record<string, T>> | undefined, name: string): T | undefined {
  return record && Object.hasOwn(record, name) ? record[name] : undefined;
}
