import { chooseModel, endpoints, isLocal, modelsFolder, openEngines } from "@ml-intern/intern";
import type { CommandContext } from "../command-context.ts";
import { EXIT } from "../exit-code.ts";

const PATIENCE_MS = 3_000;
const SHOWN = 12;

/** What can think here, asked right now, and for the rest the reason and the mend. */
export async function models(
  { json }: { json: boolean },
  { env, home, out, style }: CommandContext,
): Promise<number> {
  await using opened = openEngines({ env, home });
  const { engines } = opened;
  const known = new Map(endpoints(env).map((endpoint) => [endpoint.name, endpoint]));
  const names = [...new Set(["recipes", "llama", "anthropic", ...Object.keys(engines)])];
  const rows = await Promise.all(
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
  const choice = chooseModel(env);
  if (json) {
    out(`${JSON.stringify({ default: choice, engines: rows })}\n`);
    return EXIT.published;
  }
  for (const { name, ids, problem, mend } of rows) {
    if (problem === null) {
      out(`${style.verified("✓")} ${style.bold(name)}\n`);
      for (const id of ids.slice(0, SHOWN)) out(`    ${id}\n`);
      if (ids.length > SHOWN) out(`    … and ${ids.length - SHOWN} more\n`);
    } else {
      out(`${style.dim("–")} ${name}: ${problem}\n${style.dim(`    ${mend}`)}\n`);
    }
  }
  out(`\nWithout --model: ${style.bold(choice.model)} (${choice.reason})\n`);
  return EXIT.published;
}
