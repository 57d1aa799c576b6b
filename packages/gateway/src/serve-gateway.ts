import type { Gateway } from "./create-gateway.ts";

export interface ServeGatewayOptions {
  readonly app: Pick<Gateway, "fetch">;
  /** Default 0: any free port. */
  readonly port?: number;
  /** Default `127.0.0.1`. */
  readonly host?: string;
}

export interface ServedGateway extends AsyncDisposable {
  /** Base URL for `ANTHROPIC_BASE_URL`, without `/v1`. */
  readonly url: string;
  readonly port: number;
  /** Stops listening and ends open connections. May be called twice. */
  close(): Promise<void>;
}

/** Why nothing listens. */
export class ListenError extends Error {
  readonly code: "port_in_use" | "not_allowed" | "listen_failed";
  readonly mend: string;

  constructor(
    code: ListenError["code"],
    message: string,
    { mend, cause }: { mend: string; cause?: unknown },
  ) {
    super(message, { cause });
    this.name = "ListenError";
    this.code = code;
    this.mend = mend;
  }
}

/** Listens with any app that has a `fetch`, and resolves when it accepts connections. Throws {@link ListenError}. */
export async function serveGateway(options: ServeGatewayOptions): Promise<ServedGateway> {
  throw new Error(`not built yet: ${options.port}`);
}
