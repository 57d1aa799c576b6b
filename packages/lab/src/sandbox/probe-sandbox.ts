/** One line of `doctor`: what was looked for, whether it is there, and what to do if not. */
export interface SandboxCheck {
  readonly name: "user_namespaces" | "bubblewrap" | "unshare" | "landlock" | "cgroup" | "seccomp" | "python";
  readonly ok: boolean;
  readonly detail: string;
  /** Null when nothing needs doing. */
  readonly mend: string | null;
}

/** Looks at what this machine can enforce, by trying it. */
export async function probeSandbox(_options: {
  home: string;
  signal?: AbortSignal;
}): Promise<readonly SandboxCheck[]> {
  throw new Error("not yet");
}
