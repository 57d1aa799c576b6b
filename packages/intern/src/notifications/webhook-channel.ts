import { createHmac } from "node:crypto";
import type { Channel } from "./channel.ts";
import type { WebhookSettings } from "./notification-settings.ts";
import { postJson } from "./post-json.ts";

/**
 * Posts each notice as JSON. With a secret the header `ml-intern-signature: t=SECONDS,v1=HEX` holds the HMAC-SHA-256 of
 * `SECONDS.BODY`.
 */
export function createWebhookChannel({ url, secret, headers }: WebhookSettings): Channel {
  return {
    name: `webhook ${new URL(url).host}`,
    async send(notice, signal) {
      const body = JSON.stringify(notice);
      const signature = secret === null ? {} : { "ml-intern-signature": signatureOf(body, secret) };
      const mend = "Look at the `url` and `headers` of the webhook, and at what receives it.";
      await postJson({ url, body, headers: { ...headers, ...signature }, mend, signal });
    },
  };
}

function signatureOf(body: string, secret: string): string {
  const seconds = Math.floor(Date.now() / 1000);
  return `t=${seconds},v1=${createHmac("sha256", secret).update(`${seconds}.${body}`).digest("hex")}`;
}
