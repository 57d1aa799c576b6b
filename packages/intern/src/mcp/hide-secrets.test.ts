import { expect, it } from "vitest";
import { hideSecretsOf } from "./hide-secrets.ts";
import { httpServer, stdioServer } from "./testing/test-servers.ts";

it("takes out secrets that an environment holds, and leaves paths and words", () => {
  const env = {
    GITHUB_TOKEN: "plain-words-as-token",
    OPAQUE: "x9Kq2LmP8rTv3Wz7",
    DATABASE_URL: "postgres://me:secret@db.test/x",
    ROOT: "/data/papers",
    LEVEL: "verbose-output",
  };
  const hide = hideSecretsOf(stdioServer("a", [], { env }));
  expect(hide(`plain-words-as-token x9Kq2LmP8rTv3Wz7 postgres://me:secret@db.test/x`)).toBe(
    "[hidden] [hidden] [hidden]",
  );
  expect(hide("/data/papers/a.pdf verbose-output")).toBe("/data/papers/a.pdf verbose-output");
});

it("takes out secrets of headers, also without the word before them, and of the query", () => {
  const headers = { Authorization: "Bearer of-the-team", "x-team": "research" };
  const hide = hideSecretsOf(
    httpServer("a", "http://x.test/mcp?api_key=words-of-a-key&page=standard", { headers }),
  );
  expect(hide("Bearer of-the-team, of-the-team, words-of-a-key, research, standard")).toBe(
    "[hidden], [hidden], [hidden], research, standard",
  );
});
