/** The command line itself is wrong. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  readonly code = "usage";
  readonly mend: string;

  constructor(message: string, mend: string = "`ml-intern --help` shows every command and option.") {
    super(message);
    this.mend = mend;
  }
}
