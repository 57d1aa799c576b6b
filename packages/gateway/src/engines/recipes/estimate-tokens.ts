import type { CountTokensRequest } from "@ml-intern/messages";

/** Four characters a token: this engine has no tokenizer, so all its counts are estimates of this kind. */
export function estimateTokens(characters: number): number {
  return Math.ceil(characters / 4);
}

export function estimateInputTokens(request: CountTokensRequest): number {
  const { system, messages, tools } = request;
  const text = JSON.stringify(messages) + JSON.stringify(system ?? "") + JSON.stringify(tools ?? "");
  return estimateTokens(text.length);
}
