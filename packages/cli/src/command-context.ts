import type { Environment } from "@ml-intern/intern";
import type { Style } from "./terminal/style.ts";

/** What commands get of the process: no command touches `process` itself. */
export interface CommandContext {
  /** Where everything is kept. */
  readonly home: string;
  readonly env: Environment;
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
  readonly style: Style;
  /** A person sits at a terminal and can be asked. */
  readonly interactive: boolean;
}
