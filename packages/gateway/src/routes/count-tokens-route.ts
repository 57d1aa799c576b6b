import type { Handler } from "hono";
import { type Attempt, attempted, firstAnswer } from "../pipeline/first-answer.ts";
import { noteCandidate } from "../pipeline/note-candidate.ts";
import { receiveRequest } from "../pipeline/received-request.ts";
import { relayTo } from "../pipeline/relay-to.ts";
import type { Candidate } from "../pipeline/resolve-models.ts";
import { withoutEarlierThinking } from "../pipeline/without-earlier-thinking.ts";
import { clientController } from "../streaming/client-controller.ts";
import { validateCount } from "../validation/validate-request.ts";
import { admittedResponse } from "./admitted-response.ts";
import type { GatewayEnv } from "./gateway-env.ts";
import type { MessagesRouteOptions } from "./messages-route.ts";

/** `POST /v1/messages/count_tokens`. */
export function countTokensRoute({ pingIntervalMs, ...options }: MessagesRouteOptions): Handler<GatewayEnv> {
  return async (context) => {
    const { url } = context.req.raw;
    const { notes, requestId, workspace, headers } = context.var;
    const controller = clientController(context.req.raw);
    const received = await receiveRequest(context.req.raw, { validate: validateCount, notes, ...options });
    const { body, bytes, candidates } = received;

    async function counted({ engine, name }: Candidate): Promise<Response> {
      const request = received.validated();
      const tokens = await engine.countTokens(
        { ...withoutEarlierThinking(request), model: name },
        { signal: controller.signal, headers, workspace },
      );
      const edited = request.context_management && { context_management: { original_input_tokens: tokens } };
      return Response.json({ input_tokens: tokens, ...edited });
    }

    return admittedResponse(context, {
      kind: "token_count",
      body,
      admit: options.admit,
      respond: ({ meter, onEnd }) => {
        const relayed = (candidate: Candidate): Promise<Attempt<Response>> =>
          relayTo(candidate, {
            path: `/messages/count_tokens${new URL(url).search}`,
            ...{ bytes, headers, workspace, meter, notes, requestId, controller, pingIntervalMs, onEnd },
            onBegin: () => context.set("streaming", true),
          });
        return firstAnswer(candidates, {
          attempt: (candidate) => {
            noteCandidate(candidate, notes);
            return candidate.engine.relay ? relayed(candidate) : attempted(() => counted(candidate));
          },
          signal: controller.signal,
        });
      },
    });
  };
}
