import { endpoints, isLocal, modelsFolder, openEngines } from "@ml-intern/intern";
import type { CommandContext } from "../command-context.ts";

const PATIENCE_MS = 3_000;

export interface EngineListing {
  readonly name: string;
  /** `engine/name` of each model. */
  readonly ids: readonly string[];
  /** Why it has none, and what to do about it; null when it answers. */
  readonly problem: string | null;
  readonly mend: string | null;
}

/** What can think here, asked right now, and for the rest the reason and the mend. */
export async function listModels({
  env,
  home,
}: Pick<CommandContext, "env" | "home">): Promise<readonly EngineListing[]> {
  await using opened = openEngines({ env, home });
  const { engines } = opened;
  const known = new Map(endpoints(env).map((endpoint) => [endpoint.name, endpoint]));
  const names = [...new Set(["recipes", "llama", "anthropic", ...Object.keys(engines)])];
  return await Promise.all(
    names.map(async (name) => {
      const engine = engines[name];
      if (engine === undefined)
        return { name, ids: [], problem: "ANTHROPIC_API_KEY is not set", mend: "Set ANTHROPIC_API_KEY." };
      const endpoint = known.get(name);
      // A hosted service that nobody asked for is not contacted; what may listen on this machine is.
      if (endpoint !== undefined && !endpoint.configured && !isLocal(endpoint.baseUrl)) {
        return { name, ids: [], problem: "not configured", mend: endpoint.mend };
      }
      try {
        const found = await engine.listModels({ signal: AbortSignal.timeout(PATIENCE_MS) });
        if (name === "llama" && found.length === 0) {
          const folder = modelsFolder({ env, home });
          return { name, ids: [], problem: "no model is there", mend: `Put a GGUF file into ${folder}.` };
        }
        return { name, ids: found.map(({ id }) => `${name}/${id}`), problem: null, mend: null };
      } catch (error) {
        const problem = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
        return { name, ids: [], problem, mend: endpoint?.mend ?? "" };
      }
    }),
  );
}
