import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { installBubblewrap, openSandbox, provisionEnvironment } from "@ml-intern/lab";
import type { CommandContext } from "../command-context.ts";
import { EXIT } from "../exit-code.ts";

/** Provisions what runs need: a sandbox and the Python environment. Does nothing, quickly, when both are there. */
export async function setup({ home, error }: CommandContext): Promise<number> {
  const signal = new AbortController().signal;
  const say = (text: string): void => error(`ml-intern set-up: ${text}\n`);
  const bubblewrap = await installBubblewrap({ onProgress: say, signal });
  if (bubblewrap.kind === "not_installed")
    say(`bubblewrap is not installed; a weaker sandbox is used. ${bubblewrap.mend}`);
  const environment = await provisionEnvironment({
    name: "base",
    home,
    onProgress: ({ message }) => say(message),
    signal,
  });
  const workspace = await mkdtemp(join(tmpdir(), "ml-intern-setup-"));
  try {
    await using sandbox = await openSandbox({
      workspace,
      readOnlyPaths: environment.readOnlyPaths,
      home,
      mode: "auto",
    });
    say(`ready: sandbox ${sandbox.kind}, environment ${environment.id}`);
  } finally {
    await rm(workspace, { recursive: true, force: true });
  }
  return EXIT.published;
}
