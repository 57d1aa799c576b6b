import { chooseModel, type Session } from "@ml-intern/intern";
import type { WorkOptions } from "../command.ts";
import type { CommandContext } from "../command-context.ts";

/** Says who thinks and why, and where the session lies. */
export async function announce(
  session: Session,
  options: WorkOptions,
  context: CommandContext,
): Promise<void> {
  const { env, out, style } = context;
  const { state, paths } = session;
  const { model, sandbox } = state.options;
  const why = options.model === null ? chooseModel(env).reason : "you asked for it";
  out(`${style.bold("ml-intern")} · ${model} thinks (${why})\n`);
  out(style.dim(`session ${state.id} in ${paths.directory}\n`));
  if (sandbox === "none") {
    out(
      style.warning(
        "! --sandbox=none: the code that the intern writes runs as you, with your files and your network.\n",
      ),
    );
  }
}
