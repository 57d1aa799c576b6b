import type { LoggedEvent } from "@ml-intern/intern";
import { continueLine } from "./continue-line.ts";
import { printable, withoutControls } from "./plain-text.ts";

/** Lines of a call's output that are shown; the rest is counted. */
const SHOWN_LINES = 40;
/** Characters of what a call is about, in front of its lines. */
const LONGEST_NAME = 24;

interface Output {
  /** What stands in front of its lines once another call has run beside it. */
  readonly name: string;
  hasCompany: boolean;
  lines: number;
  partial: string;
}

/** What running calls put out, line by line as lines become whole; of calls that run side by side each line says whose it is. */
export class CallOutputs {
  readonly #write: (line: string) => void;
  readonly #running = new Map<string, Output>();

  constructor(write: (line: string) => void) {
    this.#write = write;
  }

  begin({ id, name, input }: Extract<LoggedEvent, { type: "tool_started" }>): void {
    const [about = name] = Object.values(input);
    const wanted = firstWords(typeof about === "string" ? about : JSON.stringify(about));
    const taken = [...this.#running.values()].map((output) => output.name);
    let own = wanted;
    for (let number = 2; taken.includes(own); number++) own = `${wanted} ${number}`;
    for (const output of this.#running.values()) output.hasCompany = true;
    this.#running.set(id, { name: own, hasCompany: this.#running.size > 0, lines: 0, partial: "" });
  }

  add(id: string, text: string): void {
    const output = this.#running.get(id) ?? { name: "", hasCompany: false, lines: 0, partial: "" };
    this.#running.set(id, output);
    const [rest = "", ...lines] = text.split("\n");
    output.partial = continueLine(output.partial, rest);
    for (const line of lines) {
      this.#writeLine(output);
      output.partial = continueLine("", line);
    }
  }

  /** Writes what is there of lines that are not whole: something else comes between. */
  flush(): void {
    for (const output of this.#running.values()) if (output.partial !== "") this.#writeLine(output);
  }

  /** Writes the rest of a call's output, and gives what stands in front of its lines. */
  end(id: string): string {
    const output = this.#running.get(id);
    if (output === undefined) return "";
    if (output.partial !== "") this.#writeLine(output);
    const hidden = output.lines - SHOWN_LINES;
    if (hidden > 0) this.#write(`${prefixOf(output)}… ${hidden} more lines`);
    this.#running.delete(id);
    return prefixOf(output);
  }

  endAll(): void {
    for (const id of [...this.#running.keys()]) this.end(id);
  }

  #writeLine(output: Output): void {
    output.lines++;
    if (output.lines <= SHOWN_LINES) this.#write(`${prefixOf(output)}${printable(output.partial)}`);
    output.partial = "";
  }
}

function prefixOf({ name, hasCompany }: Output): string {
  return hasCompany ? `[${name}] ` : "";
}

function firstWords(text: string): string {
  const line = withoutControls(text).replaceAll(/\s+/g, " ").trim();
  if (line.length <= LONGEST_NAME) return line;
  const cut = line.slice(0, LONGEST_NAME);
  const end = line[LONGEST_NAME] === " " ? LONGEST_NAME : cut.lastIndexOf(" ");
  return `${end > 0 ? cut.slice(0, end) : cut}…`;
}
