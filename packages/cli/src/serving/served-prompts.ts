import type { CacheScope, HeldPrompts, PromptHolder } from "@ml-intern/gateway";
import { UsageError } from "../usage-error.ts";

export interface ServedPromptsOptions {
  /** Of the server. */
  readonly url: string;
  /** Null where it asks for none. */
  readonly key: string | null;
  readonly fetch?: typeof globalThis.fetch;
}

interface WirePrompts extends Required<CacheScope> {
  readonly entries: number;
  readonly tokens: number;
  readonly memory_bytes: number;
  readonly disk_bytes: number;
}

/** What a running server remembers of prompts. Throws a {@link UsageError} when it does not answer, or refuses. */
export function servedPrompts({ url, key, fetch = globalThis.fetch }: ServedPromptsOptions): PromptHolder {
  const ask = async (method: string, scope: CacheScope): Promise<unknown> => {
    const query = new URLSearchParams({ ...scope }).toString();
    const response = await fetch(`${url}/cache${query === "" ? "" : `?${query}`}`, {
      method,
      headers: key === null ? {} : { "x-api-key": key },
    }).catch((error: unknown) => {
      throw silent(url, error);
    });
    const body: unknown = await response.json().catch(() => null);
    if (!response.ok || body === null) throw refused(url, { status: response.status, body });
    return body;
  };
  return {
    held: async () => {
      const { prompts } = (await ask("GET", {})) as { readonly prompts: readonly WirePrompts[] };
      return prompts.map(
        ({ memory_bytes: memoryBytes, disk_bytes: diskBytes, ...rest }): HeldPrompts => ({
          ...rest,
          memoryBytes,
          diskBytes,
        }),
      );
    },
    clear: async (scope) => void (await ask("DELETE", scope)),
  };
}

function silent(url: string, error: unknown): UsageError {
  const { cause, message } = error as Error;
  return new UsageError(
    `A process has the cache, and no server answers at ${url}: ${cause instanceof Error ? cause.message : message}`,
    "Say where it listens by --config or --port; if it is no server, wait until it ends.",
  );
}

function refused(url: string, { status, body }: { status: number; body: unknown }): UsageError {
  const said = (body as { error?: { message?: string } } | null)?.error?.message;
  return new UsageError(
    `The server at ${url} answers ${status}${said === undefined ? "" : `: ${said}`}`,
    "Set ML_INTERN_KEY to one of its keys, for all workspaces to one with `admin: true`.",
  );
}
