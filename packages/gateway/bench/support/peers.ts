import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { installPeers } from "../../../../scripts/bench/install-peers.mjs";
import { type BenchProcess, owned, spawnNode } from "./child-process.ts";
import { freePort } from "./free-port.ts";

/** A gateway that answers `POST /v1/messages`. */
export interface Peer extends BenchProcess {
  readonly port: number;
}

export interface PeerOptions {
  readonly upstreamPort: number;
  readonly core?: number;
}

const LOOPBACK_ONLY = fileURLToPath(new URL("./loopback-only.cjs", import.meta.url));

/** Requests name the upstream themselves, with {@link portkeyHeaders}. */
export async function startPortkey({ core }: PeerOptions): Promise<Peer> {
  // What npm resolves today cannot stream; this is the version in Portkey's own lock file.
  const { folder } = installPeers(["@portkey-ai/gateway@1.15.2"], {
    overrides: { "@hono/node-server": "1.13.5" },
  });
  const port = await freePort();
  const script = join(folder, "node_modules/@portkey-ai/gateway/build/start-server.js");
  const child = spawnNode(["--require", LOOPBACK_ONLY, script, `--port=${port}`, "--headless"], {
    env: { NODE_ENV: "production" },
    core,
    quiet: true,
  });
  return await ready(owned(child, {}), port);
}

export function portkeyHeaders(upstreamPort: number): Readonly<Record<string, string>> {
  return {
    "x-portkey-provider": "anthropic",
    "x-portkey-custom-host": `http://127.0.0.1:${upstreamPort}/v1`,
    "x-api-key": "bench",
    "anthropic-version": "2023-06-01",
  };
}

/** Models are `chat,bench` for the upstream's Chat Completions and `messages,bench` for its Messages API. */
export async function startClaudeCodeRouter({ upstreamPort, core }: PeerOptions): Promise<Peer> {
  const { folder } = installPeers(["@musistudio/claude-code-router@2.0.0"]);
  const home = await mkdtemp(join(tmpdir(), "ml-intern-bench-"));
  const port = await freePort();
  const upstream = `http://127.0.0.1:${upstreamPort}/v1`;
  await mkdir(join(home, ".claude-code-router"));
  await writeFile(
    join(home, ".claude-code-router", "config.json"),
    JSON.stringify({
      PORT: port,
      HOST: "127.0.0.1",
      LOG: false,
      Providers: [
        { name: "chat", api_base_url: `${upstream}/chat/completions`, api_key: "bench", models: ["bench"] },
        {
          name: "messages",
          api_base_url: `${upstream}/messages`,
          api_key: "bench",
          models: ["bench"],
          transformer: { use: ["Anthropic"] },
        },
      ],
      Router: { default: "chat,bench" },
    }),
  );
  const script = join(folder, "node_modules/@musistudio/claude-code-router/dist/cli.js");
  const child = spawnNode(["--require", LOOPBACK_ONLY, script, "start"], {
    env: { HOME: home },
    core,
    quiet: true,
  });
  const peer = await ready(owned(child, {}), port);
  return {
    ...peer,
    [Symbol.asyncDispose]: async () => {
      await peer[Symbol.asyncDispose]();
      await rm(home, { recursive: true, force: true });
    },
  };
}

async function ready(process: BenchProcess, port: number): Promise<Peer> {
  const deadline = performance.now() + 30_000;
  while (performance.now() < deadline) {
    const up = await fetch(`http://127.0.0.1:${port}/`).then(
      () => true,
      () => false,
    );
    if (up) return { ...process, port };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await process[Symbol.asyncDispose]();
  throw new Error("It did not listen within 30 s");
}
