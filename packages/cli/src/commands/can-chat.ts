import type { WorkOptions } from "../command.ts";
import type { CommandContext } from "../command-context.ts";

/** True where a person sits at a terminal that can be drawn on, and wants that. In CI, terminals are nobody's. */
export function canChat({ json, plain }: WorkOptions, { interactive, env }: CommandContext): boolean {
  const isInCi = [env.CI, env.CONTINUOUS_INTEGRATION].some(
    (value) => value !== undefined && value !== "0" && value !== "false",
  );
  return interactive && !json && !plain && env.TERM !== "dumb" && !isInCi;
}
