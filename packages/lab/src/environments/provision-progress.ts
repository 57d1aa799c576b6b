export interface ProvisionProgress {
  readonly phase: "python" | "venv" | "download" | "install" | "lock" | "ready";
  readonly message: string;
  readonly packages_done: number;
  readonly packages_total: number;
}

export interface InstallProgress {
  phase(phase: ProvisionProgress["phase"], message: string): void;
  /** Takes a line of pip's output. */
  line(text: string): void;
}

/** Turns what pip prints into progress: each package is collected once, then all are installed together. */
export function installProgress(
  total: number,
  onProgress: ((progress: ProvisionProgress) => void) | undefined,
): InstallProgress {
  const seen = new Set<string>();
  const report = (phase: ProvisionProgress["phase"], message: string): void =>
    onProgress?.({ phase, message, packages_done: Math.min(seen.size, total), packages_total: total });
  return {
    phase: report,
    line(text) {
      const name = packageName(text);
      if (name !== null) {
        seen.add(name);
        report("download", name);
      } else if (text.startsWith("Installing collected packages")) {
        report("install", `installing ${total} packages`);
      }
    },
  };
}

/** A package from an index is "Collecting name==1.0 (from …)", one from a folder "Processing /wheels/name-1.0-….whl". */
function packageName(line: string): string | null {
  const match =
    /^\s*Collecting ([\w.-]+)/.exec(line) ?? /^\s*Processing .*?([\w.]+)-[^/-]+(?:-[^/]+)?\.whl/.exec(line);
  return match?.[1]?.toLowerCase().replaceAll(/[-_.]+/g, "-") ?? null;
}
