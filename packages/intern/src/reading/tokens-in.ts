import type { Credentials } from "@ml-intern/research";
import type { Environment } from "../models/endpoints.ts";

/** What the environment holds for services that answer more often, or more, to those they know. Hubs have their own. */
export function tokensIn(env: Environment): Credentials {
  const github = env.GITHUB_TOKEN || env.GH_TOKEN;
  const semanticScholar = env.S2_API_KEY;
  return {
    ...(github && { "api.github.com": { authorization: `Bearer ${github}` } }),
    ...(semanticScholar && { "api.semanticscholar.org": { "x-api-key": semanticScholar } }),
  };
}
