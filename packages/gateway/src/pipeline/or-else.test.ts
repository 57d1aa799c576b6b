import { describe, expect, it } from "vitest";
import { GatewayError } from "../gateway-error.ts";
import { orElse } from "./or-else.ts";

const failure = (status: number): GatewayError =>
  new GatewayError(`says ${status}`, { code: "endpoint_failed", status, type: "api_error" });

async function* events(values: readonly number[], error?: Error): AsyncGenerator<number> {
  yield* values;
  if (error) throw error;
}

async function read(
  first: AsyncGenerator<number>,
  next: AsyncGenerator<number>,
  signal: AbortSignal = new AbortController().signal,
): Promise<{ values: number[]; error: unknown }> {
  const values: number[] = [];
  try {
    for await (const value of orElse(first, { next: () => next, signal })) values.push(value);
    return { values, error: null };
  } catch (error) {
    return { values, error };
  }
}

describe("events that fail", () => {
  it("before the first one are replaced by the next ones", async () => {
    expect(await read(events([], failure(529)), events([1, 2]))).toEqual({ values: [1, 2], error: null });
  });

  it("after the first one are not", async () => {
    const error = failure(529);
    expect(await read(events([1], error), events([2]))).toEqual({ values: [1], error });
  });

  it("because of the request, or because nobody listens any more, are not", async () => {
    const [wrong, down] = [failure(400), failure(503)];
    expect(await read(events([], wrong), events([2]))).toEqual({ values: [], error: wrong });
    expect(await read(events([], down), events([2]), AbortSignal.abort())).toEqual({
      values: [],
      error: down,
    });
  });

  it("both times fail with the last failure, unless that only says that the request does not suit", async () => {
    const [down, busy, wrong] = [failure(503), failure(529), failure(400)];
    expect((await read(events([], down), events([], busy))).error).toBe(busy);
    expect((await read(events([], down), events([], wrong))).error).toBe(down);
    expect((await read(events([], down), events([1], wrong))).error).toBe(wrong);
  });
});

it("events that do not fail are left as they are, and let go of when nobody reads on", async () => {
  let left = false;
  async function* endless(): AsyncGenerator<number> {
    try {
      for (;;) yield 1;
    } finally {
      left = true;
    }
  }
  const signal = new AbortController().signal;
  for await (const _ of orElse(endless(), { next: () => events([]), signal })) break;
  expect(left).toBe(true);
});
