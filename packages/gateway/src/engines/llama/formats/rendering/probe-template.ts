import type { ChatTemplate, TemplateInput } from "./chat-template.ts";
import type { TemplateTool } from "./template-message.ts";

/** What a template makes of the parts of a conversation, found out by rendering small ones. */
export interface TemplateAbilities {
  /** Whether it has a place for a system prompt before all turns. */
  readonly system: boolean;
  readonly tools: boolean;
  /** How it wants a call's arguments; null when it leaves out calls. */
  readonly callArguments: "object" | "text" | null;
  readonly severalCalls: boolean;
  /** Whether it keeps text beside a call. */
  readonly textWithCalls: boolean;
  readonly toolRole: boolean;
  /** Whether messages without text must have `null` for their content rather than `""`. */
  readonly nullContent: boolean;
  /** The member of an assistant's message that holds its thinking. */
  readonly thinkingKey: "reasoning_content" | "thinking" | "reasoning" | null;
}

const USER = { role: "user", content: "probe user" };
const TOOL: TemplateTool = {
  type: "function",
  function: {
    name: "probe_tool",
    description: "probe description",
    parameters: {
      type: "object",
      properties: { probe_key: { type: "string", description: "probe" } },
      required: [],
    },
  },
};

export function probeTemplate(template: ChatTemplate): TemplateAbilities {
  const shows = (messages: TemplateInput, ...texts: readonly string[]) => {
    const rendered = template.tryRender({ messages, tools: [TOOL] }) ?? template.tryRender({ messages });
    return rendered !== null && texts.every((text) => rendered.includes(text));
  };
  const callArguments = (["object", "text"] as const).find((kind) =>
    shows(turn({ kind }), "probe_tool", "probe_key", "probe_value", "probe_result"),
  );
  const kind = callArguments ?? "object";
  return {
    system: keepsSystem(template),
    tools: template.tryRender({ messages: [USER], tools: [TOOL] })?.includes("probe_tool") ?? false,
    callArguments: callArguments ?? null,
    severalCalls: shows(turn({ kind, values: ["probe_value", "other_value"] }), "probe_value", "other_value"),
    textWithCalls: shows(turn({ kind, more: { content: "probe text" } }), "probe text", "probe_value"),
    toolRole:
      shows([USER, { role: "assistant", content: "probe" }, result("probe_result")], "probe_result") ||
      callArguments !== undefined,
    nullContent: needsNull(template, kind),
    thinkingKey:
      (["reasoning_content", "thinking", "reasoning"] as const).find((key) =>
        shows(turn({ kind, more: { [key]: "probe thoughts" } }), "probe thoughts"),
      ) ?? null,
  };
}

/** Some templates put it into the last turn of the user, from where it moves on with every turn, or is lost. */
function keepsSystem(template: ChatTemplate): boolean {
  const system = { role: "system", content: "probe system" };
  const answer = { role: "assistant", content: "probe answer" };
  const rendered =
    template.tryRender({ messages: [system, USER, answer, { role: "user", content: "more" }] }) ?? "";
  const at = rendered.indexOf(system.content);
  return at >= 0 && at < rendered.indexOf(USER.content);
}

interface TurnOptions {
  readonly kind: "object" | "text";
  readonly values?: readonly string[];
  readonly more?: Readonly<Record<string, unknown>>;
}

function turn({ kind, values = ["probe_value"], more = {} }: TurnOptions): TemplateInput {
  const calls = values.map((value, index) => {
    const input = { probe_key: value };
    return {
      id: `probe000${index}`,
      type: "function",
      function: { name: "probe_tool", arguments: kind === "object" ? input : JSON.stringify(input) },
    };
  });
  const results = values.map((_, index) => result("probe_result", `probe000${index}`));
  return [USER, { role: "assistant", content: "", tool_calls: calls, ...more }, ...results];
}

function result(content: string, id = "probe0000") {
  return { role: "tool", name: "probe_tool", tool_call_id: id, content };
}

/** Some templates write an empty turn for `""`; most of the others cannot take null. */
function needsNull(template: ChatTemplate, kind: "object" | "text"): boolean {
  const render = (content: string | null) =>
    template.tryRender({ messages: turn({ kind, more: { content } }), tools: [TOOL] });
  const [withNull, withEmpty] = [render(null), render("")];
  if (withNull === null) return false;
  return withEmpty === null || (withNull.length < withEmpty.length && !/\b(None|null)\b/.test(withNull));
}
