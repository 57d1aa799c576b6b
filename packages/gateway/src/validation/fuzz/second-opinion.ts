import { z } from "zod";

/**
 * Whether a request keeps the rules, found out in another way than the validator does: by schemas that build what they
 * read, and by looking at the whole conversation again for each rule. Slow and without words; only to compare with.
 */
export function secondOpinion(body: unknown, version: string | null): boolean {
  const read = request.safeParse(body);
  if (!read.success) return false;
  const { messages } = read.data;
  return (
    (version === null || /^\d{4}-\d{2}-\d{2}$/.test(version)) &&
    (version === null || version < "2026-10-21" || keepsStrictVersion(read.data)) &&
    (!Array.isArray(read.data.system) || read.data.system.every((each) => each.text !== "")) &&
    messages.every((message, index) => hasContent(message, index === messages.length - 1)) &&
    systemStandsRight(messages) &&
    resultsStandRight(messages) &&
    toolsFit(read.data) &&
    limitsFit(read.data) &&
    markersFit(read.data)
  );
}

const text = z.string();
const flag = z.boolean().optional();
const marker = z
  .looseObject({ type: z.literal("ephemeral"), ttl: z.enum(["5m", "1h"]).optional() })
  .nullish();
const marked = { cache_control: marker };
const unmarked = { cache_control: z.null().optional() };
const textBlock = z.looseObject({
  type: z.literal("text"),
  text,
  citations: z.array(z.unknown()).nullish(),
  ...marked,
});
const SIGNATURES = { jpeg: "/9j/", png: "iVBORw0KGgo", gif: "R0lGOD", webp: "UklGR" };
const base64Image = z
  .looseObject({
    type: z.literal("base64"),
    media_type: z.enum(["image/jpeg", "image/png", "image/gif", "image/webp"]),
    data: z.string().min(1),
  })
  .refine(
    ({ data }) =>
      data.length % 4 === 0 && Buffer.from(data, "base64").toString("base64").length === data.length,
  )
  .refine(({ data }) => /^[A-Za-z0-9+/=]*$/.test(data) && !/=[^=]/.test(data))
  .refine(({ data, media_type: kind }) => {
    const seen = Object.entries(SIGNATURES).find(([, start]) => data.startsWith(start));
    return !seen || `image/${seen[0]}` === kind;
  });
const urlSource = z.looseObject({ type: z.literal("url"), url: z.string().min(1) });
const image = z.looseObject({
  type: z.literal("image"),
  source: z.union([base64Image, urlSource]),
  ...marked,
});
const cites = { citations: z.looseObject({ enabled: flag }).nullish() };
const document = z.looseObject({
  type: z.literal("document"),
  source: z.union([
    z.looseObject({ type: z.literal("base64"), media_type: text, data: text }),
    urlSource,
    z.looseObject({ type: z.literal("text"), media_type: z.literal("text/plain"), data: text }),
    z.looseObject({
      type: z.literal("content"),
      content: z.union([text, z.array(z.union([textBlock, image]))]),
    }),
  ]),
  title: text.nullish(),
  context: text.nullish(),
  ...cites,
  ...marked,
});
const search = z.looseObject({
  type: z.literal("search_result"),
  source: text,
  title: text,
  content: z.array(textBlock),
  ...cites,
  ...marked,
});
const toolId = z.string().regex(/^[\w-]+$/);
const reference = z.looseObject({ type: z.literal("tool_reference"), tool_name: text });
const dictionary = z.record(z.string(), z.unknown());
const inner = z.union([textBlock, image, document, search, reference]);
const SERVER_KINDS = [
  "server_tool_use",
  "web_search_tool_result",
  "web_fetch_tool_result",
  "advisor_tool_result",
  "code_execution_tool_result",
  "bash_code_execution_tool_result",
  "text_editor_code_execution_tool_result",
  "tool_search_tool_result",
  "mcp_tool_use",
  "mcp_tool_result",
  "mcp_tool_listing",
  "container_upload",
  "fallback",
] as const;
const block = z.union([
  textBlock,
  image,
  document,
  search,
  z.looseObject({ type: z.literal("thinking"), thinking: text, signature: text, ...unmarked }),
  z.looseObject({ type: z.literal("redacted_thinking"), data: text, ...unmarked }),
  z.looseObject({
    type: z.literal("tool_use"),
    id: toolId,
    name: z.string().min(1),
    input: dictionary,
    ...marked,
  }),
  z.looseObject({
    type: z.literal("tool_result"),
    tool_use_id: toolId,
    content: z.union([text, z.array(inner)]).optional(),
    is_error: flag,
    ...marked,
  }),
  z.looseObject({ type: z.enum(["tool_addition", "tool_removal"]), tool: dictionary, ...marked }),
  z.looseObject({ type: z.literal("compaction"), content: text.nullish(), ...marked }),
  z.looseObject({ type: z.enum(SERVER_KINDS), ...marked }),
]);
const TYPED_TOOLS = new Set([
  ..."mcp_toolset computer_toolset_20260801 browser_toolset_20260801 advisor_20260301 memory_20250818".split(
    " ",
  ),
  ...["20241022", "20250124"].map((date) => `bash_${date}`),
  ...["20241022", "20250124", "20251124"].map((date) => `computer_${date}`),
  ...["20241022", "20250124", "20250429", "20250728"].map((date) => `text_editor_${date}`),
  ...["20250522", "20250825", "20260120", "20260521"].map((date) => `code_execution_${date}`),
  ...["20250305", "20260209", "20260318"].map((date) => `web_search_${date}`),
  ...["20250910", "20260209", "20260309", "20260318"].map((date) => `web_fetch_${date}`),
  ...["bm25", "regex"].flatMap((kind) => [`tool_search_tool_${kind}`, `tool_search_tool_${kind}_20251119`]),
]);
const message = z.looseObject({
  role: z.enum(["user", "assistant", "system"]),
  content: z.union([text, z.array(block)]),
});
const tool = z.union([
  z.looseObject({
    type: z.literal("custom").nullish(),
    name: z.string().regex(/^[\w-]{1,128}$/),
    description: text.optional(),
    input_schema: z.looseObject({
      type: z.literal("object"),
      properties: dictionary.nullish(),
      required: z.array(text).nullish(),
    }),
    input_examples: z.array(dictionary).optional(),
    eager_input_streaming: flag.nullable(),
    strict: flag,
    defer_loading: flag,
    ...marked,
  }),
  z.looseObject({
    type: z.string().refine((type) => TYPED_TOOLS.has(type)),
    name: text.optional(),
    ...marked,
  }),
]);
const unit = z.number().min(0).max(1).nullish();
const ignored = z.unknown().optional();
const request = z.strictObject({
  model: z.string().min(1).max(256),
  max_tokens: z.number().refine(Number.isInteger).min(0),
  messages: z.array(message).min(1),
  system: z.union([text, z.array(textBlock)]).nullish(),
  tools: z.array(tool).nullish(),
  tool_choice: z
    .union([
      z.looseObject({ type: z.enum(["auto", "any"]), disable_parallel_tool_use: flag }),
      z.looseObject({ type: z.literal("tool"), name: text, disable_parallel_tool_use: flag }),
      z.looseObject({ type: z.literal("none") }),
    ])
    .nullish(),
  thinking: z
    .union([
      z.looseObject({
        type: z.literal("enabled"),
        budget_tokens: z.number().refine(Number.isInteger).min(1024),
        display: text.nullish(),
      }),
      z.looseObject({ type: z.enum(["adaptive", "between_tools"]), display: text.nullish() }),
      z.looseObject({ type: z.literal("disabled") }),
    ])
    .nullish(),
  stop_sequences: z.array(z.string().regex(/\S/)).nullish(),
  stream: flag.nullable(),
  temperature: unit,
  top_p: unit,
  top_k: z.number().refine(Number.isInteger).min(0).nullish(),
  metadata: z.looseObject({ user_id: z.string().max(512).nullish() }).nullish(),
  output_config: z
    .looseObject({
      effort: z.enum(["low", "medium", "high", "xhigh", "max"]).nullish(),
      format: z.looseObject({ type: z.literal("json_schema"), schema: dictionary }).nullish(),
    })
    .nullish(),
  context_management: z
    .looseObject({ edits: z.array(z.looseObject({ type: text })).optional() })
    .refine(({ edits }) => !edits?.some(({ type }, index) => index > 0 && type.startsWith("clear_thinking_")))
    .nullish(),
  cache_control: marker,
  diagnostics: z.looseObject({ previous_message_id: text.nullish() }).nullish(),
  thread: z
    .unknown()
    .refine((value) => (value as { type?: unknown } | null | undefined)?.type !== "continue")
    .optional(),
  ...Object.fromEntries(
    [
      ..."anthropic_beta betas billing_policy compaction container fallback_credit_token".split(" "),
      ..."fallbacks inference_geo mcp_servers output_format service_tier speed user_profile_id workspace_id".split(
        " ",
      ),
    ].map((name) => [name, ignored]),
  ),
});

type Request = z.infer<typeof request>;
type Message = Request["messages"][number];
type Block = Readonly<Record<string, unknown>> & { readonly type: string };

function blocksOf({ content }: Message): readonly Block[] {
  return typeof content === "string"
    ? [{ type: "text", text: content, isString: true }]
    : (content as readonly Block[]);
}

const HOMES: Readonly<Record<string, string>> = {
  tool_use: "assistant",
  thinking: "assistant",
  redacted_thinking: "assistant",
  tool_result: "user",
  tool_addition: "system",
  tool_removal: "system",
};

function hasContent(each: Message, isLast: boolean): boolean {
  if (each.content.length === 0) return isLast && each.role === "assistant";
  return blocksOf(each).every(({ type, text: said }) => {
    const home = Object.hasOwn(HOMES, type) ? HOMES[type] : each.role;
    const isAllowed =
      each.role === "system" ? /^(text|tool_addition|tool_removal)$/.test(type) : home === each.role;
    return isAllowed && !(type === "text" && said === "");
  });
}

function systemStandsRight(messages: readonly Message[]): boolean {
  return messages.every(({ role }, index) => {
    if (role !== "system") return true;
    const before = messages.slice(0, index).findLast((each) => each.role !== "system");
    const after = messages.slice(index).find((each) => each.role !== "system");
    const kind = before && blocksOf(before).at(-1)?.type;
    const follows = before?.role === "user" || (kind?.endsWith("_tool_result") && kind !== "tool_result");
    return follows && after?.role !== "user";
  });
}

function resultsStandRight(messages: readonly Message[]): boolean {
  const turns: { role: string; blocks: Block[] }[] = [];
  for (const each of messages.filter(({ role }) => role !== "system")) {
    const last = turns.at(-1);
    if (last?.role === each.role) last.blocks.push(...blocksOf(each));
    else turns.push({ role: each.role, blocks: [...blocksOf(each)] });
  }
  const ids = (kind: string, field: string, at: number): unknown[] =>
    (turns[at]?.blocks ?? []).filter(({ type }) => type === kind).map((each) => each[field]);
  return turns.every(({ role, blocks }, index) => {
    const calls = ids("tool_use", "id", role === "user" ? index - 1 : index);
    const results = ids("tool_result", "tool_use_id", role === "user" ? index : index + 1);
    const isMatch = JSON.stringify([...calls].sort()) === JSON.stringify([...results].sort());
    const isOnce = new Set(calls).size === calls.length;
    const areFirst = blocks.slice(0, results.length).every(({ type }) => type === "tool_result");
    return isMatch && isOnce && (role === "assistant" || areFirst);
  });
}

function keepsStrictVersion({ temperature, top_p: p, top_k: k, messages }: Request): boolean {
  if ([temperature, p, k].some((value) => typeof value === "number")) return false;
  return messages.every((each) => {
    const blocks = blocksOf(each);
    if (each.role === "assistant") return !blocks.some(({ type }) => type === "document");
    return each.role !== "user" || !blocks.some(isCited);
  });
}

function isCited({ type, citations, content }: Block): boolean {
  if (type === "text") return Array.isArray(citations) && citations.length > 0;
  return /^(tool_result|search_result)$/.test(type) && Array.isArray(content) && content.some(isCited);
}

function toolsFit({
  model,
  tools,
  tool_choice: choice,
  thinking,
  temperature,
  top_p: p,
  top_k: k,
  messages,
}: Request): boolean {
  const names = (tools ?? []).flatMap(({ name }) => name ?? []);
  const isForced = choice?.type === "any" || choice?.type === "tool";
  const { family, version } = claudeName(model);
  const isUnforced = version >= (family === "opus" ? 5.05 : /^(fable|mythos)$/.test(family) ? 5.01 : 100);
  return (
    new Set(names).size === names.length &&
    !(isForced && ((tools ?? []).length === 0 || thinking?.type === "enabled" || isUnforced)) &&
    !(choice?.type === "tool" && !names.includes(choice.name as string)) &&
    !(version >= 4.07 && ((temperature ?? 1) !== 1 || (p ?? 1) < 0.99 || typeof k === "number")) &&
    !(version >= 4.06 && messages.at(-1)?.role === "assistant")
  );
}

function claudeName(model: string): { family: string; version: number } {
  const parts = (model.split("/").at(-1) ?? "").split("-");
  if (/^\d{8}$/.test(parts.at(-1) ?? "")) parts.pop();
  const [claude, family = "", major = "", minor = "0", ...rest] = parts;
  const isName = claude === "claude" && /^[a-z]+$/.test(family) && rest.length === 0;
  return isName && /^\d\d?-\d\d?$/.test(`${major}-${minor}`)
    ? { family, version: Number(major) + Number(minor) / 100 }
    : { family: "", version: 0 };
}

function limitsFit({
  max_tokens: most,
  thinking,
  stream,
  tool_choice: choice,
  output_config: output,
}: Request): boolean {
  const budget = thinking?.type === "enabled" ? (thinking.budget_tokens as number) : null;
  if (most > 0) return budget === null || budget < most;
  return !stream && budget === null && !output?.format && choice?.type !== "any" && choice?.type !== "tool";
}

function markersFit(body: Request): boolean {
  const places = [body.tools ?? [], body.system ?? [], ...body.messages.map(blocksOf)] as (
    | string
    | Block[]
  )[];
  const found = places
    .flatMap((place) => (typeof place === "string" ? [] : place))
    .flatMap((each) => [
      ...(each.type === "tool_result" && Array.isArray(each.content) ? (each.content as Block[]) : []),
      each,
    ])
    .flatMap(({ cache_control: control }) => (control ? [(control as { ttl?: string }).ttl ?? "5m"] : []));
  const automatic = body.cache_control && (body.cache_control.ttl ?? "5m");
  if (automatic) {
    const last = body.messages.map(blocksOf).at(-1)?.at(-1)?.cache_control as { ttl?: string } | undefined;
    if (last && (last.ttl ?? "5m") !== automatic) return false;
    if (!last) found.push(automatic);
  }
  const firstShort = found.indexOf("5m");
  return found.length <= 4 && !(firstShort !== -1 && found.lastIndexOf("1h") > firstShort);
}
