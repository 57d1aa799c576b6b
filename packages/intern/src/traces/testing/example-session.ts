import { mkdir } from "node:fs/promises";
import type { Message } from "@ml-intern/messages";
import type { DurableEvent } from "../../session/session-event.ts";
import { SessionLog } from "../../session/session-log.ts";
import { agentPaths, Session, sessionPaths } from "../../session/session-store.ts";

/** A session on disk with a task and `rounds` rounds of thinking, a tool call and its result. Returns its id. */
export async function exampleSession(home: string, rounds: number, text = "text"): Promise<string> {
  await using session = await Session.create(home, {
    task: "Recognise digits",
    data: "/data/digits.csv",
    target: null,
    model: "anthropic/claude",
    budget_usd: null,
    max_iterations: 300,
    sandbox: "auto",
    hub: "local",
  });
  const { id } = session.state;
  await session.append({ type: "turn_started", turn: 1, text: "Recognise digits" });
  for (const event of exampleRounds(1, rounds, text)) await session.append(event);
  return id;
}

/** More rounds on a session's log, as the loop would add them. */
export async function addRounds(
  place: { home: string; session: string },
  first: number,
  count: number,
): Promise<void> {
  const { log } = await SessionLog.open(sessionPaths(place.home, place.session).events);
  for (const event of exampleRounds(first, count, "text")) await log.append(event);
  await log.close();
}

/** What an agent did that one of the session's calls has sent. */
export async function addAgent(
  place: { home: string; session: string },
  callId: string,
  text: string,
): Promise<void> {
  const { directory, events } = agentPaths(sessionPaths(place.home, place.session), callId);
  await mkdir(directory, { recursive: true });
  const { log } = await SessionLog.open(events);
  await log.append({ type: "turn_started", turn: 1, text: "Why?" });
  for (const event of exampleRounds(1, 1, text)) await log.append(event);
  await log.close();
}

export function* exampleRounds(first: number, count: number, text: string): Generator<DurableEvent> {
  for (let iteration = first; iteration < first + count; iteration++) {
    const id = `toolu_${iteration}`;
    yield { type: "iteration_started", iteration };
    yield {
      type: "assistant_message",
      iteration,
      message: message(iteration, [
        { type: "thinking", thinking: `Round ${iteration}.`, signature: "" },
        { type: "text", text },
        { type: "tool_use", id, name: "bash", input: { command: `echo ${iteration}` } },
      ]),
      cost_usd: 0.01,
      duration_ms: 1500,
    };
    yield { type: "tool_started", id, name: "bash", input: { command: `echo ${iteration}` } };
    yield {
      type: "tool_finished",
      id,
      name: "bash",
      duration_ms: 12,
      content: `${iteration}\n`,
      is_error: false,
    };
  }
}

export function message(iteration: number, content: Message["content"]): Message {
  return {
    id: `msg_${iteration}`,
    type: "message",
    role: "assistant",
    model: "claude",
    content,
    stop_reason: "tool_use",
    stop_sequence: null,
    stop_details: null,
    container: null,
    diagnostics: null,
    usage: {
      input_tokens: 10,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 90,
      cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
      output_tokens: 20,
      output_tokens_details: null,
      server_tool_use: null,
      service_tier: null,
    },
  };
}
