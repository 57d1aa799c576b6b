import { DeliveryError } from "./channel.ts";

export interface PostJsonOptions {
  readonly url: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly mend: string;
  readonly signal: AbortSignal;
}

/** Posts JSON. Redirects are refused: neither the text nor headers go where nobody has sent them. */
export async function postJson({ url, body, headers = {}, mend, signal }: PostJsonOptions): Promise<void> {
  const response = await fetch(url, {
    method: "POST",
    headers: { ...headers, "content-type": "application/json" },
    body,
    redirect: "manual",
    signal,
  });
  await response.body?.cancel();
  if (response.ok) return;
  const { status } = response;
  throw new DeliveryError(`it answered ${status}`, { retryable: status === 429 || status >= 500, mend });
}
