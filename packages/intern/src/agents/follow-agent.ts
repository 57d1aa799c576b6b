import { spentSoFar } from "../loop/spent-so-far.ts";
import type { SessionEvent, ToolCall } from "../session/session-event.ts";
import type { Session } from "../session/session-store.ts";
import { describeSpending } from "./describe-spending.ts";

export interface FollowAgentOptions {
  readonly session: Session;
  /** The session that has sent it. */
  readonly parent: Session;
  /** Its name in the budget's book. */
  readonly agent: string;
  /** Shows a line as output of the call that has sent it. */
  readonly show: (text: string) => void;
}

/** Tells whoever watches the parent what a sub-agent does, a line for each call that it makes, until it is disposed of. */
export function followAgent({ session, parent, agent, show }: FollowAgentOptions): Disposable {
  const stop = session.subscribe((event: SessionEvent) => {
    switch (event.type) {
      case "tool_started":
        return show(`${describeCall(event)} · ${describeSpending(parent.state, agent)}\n`);
      case "assistant_message":
        return parent.show(spentSoFar(parent.state));
      case "notice":
        return event.level === "warn" ? show(`! ${event.text}\n`) : undefined;
      default:
        return; // its own log has everything
    }
  });
  return { [Symbol.dispose]: stop };
}

const LONGEST = 80;

/** Its name and the argument that says what it is about, which comes first. */
function describeCall({ name, input }: Pick<ToolCall, "name" | "input">): string {
  const [about] = Object.values(input);
  if (about === undefined) return name;
  const text = (typeof about === "string" ? about : JSON.stringify(about)).replaceAll(/\s+/g, " ");
  return `${name} ${text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text}`;
}
