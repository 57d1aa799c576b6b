import { openMcpServers } from "../open-mcp-servers.ts";
import { stdioServer } from "./test-servers.ts";
import { openToolBench } from "./tool-bench.ts";

/** A process that opens a server in the given modes, prints the server's process id, and exits at the end of its input. */
const signal = new AbortController().signal;
const { tools } = await openMcpServers(
  { servers: [stdioServer("test", process.argv.slice(2))] },
  { env: process.env, signal },
);
await using bench = await openToolBench();
const { text } = await bench.call(tools, "mcp__test__environment");
const { pid } = JSON.parse(text.slice(text.indexOf("{"))) as { pid: number };
process.stdout.write(`${pid}\n`);
process.stdin.resume().on("end", () => process.exit());
