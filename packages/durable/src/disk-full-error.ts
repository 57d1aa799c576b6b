const CODES = new Set(["ENOSPC", "EDQUOT"]);

/** A disk or a quota is full. Nothing is left half written. */
export class DiskFullError extends Error {
  override readonly name = "DiskFullError";
  readonly code = "disk/full";
  readonly mend: string;

  constructor(path: string, options: { cause?: unknown } = {}) {
    super(`The disk is full: ${path} could not be written.`, options);
    this.mend =
      "Free space on that disk (`df -h` shows how much there is), or move the data home with ML_INTERN_HOME, and try again. Nothing was lost.";
  }
}

/** True for the errors with which Node says that a disk or a quota is full. */
export function isDiskFull(error: unknown): boolean {
  if (error instanceof DiskFullError) return true;
  return error instanceof Error && "code" in error && CODES.has(String(error.code));
}

/** Turns "disk full" into a {@link DiskFullError} that names the place; every other error comes back as it was. */
export function toDiskFull(error: unknown, path: string): unknown {
  return isDiskFull(error) && !(error instanceof DiskFullError)
    ? new DiskFullError(path, { cause: error })
    : error;
}
