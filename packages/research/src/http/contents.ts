import type { z } from "zod";
import type { WebAnswer } from "./web-client.ts";
import { WebError } from "./web-error.ts";

/** The body as text: in the charset that the answer names, else UTF-8. What is no such text becomes replacement characters. */
export function textOf({ headers, body }: Pick<WebAnswer, "headers" | "body">): string {
  const named = /charset="?([\w-]+)/i.exec(headers.get("content-type") ?? "")?.[1] ?? "utf-8";
  return decoder(named).decode(body);
}

/** Whether the body is whole JSON: a page of somebody in between, or half an answer, is not to be kept. */
export function isJson(answer: Pick<WebAnswer, "headers" | "body">): boolean {
  try {
    JSON.parse(textOf(answer));
    return true;
  } catch {
    return false;
  }
}

/** The body as JSON of a shape. Throws `web/wrong_type` for a page where JSON is due, `web/malformed` for anything else. */
export function jsonOf<Shape>(answer: WebAnswer, schema: z.ZodType<Shape>): Shape {
  const { url } = answer;
  const text = textOf(answer);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    if (/^\s*</.test(text)) {
      const mend = "It may be a login or error page in between. Try again later, or use another source.";
      throw new WebError("web/wrong_type", `${url} answered with a page, not with JSON.`, {
        url,
        mend,
        cause,
      });
    }
    throw malformed(url, "it is no whole JSON", cause);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw malformed(url, `${issue?.path.join(".") || "it"}: ${issue?.message}`, parsed.error);
}

function malformed(url: string, why: string, cause: unknown): WebError {
  return new WebError("web/malformed", `The answer of ${url} cannot be used: ${why}.`, {
    url,
    mend: "Try again later, or use another source.",
    cause,
  });
}

function decoder(name: string): InstanceType<typeof TextDecoder> {
  try {
    return new TextDecoder(name);
  } catch {
    return new TextDecoder();
  }
}
