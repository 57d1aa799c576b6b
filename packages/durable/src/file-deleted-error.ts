/** A file was deleted while this process was writing it: what is written now would be lost. */
export class FileDeletedError extends Error {
  override readonly name = "FileDeletedError";
  readonly code = "disk/file_deleted";
  readonly mend: string;

  constructor(path: string) {
    super(`${path} was deleted while ml-intern was writing it: nothing more can be kept in it.`);
    this.mend = "Put it back if you have a copy, or begin anew; what was written to it is gone.";
  }
}
