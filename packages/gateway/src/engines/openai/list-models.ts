import { z } from "zod";
import type { EngineModel } from "../engine.ts";
import { nonsenseError } from "../upstream/connection-error.ts";
import type { Endpoint } from "../upstream/endpoint.ts";
import { requestUpstream } from "../upstream/request-upstream.ts";
import { problemError, readProblem } from "./problem.ts";

const count = z.number().nullish().catch(null);

const listed = z.looseObject({
  id: z.string(),
  created: count,
  // Each server has its own word for the size of the context.
  max_model_len: count,
  context_length: count,
  meta: z.looseObject({ n_ctx: count, n_ctx_train: count }).nullish().catch(null),
  architecture: z
    .looseObject({ input_modalities: z.array(z.string()).nullish() })
    .nullish()
    .catch(null),
});

const list = z.looseObject({ data: z.array(listed) });

/** What `GET /models` lists. Throws a `GatewayError` when there is no list to be had. */
export async function listModels(endpoint: Endpoint, signal: AbortSignal): Promise<readonly EngineModel[]> {
  const { baseUrl } = endpoint;
  const { status, headers, text } = await requestUpstream(endpoint, { path: "/models", signal });
  const body = await text();
  if (status >= 300) throw problemError(readProblem(body), { status, headers, baseUrl });
  const models = parse(body);
  if (models) return models.map(engineModel);
  throw nonsenseError(baseUrl, {
    received: "what is not a list of models",
    mend: "Check the base URL: it usually ends in /v1.",
  });
}

function parse(body: string): z.infer<typeof list>["data"] | null {
  try {
    return list.safeParse(JSON.parse(body)).data?.data ?? null;
  } catch {
    // Not JSON: the caller reports it as what it is not.
    return null;
  }
}

function engineModel(model: z.infer<typeof listed>): EngineModel {
  const { id, created, max_model_len: length, context_length: context, meta, architecture } = model;
  return {
    id,
    displayName: id,
    contextWindow: length ?? context ?? meta?.n_ctx ?? meta?.n_ctx_train ?? null,
    maxOutputTokens: null,
    supportsImages: architecture?.input_modalities?.includes("image") ?? false,
    supportsThinking: false,
    ...(created ? { createdAt: new Date(created * 1000).toISOString() } : {}),
  };
}
