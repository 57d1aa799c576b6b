import { expect, it } from "vitest";
import { ListenError, serveGateway } from "./serve-gateway.ts";

const app = { fetch: () => new Response("here") };

it("listens on loopback until it is closed, and may be closed twice", async () => {
  const served = await serveGateway({ app });
  expect(served.url).toBe(`http://127.0.0.1:${served.port}`);
  expect(await (await fetch(served.url)).text()).toBe("here");
  await served.close();
  await served.close();
  await expect(fetch(served.url)).rejects.toThrow();
});

it("says so when the port is taken", async () => {
  await using first = await serveGateway({ app });
  const failure: unknown = await serveGateway({ app, port: first.port }).catch((error) => error);
  expect(failure).toBeInstanceOf(ListenError);
  expect(failure).toMatchObject({
    code: "port_in_use",
    message: `Another program already listens on 127.0.0.1 port ${first.port}`,
    mend: expect.stringContaining("another port"),
  });
});

it("leaves the global Request and Response alone", async () => {
  const before = [Request, Response];
  await using _ = await serveGateway({ app });
  expect([Request, Response]).toEqual(before);
});
