import { chooseModel } from "@ml-intern/intern";
import type { CommandContext } from "../command-context.ts";
import { EXIT } from "../exit-code.ts";
import { listModels } from "./list-models.ts";

const SHOWN = 12;

/** What can think here, asked right now, and for the rest the reason and the mend. */
export async function models(
  { json }: { json: boolean },
  { env, home, out, style }: CommandContext,
): Promise<number> {
  const rows = await listModels({ env, home });
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
