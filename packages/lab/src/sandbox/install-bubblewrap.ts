export interface InstallBubblewrapOptions {
  readonly onProgress?: (line: string) => void;
  readonly signal?: AbortSignal;
}

export type InstallBubblewrapResult =
  | { readonly kind: "installed" | "present" }
  | { readonly kind: "not_installed"; readonly mend: string };

/** Installs bubblewrap where that needs no question (root and apt-get); else says what the person can do. */
export async function installBubblewrap(
  _options: InstallBubblewrapOptions,
): Promise<InstallBubblewrapResult> {
  throw new Error("not yet");
}
