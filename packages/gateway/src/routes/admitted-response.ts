import type { Context } from "hono";
import { type AdmittedBody, admitted } from "../pipeline/admitted.ts";
import { UsageMeter } from "../pipeline/usage-meter.ts";
import type { AdmissionSubject, Admit } from "./admission.ts";
import { errorResponse } from "./error-response.ts";
import type { GatewayEnv } from "./gateway-env.ts";

export interface AdmittedResponseOptions {
  readonly kind: AdmissionSubject["kind"];
  readonly body: AdmittedBody;
  readonly admit: Admit;
  /** Makes the response. One that goes on after that sets `streaming`, and calls `onEnd` when it has ended. */
  readonly respond: (given: { readonly meter: UsageMeter; readonly onEnd: () => void }) => Promise<Response>;
}

/**
 * The response to a request that is let in, with what the limits have to say in its headers, also when it failed. The
 * admission is settled when the response has ended, in whatever way. Throws what `admit` throws.
 */
export async function admittedResponse(
  context: Context<GatewayEnv>,
  { kind, body, admit, respond }: AdmittedResponseOptions,
): Promise<Response> {
  // Read once: Hono makes the object anew each time.
  const { notes, workspace, key, elapsed, finish, logsPrompts } = context.var;
  if (logsPrompts) notes.request = body;
  const admission = await admitted(body, { kind, admit, asker: { workspace, key } });
  context.set("admittedMs", elapsed());
  const meter = new UsageMeter({ notes, elapsed });
  const settle = (): void => admission.settle(meter.settle());
  const onEnd = (): void => {
    settle();
    finish();
  };
  const response = await respond({ meter, onEnd }).catch((error: unknown) => errorResponse(error, context));
  if (!context.get("streaming")) settle();
  for (const [name, value] of Object.entries(admission.headers())) response.headers.set(name, value);
  return response;
}
