import { SessionError } from "./session-error.ts";

const CODES = ["EACCES", "EPERM", "EROFS"];

/** Turns a refusal of the file system into one that says what to do; every other error comes back as it was. */
export function noAccess(path: string, error: unknown): unknown {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (!CODES.includes(code)) return error;
  return new SessionError(
    "session/no_access",
    `The session cannot be used: no access to ${path} (${code}).`,
    {
      mend: "It belongs to somebody else, or lies on a disk that is read-only. Give yourself the right to read and write the session's folder, then try again.",
      cause: error,
    },
  );
}
