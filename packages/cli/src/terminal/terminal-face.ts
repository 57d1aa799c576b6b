import type { LoggedEvent, SessionEvent, TransientEvent } from "@ml-intern/intern";
import { CallOutputs } from "./call-outputs.ts";
import { describeRecord } from "./describe-record.ts";
import { describeRunEvent } from "./describe-run-event.ts";
import { describeSpent } from "./describe-spent.ts";
import { duration } from "./format.ts";
import { firstLine, withoutControls } from "./plain-text.ts";
import type { Style } from "./style.ts";

/** Characters of a call's arguments that are shown while they are written. */
const SHOWN_ARGUMENTS = 160;

/**
 * The terminal face: reads the event stream and writes what a person wants to see, as it happens. It only ever
 * appends, so it reads the same in a terminal, a pipe and a log file.
 */
export class TerminalFace {
  readonly #write: (text: string) => void;
  readonly #style: Style;
  readonly #now: () => number;
  #begun: number;
  #atLineStart = true;
  #inText = false;
  #call: { id: string; shown: number; total: number } | null = null;
  readonly #outputs: CallOutputs;
  #spent: string | null = null;
  #plan = "";

  constructor(options: { write: (text: string) => void; style: Style; now?: () => number }) {
    this.#write = options.write;
    this.#style = options.style;
    this.#now = options.now ?? Date.now;
    this.#begun = this.#now();
    this.#outputs = new CallOutputs((line) => this.#line(this.#style.dim(`  │ ${line}`)));
  }

  show(event: SessionEvent): void {
    if ("seq" in event) this.#showKept(event);
    else this.#showPassing(event);
  }

  #showPassing(event: TransientEvent): void {
    switch (event.type) {
      case "text_delta":
        if (!this.#inText) this.#freshLine();
        this.#inText = true;
        this.#put(withoutControls(event.text));
        return;
      case "thinking_delta":
        this.#put(this.#style.dim(withoutControls(event.text)));
        return;
      case "tool_input_delta":
        this.#showArguments(event);
        return;
      case "tool_output":
        this.#endCall();
        this.#outputs.add(event.id, event.text);
        return;
      case "progress": {
        const left = event.remaining_ms === null ? "" : `, about ${duration(event.remaining_ms)} left`;
        this.#line(
          this.#style.dim(
            `── ${event.text} · ${duration(event.elapsed_ms)} elapsed${left}${this.#spent ?? ""}`,
          ),
        );
        return;
      }
      case "spent":
        this.#spent = ` · ${describeSpent(event)}`;
        return;
      default:
        event satisfies never;
    }
  }

  #showKept(event: LoggedEvent): void {
    switch (event.type) {
      case "turn_started":
        this.#begun = this.#now();
        return;
      case "assistant_message":
        this.#endCall();
        this.#freshLine();
        return;
      case "tool_started":
        this.#outputs.begin(event);
        return;
      case "tool_finished": {
        const whose = this.#outputs.end(event.id);
        if (event.is_error)
          this.#line(this.#style.failure(`  ✗ ${whose}${event.name}: ${firstLine(event.content)}`));
        return;
      }
      case "plan_updated": {
        // Later changes show in the progress lines: the whole plan again would be noise.
        const titles = event.steps.map(({ title }) => title).join(" → ");
        if (titles !== this.#plan) this.#line(this.#style.dim(`  plan: ${titles}`));
        this.#plan = titles;
        return;
      }
      case "recorded":
        this.#outputs.flush();
        for (const line of describeRecord(event.kind, event.body, this.#style)) this.#line(`  ${line}`);
        return;
      case "run_started":
      case "run_news":
        this.#outputs.flush();
        for (const line of describeRunEvent(event, this.#style)) this.#line(`  ${line}`);
        return;
      case "notice":
        this.#line(
          event.level === "warn" ? this.#style.warning(`! ${event.text}`) : this.#style.dim(event.text),
        );
        return;
      case "turn_finished":
        this.#endCall();
        this.#outputs.endAll();
        this.#freshLine();
        if (event.cause !== null) {
          this.#line(this.#style.failure(`✗ ${event.cause.message}`));
          this.#line(`  ${event.cause.mend}`);
        }
        this.#line(
          this.#style.dim(
            `${event.outcome} after ${duration(this.#now() - this.#begun)}${this.#spent ?? ""}`,
          ),
        );
        return;
      default:
        return; // the other kept events are for resuming, not for reading
    }
  }

  #showArguments(event: Extract<TransientEvent, { type: "tool_input_delta" }>): void {
    if (event.name === "plan") return; // shown as what it is once it is complete
    if (this.#call?.id !== event.id) {
      this.#endCall();
      this.#freshLine();
      this.#put(`${this.#style.tool(`→ ${event.name}`)} `);
      this.#call = { id: event.id, shown: 0, total: 0 };
    }
    const { partial_json: text } = event;
    const room = Math.max(0, SHOWN_ARGUMENTS - this.#call.shown);
    this.#call.total += text.length;
    this.#call.shown += Math.min(room, text.length);
    if (room > 0) this.#put(this.#style.dim(text.slice(0, room)));
  }

  #endCall(): void {
    if (this.#call === null) return;
    const hidden = this.#call.total - this.#call.shown;
    if (hidden > 0) this.#put(this.#style.dim(` … +${hidden.toLocaleString("en")} characters`));
    this.#call = null;
    this.#freshLine();
  }

  #line(text: string): void {
    this.#freshLine();
    this.#put(`${text}\n`);
  }

  #freshLine(): void {
    if (!this.#atLineStart) this.#put("\n");
    this.#inText = false;
  }

  #put(text: string): void {
    if (text === "") return;
    this.#write(text);
    this.#atLineStart = text.endsWith("\n");
  }
}
