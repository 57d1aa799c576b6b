// A hub in a process of its own, for tests that kill it: node --import tsx serve.ts <root>
import { createHub } from "../src/create-hub.ts";
import { serveHub } from "../src/serve-hub.ts";

const root = process.argv[2];
if (root === undefined) throw new Error("usage: serve.ts <root>");
const server = await serveHub({ app: createHub({ root }) });
console.log(server.url);
