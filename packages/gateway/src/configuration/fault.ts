import type { Path } from "./locate.ts";

/** Something wrong at a setting, before it has a place in the file. */
export interface Fault {
  readonly path: Path;
  /** Goes on after the setting's path. */
  readonly message: string;
  readonly mend: string;
  /** The name of the setting is wrong, not its value. */
  readonly atKey?: boolean;
}
