import { z } from "zod";
import { isJson, jsonOf } from "../../http/contents.ts";
import { WebError } from "../../http/web-error.ts";
import type { Hub } from "../hub.ts";

/** Something that the viewer was asked: its answer, or why there is none and what to do. */
export type Told<Value> =
  | { readonly kind: "known"; readonly value: Value }
  | { readonly kind: "unknown"; readonly error: WebError };

export interface ViewerQuestion {
  readonly dataset: string;
  readonly config?: string;
  readonly split?: string;
  readonly query?: string;
  readonly where?: string;
  readonly offset?: number;
  readonly length?: number;
}

/** Asks the viewer. Throws a `WebError` with the mend for each of its refusals. */
export async function askViewer<Shape>(
  hub: Hub,
  verb: string,
  {
    question,
    schema,
    signal,
  }: { readonly question: ViewerQuestion; readonly schema: z.ZodType<Shape>; readonly signal: AbortSignal },
): Promise<Shape> {
  const fields = Object.entries(question).map(([name, value]): [string, string] => [name, String(value)]);
  const url = `${hub.viewerUrl}/${verb}?${new URLSearchParams(fields)}`;
  try {
    return jsonOf(await hub.web.request({ url, isUsable: isJson, signal }), schema);
  } catch (error) {
    throw error instanceof WebError ? explained(error, question) : error;
  }
}

/** As {@link askViewer}, for one of several questions: its failure is a fact like any other. */
export async function tryViewer<Shape>(
  hub: Hub,
  verb: string,
  asking: Parameters<typeof askViewer<Shape>>[2],
): Promise<Told<Shape>> {
  try {
    return { kind: "known", value: await askViewer(hub, verb, asking) };
  } catch (error) {
    asking.signal.throwIfAborted();
    if (error instanceof WebError) return { kind: "unknown", error };
    throw error;
  }
}

const refusal = z.object({ error: z.string(), cause_message: z.string().nullish() });

function explained(error: WebError, { dataset, config, split }: ViewerQuestion): WebError {
  const say = (message: string, mend: string): WebError =>
    new WebError(error.code, message, {
      url: error.url,
      mend,
      ...(error.status !== null && { status: error.status }),
      body: error.body,
      reason: error.reason,
      cause: error,
    });
  const download = "Download its files and inspect those.";
  switch (error.reason) {
    case "ExternalUnauthenticatedError":
    case "ExternalAuthenticatedError":
      return say(
        `There is no data set ${dataset}, or this token may not read it: it is private or gated.`,
        "Look at the spelling; if it is private or gated, it takes a token (HF_TOKEN) of an account that has access.",
      );
    case "ResponseNotReady":
      return say(`The viewer has not got to ${dataset} yet.`, `Ask again in a minute. ${download}`);
    case "ResponseNotFound": {
      const place = [config, split].filter((name) => name !== undefined).join(", ");
      return say(
        `${dataset} has no ${place}.`,
        "List its configurations and splits by inspecting it without naming one.",
      );
    }
    default: {
      const told = refusal.safeParse(parsed(error.body));
      // Of faults that have a name, the viewer says which; of others, nothing that helps.
      if (!told.success || error.reason === null || error.reason === "UnexpectedApiError") return error;
      const { error: said, cause_message: cause } = told.data;
      const why = [said, cause].filter((text) => typeof text === "string").join(" ");
      if (error.status !== 500 && error.status !== 501)
        return say(`The viewer refused the question: ${oneLine(why)}`, "Change it by what the viewer says.");
      return say(`The viewer cannot read ${dataset}: ${oneLine(why)}`, download);
    }
  }
}

function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  return line.length > 400 ? `${line.slice(0, 400)}…` : line;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // no JSON: what the error says already is all there is
  }
}
