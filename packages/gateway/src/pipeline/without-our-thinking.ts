import { SIGNATURE_PREFIX } from "../engines/answer/thinking-signer.ts";

const MARK = Buffer.from(`"${SIGNATURE_PREFIX}`);

interface Block {
  readonly type?: unknown;
  readonly signature?: unknown;
}

/**
 * A body for an upstream that checks signatures itself: thinking that we signed is left out, since it would be refused.
 * That happens when a conversation comes back from a fallback; any other body stays as it is, byte for byte.
 */
export function withoutOurThinking(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  if (!Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes(MARK)) return bytes;
  const body = JSON.parse(new TextDecoder().decode(bytes)) as { readonly messages?: unknown };
  if (!Array.isArray(body.messages)) return bytes;
  const messages = body.messages.flatMap((message: { readonly content?: unknown } | null) => {
    if (!Array.isArray(message?.content)) return [message];
    const content = message.content.filter((block: Block | null) => !isOurs(block));
    // A turn that was nothing but thinking says nothing to anybody else.
    return content.length > 0 || message.content.length === 0 ? [{ ...message, content }] : [];
  });
  return Buffer.from(JSON.stringify({ ...body, messages }));
}

function isOurs(block: Block | null): boolean {
  return (
    block?.type === "thinking" &&
    typeof block.signature === "string" &&
    block.signature.startsWith(SIGNATURE_PREFIX)
  );
}
