import { connect, type Socket } from "node:net";

/** A connection on which a test writes bytes itself. */
export interface RawConnection extends AsyncDisposable {
  readonly socket: Socket;
  /** Everything that has come so far. */
  readonly received: string;
  /** Resolves when what has come fits, or the other side has ended; with all that has come. */
  until(pattern: RegExp): Promise<string>;
  /** Resolves when the connection is closed. */
  readonly closed: Promise<void>;
}

export async function openConnection(port: number): Promise<RawConnection> {
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  let received = "";
  let ended = false;
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  socket.on("data", (bytes) => {
    received += bytes.toString("latin1");
  });
  socket.once("end", () => {
    ended = true;
    socket.end();
  });
  // A reset is an end like any other; tests look at what came before it.
  socket.on("error", () => {});
  await new Promise<void>((resolve) => socket.once("connect", resolve));
  return {
    socket,
    closed,
    get received() {
      return received;
    },
    async until(pattern) {
      while (!pattern.test(received) && !ended && !socket.destroyed) {
        await new Promise<void>((resolve) => {
          socket.once("data", () => resolve());
          socket.once("end", () => resolve());
          socket.once("close", () => resolve());
        });
      }
      return received;
    },
    [Symbol.asyncDispose]: async () => {
      socket.destroy();
      await closed;
    },
  };
}

/** The head of a POST to `/v1/messages`. */
export function requestHead(headers: Readonly<Record<string, string | number>>): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST /v1/messages HTTP/1.1\r\nhost: localhost\r\n${lines.join("")}\r\n`;
}
