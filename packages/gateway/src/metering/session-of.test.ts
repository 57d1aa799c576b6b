import { expect, it } from "vitest";
import { sessionOf } from "./session-of.ts";

const ID = "3f1c8b52-9a53-4a44-8f0e-0d9f2a1c7e11";

function session(user: unknown, header?: string): string | null {
  const headers = new Headers(header === undefined ? {} : { "x-claude-code-session-id": header });
  return sessionOf({ headers, body: { metadata: { user_id: user } } });
}

it("is what the header says, before anything else", () => {
  expect(session(`user_a_account_b_session_${ID}`, "header-1")).toBe("header-1");
});

it("is what user_id says, in the older form and in the newer", () => {
  expect(session(`user_0a1b_account__session_${ID}`)).toBe(ID);
  expect(session(JSON.stringify({ device_id: "d", account_uuid: "", session_id: ID }))).toBe(ID);
});

it("is the user's digest where user_id names no session: the same for the same user, and never their words", () => {
  const one = session("anna@example.org");
  expect(one).toMatch(/^user_[0-9a-f]{16}$/);
  expect(session("anna@example.org")).toBe(one);
  for (const other of ["ben@example.org", "{broken", '{"session_id":"a b"}', "x".repeat(1e6)]) {
    expect(session(other)).toMatch(/^user_[0-9a-f]{16}$/);
    expect(session(other)).not.toBe(one);
  }
});

it("a header that is no plain id is kept as a digest", () => {
  expect(session(null, "My name is Anna")).toMatch(/^user_[0-9a-f]{16}$/);
  expect(session(null, "x".repeat(1000))).toMatch(/^user_[0-9a-f]{16}$/);
});

it.each([undefined, null, "", 7, {}, []])("is nothing where user_id is %j", (user) => {
  expect(session(user)).toBeNull();
});

it.each([null, undefined, 1, "text", [], { metadata: null }, { metadata: "x" }])(
  "is nothing where the body is %j",
  (body) => {
    expect(sessionOf({ headers: new Headers(), body })).toBeNull();
  },
);
