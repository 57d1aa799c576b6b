import { DiskFullError, isDiskFull as isNodeDiskFull } from "@ml-intern/durable";

/** True for the errors with which Node and DuckDB say that a disk or a quota is full. */
export function isDiskFull(error: unknown): boolean {
  return (
    isNodeDiskFull(error) ||
    (error instanceof Error &&
      /no space left on device|disk quota exceeded|max_temp_directory_size/i.test(error.message))
  );
}

/** Turns "disk full" into a `DiskFullError` that names the place; every other error comes back as it was. */
export function toDiskFull(error: unknown, path: string): unknown {
  return error instanceof DiskFullError || !isDiskFull(error)
    ? error
    : new DiskFullError(path, { cause: error });
}
