import { createInterface } from "node:readline/promises";
import { type AskedCall, type CallAnswer, callsLike, type Question } from "@ml-intern/intern";
import { describeCall } from "./describe-call.ts";
import { type EditedCall, editCall } from "./edit-call.ts";
import { plural } from "./format.ts";
import type { Style } from "./style.ts";
import { whoAsks } from "./who-asks.ts";

interface AskOptions {
  readonly style: Style;
  readonly out: (text: string) => void;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

/**
 * Puts a question to the person, line by line: the calls one after the other, each with all that it would do. Enter means
 * yes; the end of the input is a Ctrl-C. Rejects with the signal's reason.
 */
export async function askPerson(
  { agent, calls, check }: Question,
  options: AskOptions,
): Promise<readonly CallAnswer[]> {
  const { style, out } = options;
  const answers: CallAnswer[] = [];
  for (const [index, call] of calls.entries()) {
    const { question, facts, lines } = describeCall(call);
    const count = calls.length === 1 ? "" : `(${index + 1} of ${plural(calls.length, "call")}) `;
    const details = [facts, ...lines].map((line) => `  ${line}\n`).join("");
    out(`\n${style.bold(`${count}${whoAsks(agent)}${question}`)}\n${details}`);
    answers.push(await answerTo(call, { ...options, check }));
  }
  return answers;
}

const HELP =
  "  enter, y: yes · n: no · s: yes, and to all such calls in this session · e: edit it first · words: no, do that instead\n";

async function answerTo(
  call: AskedCall,
  { style, out, env, signal, check }: AskOptions & { readonly check: Question["check"] },
): Promise<CallAnswer> {
  const { id } = call;
  const always = callsLike(call);
  let edited: EditedCall | undefined;
  for (;;) {
    const said = await readAnswer(`[Y/n/${always === null ? "" : "s/"}e/?] `, signal);
    if (/^(y|yes)?$/i.test(said)) return { id, kind: "approve" };
    if (/^(n|no)$/i.test(said)) return { id, kind: "reject", words: "" };
    if (/^s$/i.test(said) && always !== null) return { id, kind: "approve", always };
    if (/^e$/i.test(said)) {
      edited = await editCall(call, { before: edited, env, check });
      if (edited.problem === null) return { id, kind: "approve_edited", input: edited.input };
      out(`${style.failure(`✗ ${edited.problem}`)}\n`);
    } else if (said.length <= 1) out(HELP);
    else return { id, kind: "reject", words: said };
  }
}

async function readAnswer(prompt: string, signal: AbortSignal): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  // Readline takes Ctrl-C for itself; it belongs to whoever watches interrupts. When nobody can type any more, nobody answers.
  const interrupt = (): boolean => process.emit("SIGINT");
  terminal.on("SIGINT", interrupt);
  terminal.on("close", interrupt);
  try {
    return (await terminal.question(prompt, { signal })).trim();
  } finally {
    terminal.off("close", interrupt);
    terminal.close();
  }
}
