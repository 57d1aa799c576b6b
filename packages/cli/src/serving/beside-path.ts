/** Something that answers requests. */
export interface Answering {
  readonly fetch: (request: Request) => Response | Promise<Response>;
}

/**
 * One application for everything below a path and another for the rest. Both get the very request that came: Hono's own way
 * of joining applications copies it, and with that the server loses sight of the body.
 */
export function besidePath(path: string, below: Answering, rest: Answering): Answering {
  const belongs = new RegExp(`^https?://[^/]+${path}(?:[/?]|$)`);
  return {
    fetch: (request) => (belongs.test(request.url) ? below : rest).fetch(request),
  };
}
