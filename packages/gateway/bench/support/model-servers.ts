import { execFileSync, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { freePort } from "./free-port.ts";

/** A Messages server over one GGUF file. */
export interface ModelServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** The gateway with the embedded engine, which keeps its states of prompts in the folder. */
export async function startGateway({
  model,
  folder,
  contextSize,
  threads,
}: {
  readonly model: string;
  readonly folder: string;
  readonly contextSize: number;
  readonly threads: string | undefined;
}): Promise<ModelServer> {
  const args = [model, threads ?? "", String(contextSize), folder];
  const child = fork(new URL("../llama-process.ts", import.meta.url), args, {
    execArgv: ["--conditions=source", "--import", "tsx"],
  });
  const [{ url }] = (await once(child, "message")) as [{ url: string }];
  const stop = async (): Promise<void> => {
    child.disconnect();
    await once(child, "exit");
  };
  return { url, stop };
}

/** llama-server's default flags. Throws when it does not serve the model within a minute. */
export async function startLlamaServer(program: string, model: string): Promise<ModelServer> {
  const port = await freePort();
  const child = spawn(program, ["--model", model, "--port", String(port)], { stdio: "ignore" });
  const url = `http://127.0.0.1:${port}`;
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.kill("SIGKILL")) await once(child, "exit");
  };
  const deadline = performance.now() + 60_000;
  while (performance.now() < deadline && child.exitCode === null) {
    if (await isReady(url)) return { url, stop };
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await stop();
  throw new Error(`${program} does not serve ${model}`);
}

/** The path of llama-server: the one that is given, or else the one on the PATH; null when there is none. */
export function findLlamaServer(given: string | undefined): string | null {
  if (given) return given;
  const folders = (process.env.PATH ?? "").split(delimiter);
  return folders.map((folder) => join(folder, "llama-server")).find(isProgram) ?? null;
}

/** What llama-server says it is. */
export function llamaServerVersion(program: string): string {
  const said = execFileSync("sh", ["-c", '"$0" --version 2>&1', program], { encoding: "utf8" });
  return /version: *(.*)/.exec(said)?.[1] ?? "unknown version";
}

async function isReady(url: string): Promise<boolean> {
  return fetch(`${url}/health`).then(
    ({ ok }) => ok,
    () => false,
  );
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
