import type { IncomingMessage, ServerResponse } from "node:http";
import { WebClient } from "../http/web-client.ts";
import { serveWeb, type WebService } from "./web-service.ts";

export interface DocumentationSite extends AsyncDisposable {
  /** Paths below the host, with what they answer: text, or a function that answers itself. */
  readonly answers: Map<string, string | ((request: IncomingMessage, response: ServerResponse) => void)>;
  /** Where it really is. */
  readonly url: string;
  readonly asked: WebService["asked"];
  /** A client whose requests to huggingface.co come here. */
  readonly web: WebClient;
}

/** A server that stands for huggingface.co: what it does not know is 404. */
export async function serveDocumentation(
  pages: Readonly<Record<string, string>>,
): Promise<DocumentationSite> {
  const answers: DocumentationSite["answers"] = new Map(Object.entries(pages));
  const service = await serveWeb((request, response) => {
    const answer = answers.get(request.url ?? "");
    if (answer === undefined) response.writeHead(404).end("Not Found");
    else if (typeof answer === "function") answer(request, response);
    else {
      const type = /^\s*</.test(answer)
        ? "text/html"
        : request.url?.endsWith(".md")
          ? "text/markdown"
          : "text/plain";
      response.writeHead(200, { "content-type": `${type}; charset=utf-8` }).end(answer);
    }
  });
  const web = new WebClient({
    cache: null,
    random: () => 0,
    fetch: (url, init) => fetch(url.replace("https://huggingface.co", service.url), init),
  });
  return {
    answers,
    url: service.url,
    asked: service.asked,
    web,
    [Symbol.asyncDispose]: () => service[Symbol.asyncDispose](),
  };
}

/** A page with a table of contents, as the site has it. */
export function sidebar(library: string, pages: readonly string[]): string {
  const links = pages.map((page) => `<a href="/docs/${library}/${page}">About ${page}</a>`).join("");
  return `<!doctype html><html><body><nav><a href="/models">Models</a></nav><nav class="flex-auto">${links}</nav></body></html>`;
}
