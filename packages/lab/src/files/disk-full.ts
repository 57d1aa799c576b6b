import { LabError } from "../lab-error.ts";

const fullCodes = new Set(["ENOSPC", "EDQUOT"]);

/** True for the errors with which Node and DuckDB say that a disk or a quota is full. */
export function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ("code" in error && typeof error.code === "string" && fullCodes.has(error.code)) return true;
  return /no space left on device|disk quota exceeded|max_temp_directory_size/i.test(error.message);
}

/** Turns "disk full" into a LabError that names the place; every other error comes back as it was. */
export function toDiskFull(error: unknown, path: string): unknown {
  if (!isDiskFull(error)) return error;
  return new LabError("disk/full", `The disk is full: ${path} could not be written.`, {
    mend: "Free space on that disk (`df -h` shows how much there is), or move the data home with ML_INTERN_HOME, and try again. Nothing was lost.",
    cause: error,
  });
}
