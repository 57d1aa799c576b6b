import { EAGER_BETA } from "../engines/answer/is-eager-tool.ts";
import type { Check } from "./check.ts";

/** The beta for eager arguments is for tools of the client's own: it does not go with a computer or a browser. */
export const checkToolsets: Check = ({ tools = [] }, headers) => {
  const index = tools.findIndex(({ type }) => /^(computer|browser)_toolset_/.test(type ?? ""));
  if (index === -1 || !headers.get("anthropic-beta")?.includes(EAGER_BETA)) return null;
  return `tools.${index}: \`${tools[index]?.type}\` cannot be combined with the beta \`${EAGER_BETA}\``;
};
