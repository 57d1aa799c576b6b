const ROUTES: readonly (readonly [RegExp, string])[] = [
  [/^\/messages$/, "/v1/messages"],
  [/^\/messages\/count_tokens$/, "/v1/messages/count_tokens"],
  [/^\/messages\/batches(\/.*)?$/, "/v1/messages/batches"],
  [/^\/models(\/.*)?$/, "/v1/models"],
];

/** The route of a path, with and without `/v1` alike; `other` for what is not part of the API. */
export function routeLabel(path: string): string {
  const bare = path.replace(/^\/v1(?=\/)/, "");
  return ROUTES.find(([pattern]) => pattern.test(bare))?.[1] ?? "other";
}
