import { expect, test } from "vitest";
import type { Firing, GuardStep } from "./guard-step.ts";
import { Guards } from "./guards.ts";

const step = (command: string, content: string, more: Partial<GuardStep> = {}): GuardStep => ({
  name: "bash",
  input: { command },
  content,
  isError: false,
  role: "act",
  ...more,
});
const ls = step("ls", "train.py");
const poll = step("status", "RUNNING", { role: "poll" });
const failed = (command: string, error: string): GuardStep => step(command, error, { isError: true });
let news = 0;
const progress = (): GuardStep => step(`train ${++news}`, `accuracy ${(news / 1000).toFixed(4)}`);

/** Guard and level at each message, null where nothing was said. */
function watch(messages: readonly (readonly GuardStep[])[], guards = new Guards()): (string | null)[] {
  return messages.map((answers) => told(guards.watch(answers)));
}
const told = (firing: Firing | null): string | null => firing && `${firing.guard} ${firing.level}`;
const one = (steps: readonly GuardStep[]): readonly GuardStep[][] => steps.map((step) => [step]);
const repeated = <T>(count: number, ...items: readonly T[]): T[] =>
  Array.from({ length: count }, () => items).flat();

test("the third of three equal steps is spoken of, the next ones are not", () => {
  expect(watch(one(repeated(5, ls)))).toEqual([null, null, "repetition 1", null, null]);
});

test("a hint that was not heeded is repeated, stronger, and the third says stop", () => {
  const guards = new Guards();
  const firings = repeated(9, ls).flatMap((step) => guards.watch([step]) ?? []);
  expect(firings.map(({ level }) => level)).toEqual([1, 2, 3]);
  expect(new Set(firings.map(({ guidance }) => guidance)).size).toBe(3);
  expect(firings[0]?.guidance).toContain('bash "ls"');
  expect(firings[0]?.summary).toBe('the same call: bash "ls", 3 times with the same answer');
  expect(firings[2]?.guidance).toContain("hand-over");
});

test("a loop that was left at once is not spoken of again", () => {
  expect(watch(one([...repeated(3, ls), ...Array.from({ length: 30 }, progress)])).filter(Boolean)).toEqual([
    "repetition 1",
  ]);
});

test("after real progress the first hint is given again", () => {
  expect(watch(one([...repeated(3, ls), progress(), ...repeated(3, ls)])).filter(Boolean)).toEqual([
    "repetition 1",
    "repetition 1",
  ]);
});

test.each([2, 3, 4, 5])("a cycle of %i is spoken of once it came round", (length) => {
  const round = Array.from({ length }, (_, index) => step(`cat ${index}`, `text ${index}`));
  const said = watch(one(repeated(5, ...round)));
  const first = Math.max(6, 2 * length);
  expect(said.findIndex(Boolean)).toBe(first - 1);
  expect(said[first - 1]).toBe("cycle 1");
});

test("edits alone do not end the count of an error; a changed metric, another error or a success does", () => {
  let edits = 0;
  const edit = (): GuardStep =>
    step("", "Edited.", { name: "edit", input: { path: "a.py", new: `x[${++edits}]` }, role: "write" });
  const error = (): GuardStep => failed(`python a.py --try ${edits}`, `ValueError: 3 is not ${edits}`);
  const tries = (count: number): GuardStep[] => repeated(count, 0).flatMap(() => [edit(), error()]);
  expect(watch(one(tries(4))).at(-1)).toBe("same_error 1");
  for (const settled of [progress(), failed("python b.py", "KeyError: 'b'"), step("python a.py", "fine now")])
    expect(watch(one([...tries(3), settled, ...tries(3)])).filter(Boolean)).toEqual([]);
});

test("an error that comes back in spite of a hint is spoken of louder", () => {
  const errors = Array.from({ length: 12 }, (_, i) => failed(`python a.py ${i}`, "ValueError: no labels"));
  expect(watch(one(errors)).filter(Boolean)).toEqual(["same_error 1", "same_error 2", "same_error 3"]);
});

test("twelve messages without anything new", () => {
  const known = Array.from({ length: 7 }, (_, index) => step(`cat ${index}`, `text ${index}`));
  const shuffled = Array.from({ length: 16 }, (_, index) => known[(index * index * 3 + index) % 7] ?? ls);
  const said = watch(one([...known, ...shuffled]));
  expect(said.slice(0, 18).filter(Boolean)).toEqual([]);
  expect(said[18]).toBe("no_progress 1");
});

test("errors of calls made side by side count once", () => {
  const missing = Array.from({ length: 9 }, (_, i) =>
    failed(`cat f${i}`, `cat: f${i}: No such file or directory`),
  );
  expect(watch([missing])).toEqual([null]);
});

test("a loop goes on in the session that is taken up again", () => {
  const messages = one([...repeated(5, ls), progress(), ...repeated(4, ls, poll), ...repeated(8, ls)]);
  const undisturbed = watch(messages);
  for (let cut = 0; cut <= messages.length; cut++) {
    const resumed = new Guards();
    watch(messages.slice(0, cut), resumed);
    expect(watch(messages.slice(cut), resumed)).toEqual(undisturbed.slice(cut));
  }
});

test("polling never fires, nor does a look around while a job stays as it is", () => {
  expect(watch(one(repeated(100, poll))).filter(Boolean)).toEqual([]);
  expect(watch(one([poll, ...repeated(50, poll, ls, step("nvidia-smi", "0 MiB"))])).filter(Boolean)).toEqual(
    [],
  );
});

test("a job that was polled once is no excuse for a loop", () => {
  expect(watch(one([poll, poll, ...repeated(6, ls)])).filter(Boolean)).toEqual(["repetition 1"]);
});

/** Numbers that look random and are the same in each run. */
function dice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * sides);
  };
}

test("in random sessions: levels only rise until there is progress, and polls are never what fires", () => {
  for (let seed = 1; seed <= 40; seed++) {
    const roll = dice(seed);
    const guards = new Guards();
    watch(one([poll, ls, ...[0, 1, 2].map((i) => step(`cat ${i}`, "known"))]), guards);
    let level = 0;
    for (let message = 0; message < 120; message++) {
      const kind = roll(10);
      const isProgress = kind === 9 && roll(3) === 0;
      const answers = isProgress
        ? [progress()]
        : kind > 6
          ? [poll]
          : [roll(2) === 0 ? ls : step(`cat ${kind % 3}`, "known")];
      const firing = guards.watch(answers);
      if (isProgress || level === 3) level = 0;
      if (firing === null) continue;
      expect(answers[0]?.role).not.toBe("poll");
      expect(firing.level).toBe(level + 1);
      level = firing.level;
    }
  }
});

test("in random sessions: the order of keys and the white space in arguments change nothing", () => {
  for (let seed = 1; seed <= 40; seed++) {
    const roll = dice(seed);
    const inputs = Array.from({ length: 60 }, () => ({
      command: `run ${roll(2)} now`,
      timeout_s: 10,
      nested: { a: roll(2), b: [1] },
    }));
    const plain = inputs.map((input) => [step("", "same", { input })]);
    const other = inputs.map(({ command, timeout_s, nested }) => [
      step("", "same", {
        input: {
          nested: { b: nested.b, a: nested.a },
          timeout_s,
          command: ` ${command.replaceAll(" ", "  ")}\n`,
        },
      }),
    ]);
    expect(watch(other)).toEqual(watch(plain));
  }
});

test("memory is bounded: what was forgotten long ago is new again", () => {
  const guards = new Guards();
  for (let i = 0; i < 60; i++)
    guards.watch([step(`cat ${i}`, Array.from({ length: 1000 }, (_, k) => `${i} ${k}`).join("\n"))]);
  expect(watch(one([...repeated(2, ls), step("cat 0", "0 1\n0 2"), ls]), guards)).toEqual([
    null,
    null,
    null,
    null,
  ]);
});

test("an answer made to be slow to read is not", () => {
  const hostile = ["1", "\n", "1:", "5%|", "a_", "#", '"', "[", "loss ", "\\n", "a\r", "/tmp/"].map((text) =>
    text.repeat(100_000),
  );
  const begun = process.cpuUsage();
  for (const content of hostile) {
    for (const isError of [false, true]) new Guards().watch([step(content, content, { isError })]);
    new Guards().watch([step(content, "", { role: "write" })]);
  }
  const { user, system } = process.cpuUsage(begun);
  expect((user + system) / 1e6).toBeLessThan(10);
});
