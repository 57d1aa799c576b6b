// Our gateway as its users run it: built, as a process of its own, over the upstream at the port that it is given.
import { createAnthropicEngine, createGateway, createOpenAiEngine, serveGateway } from "@ml-intern/gateway";

const upstream = `http://127.0.0.1:${process.argv[2]}`;
const app = createGateway({
  engines: {
    openai: createOpenAiEngine({ baseUrl: `${upstream}/v1` }),
    anthropic: createAnthropicEngine({ baseUrl: upstream, apiKey: "bench" }),
  },
});
const { port } = await serveGateway({ app });
process.stdout.write(`${JSON.stringify({ port })}\n`);
