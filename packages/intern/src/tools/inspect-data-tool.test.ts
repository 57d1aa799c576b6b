import { rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { Session } from "../session/session-store.ts";
import { callTool, openWorkbench, temporaryHome } from "../testing/run-bench.ts";
import { inspectDataTool } from "./inspect-data-tool.ts";
import { proposeContractTool } from "./propose-contract-tool.ts";

/** A session over a file of the person's, and what it calls. */
async function open() {
  const home = await temporaryHome();
  const data = join(home, "houses.csv");
  const rows = Array.from({ length: 60 }, (_, n) => `${(n * 37) % 101},${n % 7},${n % 2 === 0 ? "x" : "y"}`);
  await writeFile(data, `size,rooms,kind\n${rows.join("\n")}\n`);
  const options = {
    ...{ task: "Tell the kind", data, target: null, model: "scripted/default", budget_usd: null },
    ...({ max_iterations: 20, sandbox: "auto", hub: "local" } as const),
  };
  const session = await Session.create(home, options);
  const workbench = openWorkbench(home, session, data);
  onTestFinished(async () => {
    await workbench[Symbol.asyncDispose]();
    await session[Symbol.asyncDispose]();
    await rm(home, { recursive: true, force: true });
  });
  const inspect = (input: { target?: string; path?: string } = {}, caller = session): Promise<unknown> =>
    callTool({ tool: inspectDataTool, input, callId: "call_1", session: caller, workbench });
  const propose = async (): Promise<void> => {
    const terms = { task_type: "classification", input_kind: "tabular", target: "kind" };
    await callTool({ tool: proposeContractTool, input: terms, callId: "call_2", session, workbench });
    await rm(data); // whoever opens it again fails
  };
  return { session, options, workbench, inspect, propose };
}

test("once the contract is fixed, the report from before is the answer, and nobody opens the person's file again", async () => {
  const { session, options, workbench, inspect, propose } = await open();
  const before = await inspect({ target: "kind" });
  await propose();
  const fromBefore = { note: expect.stringContaining("before the contract"), ...(before as object) };
  expect(Object.entries((await inspect()) as object)[0]).toEqual(["note", fromBefore.note]);
  expect(await inspect()).toEqual(fromBefore);
  expect(await inspect({ target: "Kind" })).toEqual(fromBefore);
  expect(session.state.records.data_report).toHaveLength(1);
  await using agent = await Session.openAgent(session, "call_3", options);
  expect(await inspect({}, agent)).toEqual(fromBefore);
  await expect(workbench.dataset(new AbortController().signal)).rejects.toMatchObject({
    code: "data/closed",
  });
});

test("once the contract is fixed, another target is refused, and so is the first look", async () => {
  const { session, options, inspect, propose } = await open();
  await propose();
  await expect(inspect()).rejects.toThrow(/data\/closed.*no report.*data\/task\.json/);
  await session.append({
    ...{ type: "recorded", kind: "data_report", ledger_head: null },
    body: { path: "houses.csv", target: { name: "kind" } },
  });
  await using agent = await Session.openAgent(session, "call_3", options);
  for (const caller of [session, agent])
    await expect(inspect({ target: "rooms" }, caller)).rejects.toThrow(
      /data\/closed.*rooms.*without a target/,
    );
});

test("a data file of the workspace is inspected alike, before and after the contract, and links lead nowhere", async () => {
  const { session, inspect, propose } = await open();
  const lines = Array.from({ length: 40 }, (_, n) =>
    JSON.stringify({ text: `ticket ${n}`, queue: n % 3 ? "a" : "b" }),
  );
  await writeFile(join(session.paths.workspace, "tickets.jsonl"), lines.join("\n"));
  const report = await inspect({ path: "tickets.jsonl", target: "queue" });
  expect(report).toMatchObject({
    path: "tickets.jsonl",
    format: "jsonl",
    rows: 40,
    target: { name: "queue" },
  });
  await propose();
  expect(await inspect({ path: "tickets.jsonl", target: "queue" })).toEqual(report);
  expect(session.state.records.data_report).toBeUndefined();
  await symlink(join(session.paths.directory, "lab"), join(session.paths.workspace, "way-out"));
  await expect(inspect({ path: "way-out/sealed/test.csv" })).rejects.toThrow(/links are not followed/);
});
