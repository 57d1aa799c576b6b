import { join } from "node:path";
import { createHub } from "@ml-intern/hub";
import { InternError } from "../failures/intern-error.ts";
import type { Environment } from "../models/endpoints.ts";
import type { HubTarget } from "./hub-target.ts";

/** Where `ml-intern serve` puts the embedded hub unless told otherwise. */
export const HUB_PORT = 4142;

/** The embedded hub works in process: publishing needs no server, and `serve` shows the same folder later. */
export function openHubTarget(options: {
  readonly kind: "local" | "hf";
  readonly home: string;
  readonly env: Environment;
}): HubTarget {
  if (options.kind === "hf") return huggingFace(options.env);
  const app = createHub({ root: join(options.home, "hub") });
  const url = `http://127.0.0.1:${HUB_PORT}`;
  return {
    kind: "local",
    url,
    token: "hf_local",
    fetch: async (input, init) => app.fetch(new Request(input, init)),
    browseUrl: url,
  };
}

function huggingFace(env: Environment): HubTarget {
  if (env.HF_TOKEN === undefined || env.HF_TOKEN === "") {
    throw new InternError(
      "publish/no_token",
      "Publishing to huggingface.co needs a token, and HF_TOKEN is not set.",
      {
        mend: "Set HF_TOKEN to a token with write access, or leave --hub out to publish to the embedded hub.",
      },
    );
  }
  const url = env.HF_ENDPOINT ?? "https://huggingface.co";
  return { kind: "hf", url, token: env.HF_TOKEN, fetch, browseUrl: url };
}
