import type { Session } from "../session/session-store.ts";
import type { Goal } from "./goal.ts";
import { PUBLISHING } from "./publishing.ts";

/** Who works on a turn. */
export interface Agent {
  /** `main`, or the path of a sub-agent such as `main/research`: rules of the policy can name it. */
  readonly name: string;
  readonly goal: Goal;
  /** The call that sent it, and the session in whose log its questions to the person stand; null for the session's own agent. */
  readonly sender: { readonly session: Session; readonly callId: string } | null;
}

export const MAIN: Agent = { name: "main", goal: PUBLISHING, sender: null };
