import { describe, expect, it } from "vitest";
import { assembleSeccompFilter, type Instruction, seccompInstructions } from "./seccomp-filter.ts";
import { deniedSyscalls, syscallNumbers } from "./seccomp-syscalls.ts";

interface Call {
  readonly architecture: number;
  readonly number: number;
  readonly arguments: readonly number[];
}

/** The kernel's side: runs the program over one call, as seccomp(2) describes it. */
function decide(program: readonly Instruction[], call: Call): string {
  const word = (offset: number): number => {
    if (offset === 0) return call.number;
    if (offset === 4) return call.architecture;
    return call.arguments[(offset - 16) / 8] ?? 0;
  };
  let accumulator = 0;
  for (let at = 0; ; at++) {
    const step = program[at];
    if (step === undefined) throw new Error("the program ran off its end");
    const { code, operand, jumpTrue, jumpFalse } = step;
    if (code === 0x20) accumulator = word(operand) >>> 0;
    else if (code === 0x15) at += accumulator === operand ? jumpTrue : jumpFalse;
    else if (code === 0x35) at += accumulator >= operand ? jumpTrue : jumpFalse;
    else if (code === 0x45) at += (accumulator & operand) !== 0 ? jumpTrue : jumpFalse;
    else if (code === 0x06) {
      if (operand === 0x7fff0000) return "allowed";
      return operand === 0x80000000 ? "killed" : `errno ${operand & 0xffff}`;
    } else throw new Error(`unknown operation ${code}`);
  }
}

const architectures = { x64: 0xc000003e, arm64: 0xc00000b7 } as const;

describe.each(["x64", "arm64"] as const)("the system-call filter for %s", (processor) => {
  const numbers = syscallNumbers[processor];
  const program = seccompInstructions({ processor, sockets: true });
  const ask = (number: number, ...args: number[]): string =>
    decide(program, { architecture: architectures[processor], number, arguments: args });

  it("refuses what is on the list and lets ordinary work pass", () => {
    for (const name of deniedSyscalls) {
      const number = numbers[name];
      if (number !== undefined) expect([name, ask(number)]).toEqual([name, "errno 1"]);
    }
    const read = processor === "x64" ? 0 : 63;
    expect(ask(read)).toBe("allowed");
  });

  it("lets threads be made, but no namespace, and hides clone3", () => {
    expect(ask(numbers.clone, 0x3d0f00)).toBe("allowed");
    expect(ask(numbers.clone, 17)).toBe("allowed");
    for (const flag of [0x10000000, 0x20000, 0x40000000, 0x20000000]) {
      expect(ask(numbers.clone, flag | 17)).toBe("errno 1");
    }
    expect(ask(numbers.clone3)).toBe("errno 38");
  });

  it("lets only families of a network namespace make sockets, and none at all where there is no namespace", () => {
    expect([1, 2, 10, 16].map((family) => ask(numbers.socket, family))).toEqual(Array(4).fill("allowed"));
    expect([40, 17, 38].map((family) => ask(numbers.socket, family))).toEqual(Array(3).fill("errno 97"));
    const closed = seccompInstructions({ processor, sockets: false });
    const call = { architecture: architectures[processor], number: numbers.socket, arguments: [1] };
    expect(decide(closed, call)).toBe("errno 97");
  });

  it("refuses typing into a terminal and no other request to a device", () => {
    expect(ask(numbers.ioctl, 0, 0x5412)).toBe("errno 1");
    expect(ask(numbers.ioctl, 0, 0x5401)).toBe("allowed");
  });

  it("kills a process that calls by another architecture's numbers", () => {
    expect(decide(program, { architecture: 0x40000003, number: 1, arguments: [] })).toBe("killed");
    if (processor === "x64") expect(ask(0x40000000 | 1)).toBe("errno 1");
  });

  it("is eight bytes an instruction, and short enough for the kernel", () => {
    const bytes = assembleSeccompFilter({ processor, sockets: true });
    expect(bytes.length).toBe(program.length * 8);
    expect(program.length).toBeLessThan(4096);
    expect([...bytes.subarray(0, 8)]).toEqual([0x20, 0, 0, 0, 4, 0, 0, 0]);
  });
});
