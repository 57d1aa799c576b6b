import type { Environment } from "@ml-intern/intern";
import type { Style } from "./terminal/style.ts";

/** What commands get of the process: no command touches `process` itself. */
export interface CommandContext {
  /** Where everything is kept. */
  readonly home: string;
  readonly env: Environment;
  readonly out: (text: string) => void;
  /** Resolves when whoever reads has taken enough of what was written for more to be. */
  readonly drained: () => Promise<void>;
  readonly error: (text: string) => void;
  readonly style: Style;
  /** A person sits at a terminal and can be asked. */
  readonly interactive: boolean;
}
