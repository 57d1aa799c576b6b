import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type AdmitOptions, createScheduler, type SchedulerEvent, type Ticket } from "./scheduler.ts";

const LANE = { lane: "model", slots: 1 };

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function ask(options: Partial<AdmitOptions> = {}): AdmitOptions {
  return { ...LANE, workspace: "a", signal: new AbortController().signal, ...options };
}

/** Admits requests one after the other, each doing `work`, and notes whose turn it was. */
async function order(
  scheduler: ReturnType<typeof createScheduler>,
  requests: readonly { readonly workspace: string; readonly work: number }[],
): Promise<readonly string[]> {
  const turns: string[] = [];
  const first = await scheduler.admit(ask({ workspace: "first" }));
  const done = requests.map(async ({ workspace, work }) => {
    const ticket = await scheduler.admit(ask({ workspace }));
    turns.push(workspace);
    ticket.use(work);
    ticket.release();
  });
  first.release();
  await Promise.all(done);
  return turns;
}

describe("the scheduler", () => {
  test("admits at once while slots are free, and the rest as they get free", async () => {
    const scheduler = createScheduler();
    const first = await scheduler.admit(ask({ slots: 2 }));
    await scheduler.admit(ask({ slots: 2 }));
    let third: Ticket | null = null;
    const waiting = scheduler.admit(ask({ slots: 2 })).then((ticket) => {
      third = ticket;
    });
    await Promise.resolve();
    expect([scheduler.running, scheduler.queued, third]).toEqual([2, 1, null]);
    first.release();
    first.release();
    await waiting;
    expect([scheduler.running, scheduler.queued]).toEqual([2, 0]);
  });

  test("a lane that is full does not hold up another", async () => {
    const scheduler = createScheduler({ maxQueued: 1 });
    await scheduler.admit(ask());
    const stuck = scheduler.admit(ask());
    await scheduler.admit(ask({ lane: "other" }));
    expect(scheduler.queued).toBe(1);
    stuck.catch(() => {});
  });

  test("a workspace that floods the queue does not starve another", async () => {
    const flood = Array.from({ length: 10 }, () => ({ workspace: "flood", work: 100 }));
    const turns = await order(createScheduler(), [...flood, { workspace: "small", work: 100 }]);
    expect(turns.indexOf("small")).toBeLessThanOrEqual(1);
  });

  test("turns go by work done, not by number of requests", async () => {
    const turns = await order(createScheduler(), [
      ...Array.from({ length: 3 }, () => ({ workspace: "long", work: 300 })),
      ...Array.from({ length: 6 }, () => ({ workspace: "short", work: 100 })),
    ]);
    expect(turns).toEqual(["long", "short", "short", "short", "long", "short", "short", "short", "long"]);
  });

  test("rest does not save up a claim", async () => {
    const scheduler = createScheduler();
    const turns = await order(scheduler, [
      { workspace: "busy", work: 1000 },
      { workspace: "busy", work: 1000 },
    ]);
    expect(turns).toEqual(["busy", "busy"]);
    const later = await order(scheduler, [
      { workspace: "rested", work: 10 },
      { workspace: "busy", work: 10 },
      { workspace: "rested", work: 1000 },
      { workspace: "busy", work: 10 },
      { workspace: "rested", work: 10 },
    ]);
    expect(later.slice(0, 3)).not.toEqual(["rested", "rested", "rested"]);
  });

  test("refuses with 529 and a wait that follows from recent requests when the queue is full", async () => {
    const scheduler = createScheduler({ maxQueued: 1, now: () => Date.now() });
    const earlier = await scheduler.admit(ask());
    vi.advanceTimersByTime(10_000);
    earlier.release();
    await scheduler.admit(ask());
    const waiting = scheduler.admit(ask());
    waiting.catch(() => {});
    await expect(scheduler.admit(ask())).rejects.toMatchObject({
      status: 529,
      type: "overloaded_error",
      headers: { "retry-after": "20" },
    });
  });

  test("when one workspace fills the queue, its newest request makes room for another workspace", async () => {
    const scheduler = createScheduler({ maxQueued: 2 });
    const running = await scheduler.admit(ask());
    const older = scheduler.admit(ask());
    const newer = scheduler.admit(ask());
    const other = scheduler.admit(ask({ workspace: "b" }));
    await expect(newer).rejects.toMatchObject({ status: 529 });
    running.use(10);
    running.release();
    const ticket = await Promise.race([older.then(() => "older"), other.then(() => "other")]);
    expect(ticket).toBe("other");
  });

  test("gives up after the longest wait", async () => {
    const scheduler = createScheduler({ maxWaitMs: 5000 });
    await scheduler.admit(ask());
    const refused = expect(scheduler.admit(ask())).rejects.toMatchObject({ status: 529 });
    vi.advanceTimersByTime(5000);
    await refused;
    expect(scheduler.queued).toBe(0);
  });

  test("a request that is cancelled while it waits leaves the queue", async () => {
    const events: SchedulerEvent[] = [];
    const scheduler = createScheduler({ onEvent: (event) => events.push(event) });
    const running = await scheduler.admit(ask());
    const controller = new AbortController();
    const gone = scheduler.admit(ask({ signal: controller.signal }));
    const reason = new Error("left");
    controller.abort(reason);
    await expect(gone).rejects.toBe(reason);
    const next = scheduler.admit(ask({ workspace: "b" }));
    running.release();
    await next;
    expect(events.map(({ type }) => type)).toEqual([
      "admitted",
      "queued",
      "left",
      "queued",
      "finished",
      "admitted",
    ]);
  });
});
