import { scriptedEngine } from "@ml-intern/testkit";
import { expect } from "vitest";
import { createGateway } from "../../create-gateway.ts";

const gateway = createGateway({ engines: { scripted: scriptedEngine(() => ({ text: "ok" })) } });

export interface RefusalOptions {
  readonly headers?: Record<string, string>;
  /** Default `/v1/messages`. */
  readonly path?: string;
}

/** Sends a body to a gateway. Returns what the 400 says, or null when the request is answered; nothing else may come back. */
export async function refusal(
  body: unknown,
  { headers = {}, path = "/v1/messages" }: RefusalOptions = {},
): Promise<string | null> {
  const response = await gateway.request(path, { method: "POST", body: JSON.stringify(body), headers });
  const answer = (await response.json()) as { readonly error?: { readonly message: string } };
  if (response.status === 200) return null;
  expect(answer).toMatchObject({
    type: "error",
    error: { type: "invalid_request_error", message: expect.any(String) },
    request_id: response.headers.get("request-id"),
  });
  expect(response.status).toBe(400);
  return answer.error?.message ?? "";
}
