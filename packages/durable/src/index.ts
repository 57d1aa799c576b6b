export { DiskFullError, isDiskFull, toDiskFull } from "./disk-full-error.ts";
export { FileDeletedError } from "./file-deleted-error.ts";
export { takeFileLock } from "./file-lock.ts";
export { LineLog } from "./line-log.ts";
export { readLines } from "./read-lines.ts";
export { moveDurably, produceDurably, syncDirectory, writeDurably } from "./write-durably.ts";
