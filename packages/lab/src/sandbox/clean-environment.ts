export interface CleanEnvironmentOptions {
  /** The workspace as the sandbox sees it. */
  readonly workspace: string;
  readonly temporary: string;
  readonly cpus: number;
}

/** The whole environment of a sandboxed command. Nothing of the host's environment is in it. */
export function cleanEnvironment({
  workspace,
  temporary,
  cpus,
}: CleanEnvironmentOptions): Record<string, string> {
  const threads = String(Math.max(1, Math.floor(cpus)));
  const home = `${workspace}/.home`;
  return {
    PATH: "/usr/local/bin:/usr/bin:/bin",
    HOME: home,
    USER: "intern",
    LOGNAME: "intern",
    SHELL: "/bin/sh",
    TERM: "dumb",
    LANG: "C.UTF-8",
    TZ: "UTC",
    TMPDIR: temporary,
    XDG_CACHE_HOME: `${home}/.cache`,
    MPLCONFIGDIR: `${home}/.cache/matplotlib`,
    MPLBACKEND: "Agg",
    OMP_NUM_THREADS: threads,
    OPENBLAS_NUM_THREADS: threads,
    MKL_NUM_THREADS: threads,
    NUMEXPR_NUM_THREADS: threads,
    PYTHONDONTWRITEBYTECODE: "1",
    PYTHONNOUSERSITE: "1",
    PYTHONUNBUFFERED: "1",
    HF_HUB_OFFLINE: "1",
  };
}
