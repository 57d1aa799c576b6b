import { parseSafetensorsMetadata } from "@huggingface/hub";
import { asFetch } from "../../http/as-fetch.ts";
import type { Hub } from "../hub.ts";
import type { HubRepo } from "../hub-repo.ts";
import type { Parameters } from "./model-facts.ts";

/** Parameters by the headers of the safetensors files, of which it reads the first bytes only; null where there are none to read. */
export async function countParameters(
  hub: Hub,
  { repo, commit, signal }: { readonly repo: HubRepo; readonly commit: string; readonly signal: AbortSignal },
): Promise<Parameters | null> {
  try {
    const { parameterCount, parameterTotal } = await parseSafetensorsMetadata({
      repo: { type: repo.kind, name: repo.id },
      revision: commit,
      hubUrl: hub.url,
      fetch: asFetch(hub.web, { signal }),
      computeParametersCount: true,
    });
    const byType = Object.fromEntries(
      Object.entries(parameterCount).map(([type, count]) => [type, Number(count)]),
    );
    const total = parameterTotal ?? Object.values(byType).reduce((sum, count) => sum + count, 0);
    return total > 0 ? { total, byType } : null;
  } catch {
    signal.throwIfAborted();
    return null; // damaged, or not called as the libraries call them: the number is not known
  }
}
