import { deniedSyscalls, type Processor, syscallNumbers } from "./seccomp-syscalls.ts";

/**
 * Assembles the system-call filter (classic BPF, see seccomp(2)) that every sandboxed process carries.
 *
 * Covered: kernel surfaces that training code never needs and escapes often do (keyrings, ptrace, mounts, namespaces,
 * io_uring, bpf, …), address families that no network namespace contains, typing into a terminal.
 * Not covered: anything that depends on what a pointer points to; a filter cannot see that.
 */

/** One instruction of the filter: operation, jump distances, operand. */
export interface Instruction {
  readonly code: number;
  readonly jumpTrue: number;
  readonly jumpFalse: number;
  readonly operand: number;
}

const loadWord = 0x20;
const jumpEqual = 0x15;
const jumpGreaterOrEqual = 0x35;
const jumpBitsSet = 0x45;
const returnValue = 0x06;

const allow = 0x7fff0000;
const killProcess = 0x80000000;
const refuse = (errno: number): number => 0x00050000 | errno;
const notPermitted = 1;
const notImplemented = 38;
const familyNotSupported = 97;

const syscallOffset = 0;
const architectureOffset = 4;
/** The low word of argument n; both processors are little-endian. */
const argumentOffset = (n: number): number => 16 + 8 * n;

const auditArchitecture = { x64: 0xc000003e, arm64: 0xc00000b7 } as const satisfies Record<Processor, number>;
const x32Bit = 0x40000000;

/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET. */
const newNamespaces = 0x7e020000;
const socketFamilies = { unix: 1, inet: 2, inet6: 10, netlink: 16 } as const;
const terminalInjection = [0x5412 /* TIOCSTI */, 0x541c /* TIOCLINUX */];

const load = (offset: number): Instruction => ({
  code: loadWord,
  jumpTrue: 0,
  jumpFalse: 0,
  operand: offset,
});
const jump = (code: number, operand: number, jumpTrue: number, jumpFalse: number): Instruction => ({
  code,
  jumpTrue,
  jumpFalse,
  operand,
});
const give = (value: number): Instruction => ({
  code: returnValue,
  jumpTrue: 0,
  jumpFalse: 0,
  operand: value,
});

/** The body runs only for this system call; what follows sees the call's number again. */
function whenSyscall(number: number, body: readonly Instruction[]): Instruction[] {
  return [jump(jumpEqual, number, 0, body.length + 1), ...body, load(syscallOffset)];
}

export interface SeccompOptions {
  readonly processor: Processor;
  /** False where no network namespace holds the process: then no socket at all can be made. */
  readonly sockets: boolean;
}

/** The filter's instructions, in order. */
export function seccompInstructions({ processor, sockets }: SeccompOptions): readonly Instruction[] {
  const numbers = syscallNumbers[processor];
  const families = sockets ? Object.values(socketFamilies) : [];
  return [
    load(architectureOffset),
    jump(jumpEqual, auditArchitecture[processor], 1, 0),
    give(killProcess),
    load(syscallOffset),
    ...(processor === "x64" ? [jump(jumpGreaterOrEqual, x32Bit, 0, 1), give(refuse(notPermitted))] : []),
    ...deniedSyscalls.flatMap((name) => {
      const number = numbers[name];
      return number === undefined ? [] : [jump(jumpEqual, number, 0, 1), give(refuse(notPermitted))];
    }),
    // "not implemented" makes the C library fall back to clone, whose flags a filter can see.
    jump(jumpEqual, numbers.clone3, 0, 1),
    give(refuse(notImplemented)),
    ...whenSyscall(numbers.clone, [
      load(argumentOffset(0)),
      jump(jumpBitsSet, newNamespaces, 0, 1),
      give(refuse(notPermitted)),
    ]),
    ...whenSyscall(numbers.socket, [
      load(argumentOffset(0)),
      ...families.map((family, index) => jump(jumpEqual, family, families.length - index, 0)),
      give(refuse(familyNotSupported)),
    ]),
    ...whenSyscall(numbers.ioctl, [
      load(argumentOffset(1)),
      ...terminalInjection.flatMap((request) => [jump(jumpEqual, request, 0, 1), give(refuse(notPermitted))]),
    ]),
    give(allow),
  ];
}

/** The filter as the kernel reads it: eight bytes an instruction. */
export function assembleSeccompFilter(options: SeccompOptions): Uint8Array {
  const instructions = seccompInstructions(options);
  const bytes = new DataView(new ArrayBuffer(instructions.length * 8));
  instructions.forEach(({ code, jumpTrue, jumpFalse, operand }, index) => {
    bytes.setUint16(index * 8, code, true);
    bytes.setUint8(index * 8 + 2, jumpTrue);
    bytes.setUint8(index * 8 + 3, jumpFalse);
    bytes.setUint32(index * 8 + 4, operand, true);
  });
  return new Uint8Array(bytes.buffer);
}
