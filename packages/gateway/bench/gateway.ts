// Latency that gateways add, and requests per second on one core, in front of a stub on loopback:
//   npm run bench:gateway [-- --quick] [-- --only ours]
import { TEXT, verifyAnswer } from "./support/answers.ts";
import { type BenchProcess, canPin, pinSelf, startScript } from "./support/child-process.ts";
import { machine, quantile, table } from "./support/figures.ts";
import { HttpConnection, postBytes } from "./support/http-connection.ts";
import { portkeyHeaders, startClaudeCodeRouter, startPortkey } from "./support/peers.ts";

const GATEWAY_CORE = 1;
const OTHERS_CORE = 0;
const CONNECTIONS = 32;
const quick = process.argv.includes("--quick");
const only = process.argv.includes("--only") ? process.argv[process.argv.indexOf("--only") + 1] : null;
const rounds = quick ? 200 : 2000;
const seconds = quick ? 2 : 8;

interface Target {
  readonly name: string;
  readonly port: number;
  /** What is asked without it: its latency is subtracted. */
  readonly direct: "chat" | "messages";
  readonly model: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly process: BenchProcess;
}

pinSelf(OTHERS_CORE);
await using stub = await startScript("stub-upstream.ts", { core: OTHERS_CORE });
const upstreamPort = Number(stub.hello.port);
const rows: string[][] = [];
console.log(`${machine()}; gateway ${canPin ? "held to one core" : "NOT held to one core: no taskset here"}`);
console.log(
  `${rounds} requests one by one, then ${CONNECTIONS} connections for ${seconds} s; 50 text deltas\n`,
);

await measureDirect();
if (only === null || only === "ours") await measureOurs();
if (only === null || only === "peers") {
  await measurePeer("Portkey 1.15.2", async () => {
    const portkey = await startPortkey({ upstreamPort, core: GATEWAY_CORE });
    const headers = portkeyHeaders(upstreamPort);
    return {
      process: portkey,
      targets: [{ name: "to Messages", direct: "messages", model: "bench", headers }],
    };
  });
  await measurePeer("claude-code-router 2.0.0", async () => {
    const router = await startClaudeCodeRouter({ upstreamPort, core: GATEWAY_CORE });
    return {
      process: router,
      targets: [
        { name: "to Chat Completions", direct: "chat", model: "chat,bench" },
        { name: "to Messages", direct: "messages", model: "messages,bench" },
      ],
    };
  });
}
console.log(
  table(
    [
      "gateway",
      "added p50 / p99, ms",
      "streaming: added p50 / p99, ms",
      "first byte added p50, ms",
      "requests/s",
      "streaming: requests/s",
      "processor, ms per request",
      "streaming: processor, ms per request",
    ],
    rows,
  ),
);

async function measureOurs(): Promise<void> {
  await using gateway = await startScript("gateway-process.mjs", {
    args: [String(upstreamPort)],
    core: GATEWAY_CORE,
  });
  const port = Number(gateway.hello.port);
  const ours = { port, process: gateway };
  await measure({ ...ours, name: "**ours, to Chat Completions**", direct: "chat", model: "openai/bench" });
  await measure({ ...ours, name: "**ours, to Messages**", direct: "messages", model: "anthropic/bench" });
}

type PeerTarget = Omit<Target, "port" | "process">;

async function measurePeer(
  name: string,
  start: () => Promise<{
    process: BenchProcess & { port: number };
    targets: readonly PeerTarget[];
  }>,
): Promise<void> {
  try {
    const { process, targets } = await start();
    await using _ = process;
    for (const target of targets) {
      await measure({ ...target, name: `${name}, ${target.name}`, process, port: process.port }).catch(
        (error) => rows.push([`${name}, ${target.name}: FAILED: ${error}`]),
      );
    }
  } catch (error) {
    rows.push([`${name}: NOT MEASURED: ${error}`]);
  }
}

async function measureDirect(): Promise<void> {
  for (const kind of ["chat", "messages"] as const) {
    const target = { name: "", port: upstreamPort, direct: kind, model: "bench", process: stub };
    const [whole, streamed] = [
      await throughput(target, directRequest(kind, false)),
      await throughput(target, directRequest(kind, true)),
    ];
    const [wholeMs, streamedMs] = [
      await oneByOne(directRequest(kind, false)),
      await oneByOne(directRequest(kind, true)),
    ];
    rows.push([
      `the stub itself, ${kind === "chat" ? "Chat Completions" : "Messages"} (its latency, not added)`,
      `${ms(wholeMs.total, 0.5)} / ${ms(wholeMs.total, 0.99)}`,
      `${ms(streamedMs.total, 0.5)} / ${ms(streamedMs.total, 0.99)}`,
      ms(streamedMs.first, 0.5),
      whole.perSecond.toFixed(0),
      streamed.perSecond.toFixed(0),
      whole.cpu,
      streamed.cpu,
    ]);
  }
}

async function oneByOne(request: Buffer): Promise<{ total: number[]; first: number[] }> {
  const connection = new HttpConnection(upstreamPort);
  const times = { total: [] as number[], first: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    const { totalMs, firstByteMs } = await connection.request(request);
    times.total.push(totalMs);
    times.first.push(firstByteMs);
  }
  connection.close();
  return times;
}

async function measure(target: Target): Promise<void> {
  // Warm: the first thousand requests are the compiler's.
  for (const stream of [false, true])
    await throughput(target, targetRequest(target, stream), quick ? 1000 : 3000);
  const whole = await latency(target, false);
  const streamed = await latency(target, true);
  const fullWhole = await throughput(target, targetRequest(target, false));
  const fullStreamed = await throughput(target, targetRequest(target, true));
  rows.push([
    target.name,
    whole.total,
    streamed.total,
    streamed.first,
    fullWhole.perSecond.toFixed(0),
    fullStreamed.perSecond.toFixed(0),
    fullWhole.cpu,
    fullStreamed.cpu,
  ]);
}

/** Requests one by one, each beside one that goes to the stub directly, so that noise falls on both. */
async function latency(target: Target, stream: boolean): Promise<{ total: string; first: string }> {
  const through = new HttpConnection(target.port);
  const past = new HttpConnection(upstreamPort);
  const requests = { through: targetRequest(target, stream), past: directRequest(target.direct, stream) };
  const times = { through: [] as number[], past: [] as number[] };
  const first = { through: [] as number[], past: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    const direct = await past.request(requests.past);
    const answer = await through.request(requests.through);
    verify(answer, stream);
    times.past.push(direct.totalMs);
    first.past.push(direct.firstByteMs);
    times.through.push(answer.totalMs);
    first.through.push(answer.firstByteMs);
  }
  through.close();
  past.close();
  const added = (share: number): string =>
    (quantile(times.through, share) - quantile(times.past, share)).toFixed(2);
  const firstAdded = quantile(first.through, 0.5) - quantile(first.past, 0.5);
  return { total: `${added(0.5)} / ${added(0.99)}`, first: firstAdded.toFixed(2) };
}

async function throughput(
  target: Pick<Target, "port" | "process">,
  request: Buffer,
  warmMs?: number,
): Promise<{ perSecond: number; cpu: string }> {
  const stream = request.includes('"stream":true');
  const isDirect = target.process === stub;
  const begun = performance.now();
  const end = begun + (warmMs ?? seconds * 1000);
  const cpu = target.process.cpuMs();
  let answered = 0;
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      const connection = new HttpConnection(target.port);
      while (performance.now() < end) {
        const answer = await connection.request(request);
        if (!isDirect) verify(answer, stream);
        answered++;
      }
      connection.close();
    }),
  );
  const used = cpu === null ? null : (target.process.cpuMs() ?? 0) - cpu;
  return {
    perSecond: (answered * 1000) / (performance.now() - begun),
    cpu: used === null ? "?" : (used / answered).toFixed(2),
  };
}

function verify({ status, body }: { status: number; body: Buffer }, stream: boolean): void {
  const text = body.toString();
  if (status !== 200) throw new Error(`${status} ${text.slice(0, 300)}`);
  verifyAnswer(text, { stream });
}

function targetRequest({ model, headers = {} }: Pick<Target, "model" | "headers">, stream: boolean): Buffer {
  const version = { "anthropic-version": "2023-06-01", ...headers };
  return postBytes("/v1/messages", { json: question(model, stream), headers: version });
}

function directRequest(kind: "chat" | "messages", stream: boolean): Buffer {
  const path = kind === "chat" ? "/v1/chat/completions" : "/v1/messages";
  return postBytes(path, { json: question("bench", stream) });
}

function question(model: string, stream: boolean): object {
  const content = `Say these words: ${TEXT.slice(0, 200)}`;
  return { model, max_tokens: 1000, messages: [{ role: "user", content }], stream };
}

function ms(values: readonly number[], share: number): string {
  return quantile(values, share).toFixed(2);
}
