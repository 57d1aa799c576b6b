import { findProgram } from "../environments/inspect-python.ts";
import { runProgram } from "../environments/run-program.ts";

export interface InstallBubblewrapOptions {
  readonly onProgress?: (line: string) => void;
  readonly signal?: AbortSignal;
}

export type InstallBubblewrapResult =
  | { readonly kind: "installed" | "present" }
  | { readonly kind: "not_installed"; readonly mend: string };

/** The command that installs it, by the package manager that is there. */
const commands = {
  "apt-get": "apt-get install -y bubblewrap",
  dnf: "dnf install -y bubblewrap",
  pacman: "pacman -S --noconfirm bubblewrap",
  apk: "apk add bubblewrap",
  zypper: "zypper --non-interactive install bubblewrap",
} as const;

/** Installs bubblewrap where that needs no question (root and apt-get); else says what the person can do. */
export async function installBubblewrap(options: InstallBubblewrapOptions): Promise<InstallBubblewrapResult> {
  const signal = options.signal ?? new AbortController().signal;
  const onLine = options.onProgress;
  if ((await findProgram("bwrap")) !== null) return { kind: "present" };
  const command = await installCommand();
  if (process.getuid?.() !== 0 || (await findProgram("apt-get")) === null) {
    return { kind: "not_installed", mend: `Run as root: ${command}` };
  }
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const steps = [
    ["apt-get", "install", "-y", "--no-install-recommends", "bubblewrap"],
    ["apt-get", "update"],
    ["apt-get", "install", "-y", "--no-install-recommends", "bubblewrap"],
  ];
  let last = "";
  for (const argv of steps) {
    onLine?.(argv.join(" "));
    const { output } = await runProgram({ argv, env, signal, ...(onLine === undefined ? {} : { onLine }) });
    if ((await findProgram("bwrap")) !== null) return { kind: "installed" };
    last = output.trim().split("\n").at(-1) ?? "";
  }
  return { kind: "not_installed", mend: `Run as root: ${command} (the last try said: ${last})` };
}

async function installCommand(): Promise<string> {
  for (const [program, command] of Object.entries(commands)) {
    if ((await findProgram(program)) !== null) return command;
  }
  return "install the package bubblewrap with your package manager";
}
