export interface Artefact {
  /** Relative to the collected folder, with forward slashes. */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

export interface CollectLimits {
  readonly files: number;
  readonly fileBytes: number;
  readonly totalBytes: number;
}

export interface CollectResult {
  readonly artefacts: readonly Artefact[];
  /** What was left behind, and why: links, devices, hard links, files over a limit. */
  readonly skipped: readonly { readonly path: string; readonly reason: string }[];
}

export interface CollectArtefactsOptions {
  /** A folder that untrusted code wrote. */
  readonly from: string;
  /** A folder out of the sandbox's reach; made when missing. */
  readonly into: string;
  readonly limits?: Partial<CollectLimits>;
  readonly signal?: AbortSignal;
}

/** Copies the regular files of a folder that untrusted code wrote, following no link out of it, and hashes them. */
export async function collectArtefacts(_options: CollectArtefactsOptions): Promise<CollectResult> {
  throw new Error("not yet");
}
