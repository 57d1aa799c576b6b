import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { diskIsFull, faultyDisk } from "../testing/faulty-disk.ts";
import type { SessionEvent, SessionOptions } from "./session-event.ts";
import { readLog } from "./session-log.ts";
import { Session } from "./session-store.ts";

const OPTIONS: SessionOptions = {
  task: "t",
  data: "/none.csv",
  target: null,
  model: "scripted/default",
  budget_usd: null,
  max_iterations: 20,
  sandbox: "none",
  hub: "local",
};

const notice = (text: string) => ({ type: "notice", level: "info", text }) as const;
const delta = (text: string) => ({ type: "text_delta", text }) as const;

async function newSession(): Promise<Session> {
  const session = await Session.create(await mkdtemp(join(tmpdir(), "session-store-")), OPTIONS);
  onTestFinished(() => session[Symbol.asyncDispose]());
  return session;
}

/** What a face has seen, in words. */
function watch(session: Session): string[] {
  const seen: string[] = [];
  session.subscribe((event: SessionEvent) => {
    if (event.type === "notice" || event.type === "text_delta") seen.push(event.text);
  });
  return seen;
}

test("the state and who follows have an event at once; faces see it when the disk has it, and everything in its order", async () => {
  const session = await newSession();
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  await faultyDisk(() => held);
  const seen = watch(session);
  const followed: number[] = [];
  session.follow(({ seq }) => followed.push(seq));
  session.show(delta("a"));
  session.add(notice("b"));
  session.show(delta("c"));
  session.add(notice("d"));
  session.show(delta("e"));
  expect(session.state.seq).toBe(3);
  expect(followed).toEqual([2, 3]);
  expect(seen).toEqual(["a"]);
  release();
  await session.kept();
  session.show(delta("f"));
  expect(seen).toEqual(["a", "b", "c", "d", "e", "f"]);
});

test("events that are added together share one sync", async () => {
  const session = await newSession();
  let syncs = 0;
  await faultyDisk(async () => void syncs++);
  const seen = watch(session);
  for (const text of ["a", "b", "c"]) session.add(notice(text));
  await Promise.resolve();
  session.add(notice("d"));
  await session.kept();
  expect(syncs).toBe(1);
  expect(seen).toEqual(["a", "b", "c", "d"]);
});

test("when the disk is full nothing behind the lost event is kept or shown, until the session goes back to what is there", async () => {
  const session = await newSession();
  await session.append(notice("kept"));
  let isFull = true;
  await faultyDisk(async () => {
    if (isFull) throw diskIsFull();
  });
  const seen = watch(session);
  const lost = session.append(notice("lost"));
  await new Promise(setImmediate);
  const behind = session.append(notice("behind"));
  await expect(lost).rejects.toMatchObject({ code: "session/disk_full" });
  await expect(behind).rejects.toMatchObject({ code: "session/disk_full" });
  isFull = false;
  expect(() => session.add(notice("after"))).toThrow(expect.objectContaining({ code: "session/disk_full" }));
  await expect(session.kept()).rejects.toMatchObject({ code: "session/disk_full" });
  await session.recover();
  expect(session.state.seq).toBe(2);
  await session.append(notice("again"));
  expect(seen).toEqual(["again"]);
  const { events } = await readLog(session.paths.events);
  expect(events.map((event) => (event.type === "notice" ? event.text : event.seq))).toEqual([
    1,
    "kept",
    "again",
  ]);
});
