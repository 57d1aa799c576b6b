import { z } from "zod";

/** What a column of conversations holds, as far as the rows that were looked at tell. */
export interface ChatFacts {
  readonly column: string;
  /** `messages` have role and content, `sharegpt` from and value. */
  readonly form: "messages" | "sharegpt";
  readonly conversations: number;
  readonly roles: Readonly<Record<string, number>>;
  readonly messages: { readonly least: number; readonly most: number };
  readonly withSystem: number;
  readonly withToolCalls: number;
  /** Conversations whose last message is the assistant's: others teach it nothing at their end. */
  readonly endWithAssistant: number;
  /** A column that describes the tools; null where there is none. */
  readonly tools: string | null;
}

/** A way of training that takes these columns. */
export interface TrainingForm {
  readonly method: "SFT" | "DPO" | "KTO" | "GRPO";
  readonly columns: readonly string[];
  /** What has to be done first; null where nothing has to. */
  readonly first: string | null;
}

const message = z.looseObject({ role: z.string() });
const turn = z.looseObject({ from: z.string() });
const asList = z.preprocess(
  (value) => (typeof value === "string" ? parsed(value) : value),
  z.array(z.unknown()).min(1),
);

type Row = Readonly<Record<string, unknown>>;

/** The first column of conversations in these rows, or null. Texts that hold JSON count, too. */
export function chatFacts(rows: readonly Row[]): ChatFacts | null {
  for (const column of new Set(rows.flatMap((row) => Object.keys(row)))) {
    const conversations = rows.flatMap((row) => {
      const list = asList.safeParse(row[column]);
      return list.success ? [list.data] : [];
    });
    for (const form of ["messages", "sharegpt"] as const) {
      const chats = conversations.flatMap((conversation) => messagesOf(conversation, form) ?? []);
      if (chats.length > 0 && chats.length === conversations.length)
        return factsOf({ column, form, chats, rows });
    }
  }
  return null;
}

interface Message {
  readonly role: string;
  readonly callsTools: boolean;
}

/** In a list of one, so that no conversation gets lost in `flatMap`; null when it is none. */
function messagesOf(conversation: readonly unknown[], form: ChatFacts["form"]): [readonly Message[]] | null {
  if (form === "messages") {
    const found = z.array(message).safeParse(conversation);
    if (!found.success || !found.data.some((each) => "content" in each)) return null;
    return [found.data.map(({ role, tool_calls }) => ({ role, callsTools: isFilled(tool_calls) }))];
  }
  const found = z.array(turn).safeParse(conversation);
  if (!found.success) return null;
  return [found.data.map(({ from }) => ({ role: from, callsTools: from === "function_call" }))];
}

function factsOf(options: {
  readonly column: string;
  readonly form: ChatFacts["form"];
  readonly chats: readonly (readonly Message[])[];
  readonly rows: readonly Row[];
}): ChatFacts {
  const { column, form, chats, rows } = options;
  const roles: Record<string, number> = {};
  for (const { role } of chats.flat()) roles[role] = (roles[role] ?? 0) + 1;
  const lengths = chats.map(({ length }) => length);
  const names = Object.keys(rows[0] ?? {});
  return {
    column,
    form,
    conversations: chats.length,
    roles,
    messages: { least: Math.min(...lengths), most: Math.max(...lengths) },
    withSystem: count(chats, (chat) => chat.some(({ role }) => role === "system")),
    withToolCalls: count(chats, (chat) => chat.some(({ callsTools }) => callsTools)),
    endWithAssistant: count(chats, (chat) => /^(assistant|gpt|model)$/.test(chat.at(-1)?.role ?? "")),
    tools: names.find((name) => /^(tools|functions|available_tools)$/.test(name)) ?? null,
  };
}

/** Which ways of training take a data set with these columns, by the names that TRL's trainers look for. */
export function trainingForms(columns: readonly string[], chat: ChatFacts | null): readonly TrainingForm[] {
  const has = (...names: readonly string[]): boolean => names.every((name) => columns.includes(name));
  const forms: TrainingForm[] = [];
  const add = (method: TrainingForm["method"], names: readonly string[], first: string | null = null): void =>
    void forms.push({ method, columns: names, first });
  const tools = chat?.tools == null ? [] : [chat.tools];
  if (chat !== null && !["chosen", "rejected", "prompt", "completion"].includes(chat.column)) {
    const changes = [
      ...(chat.column === "messages" ? [] : [`rename ${chat.column} to messages`]),
      ...(chat.form === "messages" ? [] : ["turn from/value into role/content"]),
    ];
    add("SFT", [chat.column, ...tools], changes.length === 0 ? null : changes.join("; "));
  } else if (has("prompt", "completion")) add("SFT", ["prompt", "completion"]);
  else if (has("text")) add("SFT", ["text"]);
  if (has("chosen", "rejected")) add("DPO", [...(has("prompt") ? ["prompt"] : []), "chosen", "rejected"]);
  if (has("prompt", "completion", "label")) add("KTO", ["prompt", "completion", "label"]);
  if (has("prompt") && !has("completion")) add("GRPO", ["prompt"], "choose a reward");
  return forms;
}

function isFilled(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== null && value !== undefined;
}

function count<Item>(items: readonly Item[], fits: (item: Item) => boolean): number {
  return items.filter(fits).length;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // an ordinary text
  }
}
