import { homedir } from "node:os";
import { join } from "node:path";

/** Environments take half a minute to install: tests use the ones that the product uses on this machine. */
export const testHome: string = process.env.ML_INTERN_HOME ?? join(homedir(), ".ml-intern");
