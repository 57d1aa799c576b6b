import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { z } from "zod";
import { readLog } from "../session/session-log.ts";
import { diskIsFull, faultyDisk } from "../testing/faulty-disk.ts";
import { call, publish, turnBench } from "../testing/turn-bench.ts";
import { defineTool, type Tool } from "../tools/define-tool.ts";

const happened: string[] = [];

function noting(name: string, readOnly: boolean): Tool {
  return defineTool({
    ...{ name, description: "Notes that it runs.", readOnly, input: z.strictObject({}) },
    async execute() {
      happened.push(name);
      return "done";
    },
  });
}

const tools = [noting("read", true), noting("act", false), publish];

test("requests and tools with effects wait for the disk, tools that only read do not", async () => {
  happened.length = 0;
  const answers = [call("read", {}), call("act", {}), call("publish", {}), { text: "." }];
  const { turn } = await turnBench(() => {
    happened.push("request");
    return answers.shift() ?? { text: "." };
  });
  await faultyDisk(async () => {
    await setTimeout(20);
    happened.push("sync");
  });
  expect((await turn({ tools })).outcome).toBe("published");
  const order = happened.join(" ");
  expect(order).toMatch(/^(sync )+request read sync (sync )*request sync act (sync )+request/);
});

test("an iteration with effects waits for the disk twice", async () => {
  let syncs = 0;
  const perRequest: number[] = [];
  const answers = Array.from({ length: 6 }, () => call("act", {}));
  const { turn } = await turnBench(() => {
    perRequest.push(syncs);
    return answers.shift() ?? call("publish", {});
  });
  await faultyDisk(async () => void syncs++);
  await turn({ tools: [noting("act", false), publish], usd: 100 });
  // The first iterations keep the first state of the workspace, too.
  expect(perRequest[4]).toBe((perRequest[3] ?? 0) + 2);
});

test.each(["iteration_started", "assistant_message", "tool_finished"])(
  "a disk that is full at %s ends the turn, nothing is done after it, and the next turn goes on from there",
  async (type) => {
    happened.length = 0;
    let isFull = false;
    const answers = [call("act", {}), call("publish", {}), { text: "." }];
    const { turn, session, engine } = await turnBench(({ messages }) => {
      const said = messages.filter(({ role }) => role === "assistant").length;
      return answers[said] ?? { text: "." };
    });
    await faultyDisk(async () => {
      if (isFull) throw diskIsFull();
    });
    const stop = session.follow((event) => {
      if (event.type === type) isFull = true;
    });
    await expect(turn({ tools })).rejects.toMatchObject({ code: "session/disk_full" });
    stop();
    expect(happened).toEqual(type === "tool_finished" ? ["act"] : []);
    expect(engine.requests).toHaveLength(type === "iteration_started" ? 0 : 1);
    isFull = false;
    await session.recover();
    expect((await turn({ tools, text: null })).outcome).toBe("published");
    expect(happened).toEqual(["act"]);
    const { events } = await readLog(session.paths.events);
    expect(events).toHaveLength(session.state.seq);
  },
);
