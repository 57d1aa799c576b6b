import { type Script, startScriptedMessagesServer, startScriptedOpenAiServer } from "@ml-intern/testkit";
import { createGateway, type GatewayLogEntry } from "../create-gateway.ts";
import { createAnthropicEngine } from "../engines/anthropic/create-anthropic-engine.ts";
import type { Engine } from "../engines/engine.ts";
import { createOpenAiEngine } from "../engines/openai/create-openai-engine.ts";
import { serveGateway } from "../serve-gateway.ts";
import { chatAnswer, type ModelAnswer, messagesAnswer } from "./model-answer.ts";

/** `chat` translates to Chat Completions and back; `relay` passes on to another Messages server. */
export type ChainKind = "chat" | "relay";

/** A client's way to a model: a gateway on a socket, one of its engines, and a scripted endpoint on another socket. */
export interface Chain extends AsyncDisposable {
  readonly kind: ChainKind;
  /** The gateway's, as `ANTHROPIC_BASE_URL` takes it. */
  readonly url: string;
  readonly key: string;
  readonly model: string;
  /** Requests that the gateway has answered. */
  readonly log: readonly GatewayLogEntry[];
  /** Requests for messages that have reached the endpoint. */
  readonly upstream: readonly UpstreamRequest[];
  /** Resolves when the gateway has left the endpoint before its answer was finished. Fails when that takes a second. */
  gatewayLeft(): Promise<void>;
}

export interface UpstreamRequest {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: { readonly messages: readonly unknown[]; readonly tools?: unknown };
}

export const JUDGE_KEY = "sk-judge";
const UPSTREAM_KEY = "sk-upstream";

/** Answers come one after the other, or from a function of how many came before. */
export async function startChain(
  kind: ChainKind,
  answers: readonly ModelAnswer[] | ((index: number) => ModelAnswer),
): Promise<Chain> {
  const endpoint = await (kind === "chat" ? startChatEndpoint(answers) : startMessagesEndpoint(answers));
  const log: GatewayLogEntry[] = [];
  const app = createGateway({
    engines: { [kind]: endpoint.engine },
    keys: { [JUDGE_KEY]: { workspace: "wrkspc_judges" } },
    log: (entry) => log.push(entry),
  });
  const gateway = await serveGateway({ app });
  return {
    kind,
    url: gateway.url,
    key: JUDGE_KEY,
    model: `${kind}/scripted`,
    log,
    upstream: endpoint.requests,
    gatewayLeft: () => withinSecond(endpoint.left()),
    [Symbol.asyncDispose]: async () => {
      await gateway.close();
      await endpoint.close();
    },
  };
}

type Answers = Parameters<typeof startChain>[1];

interface Endpoint {
  readonly engine: Engine;
  readonly requests: readonly UpstreamRequest[];
  readonly left: () => Promise<void>;
  readonly close: () => Promise<void>;
}

async function startChatEndpoint(answers: Answers): Promise<Endpoint> {
  const server = await startScriptedOpenAiServer(script(answers, chatAnswer), { apiKey: UPSTREAM_KEY });
  return {
    engine: createOpenAiEngine({ baseUrl: server.baseUrl, apiKey: UPSTREAM_KEY, name: "chat" }),
    requests: server.requests,
    left: server.clientLeft,
    close: server.close,
  };
}

async function startMessagesEndpoint(answers: Answers): Promise<Endpoint> {
  const server = await startScriptedMessagesServer(script(answers, messagesAnswer), { apiKey: UPSTREAM_KEY });
  return {
    engine: createAnthropicEngine({ baseUrl: server.url, apiKey: UPSTREAM_KEY, name: "relay" }),
    requests: server.requests,
    left: server.clientLeft,
    close: server.close,
  };
}

function script<Request, Answer>(
  answers: Answers,
  translate: (answer: ModelAnswer, request: Request) => Answer,
): Script<Request, Answer> {
  return (request, index) => {
    const answer = typeof answers === "function" ? answers(index) : answers[index];
    if (answer === undefined) throw new Error(`The script has no answer to request ${index + 1}`);
    return translate(answer, request);
  };
}

async function withinSecond(leaving: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("A second later the gateway was still there")), 1000);
  });
  await Promise.race([leaving, late]);
  clearTimeout(timer);
}
