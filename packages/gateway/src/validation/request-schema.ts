import { z } from "zod";
import { cacheControl, inputBlock, textBlock } from "./block-schemas.ts";
import { byType, pick, stringOr } from "./pick.ts";

const customTool = z.looseObject({
  name: z.string().regex(/^[a-zA-Z0-9_-]{1,128}$/),
  description: z.string().nullish(),
  input_schema: z.looseObject({ type: z.literal("object") }),
  input_examples: z.array(z.record(z.string(), z.unknown())).nullish(),
  eager_input_streaming: z.boolean().nullish(),
  strict: z.boolean().nullish(),
  defer_loading: z.boolean().nullish(),
  cache_control: cacheControl,
});

const typedTool = z.looseObject({
  type: z.string(),
  name: z.string().optional(),
  cache_control: cacheControl,
});

const tool = pick((value) => {
  const type = (value as { type?: unknown } | null | undefined)?.type ?? "custom";
  return type === "custom" ? customTool : typedTool;
});

const parallel = z.boolean().nullish();

const choices = {
  auto: z.looseObject({ disable_parallel_tool_use: parallel }),
  any: z.looseObject({ disable_parallel_tool_use: parallel }),
  tool: z.looseObject({ name: z.string(), disable_parallel_tool_use: parallel }),
  none: z.looseObject({}),
};

const thinking = {
  enabled: z.looseObject({ budget_tokens: z.int().min(1024) }),
  adaptive: z.looseObject({ display: z.string().nullish() }),
  disabled: z.looseObject({}),
  between_tools: z.looseObject({}),
};

/** One of these types and no other. */
function oneOf(schemas: Readonly<Record<string, z.ZodType>>): z.ZodType {
  const known = z.looseObject({ type: z.enum(Object.keys(schemas)) });
  return known.and(byType(schemas));
}

const message = z.looseObject({
  role: z.enum(["user", "assistant", "system"]),
  content: stringOr(z.array(inputBlock)),
});

const common = {
  model: z.string().min(1),
  messages: z.array(message).min(1).max(100_000),
  system: stringOr(z.array(textBlock)).optional(),
  tools: z.array(tool).optional(),
  tool_choice: oneOf(choices).optional(),
  thinking: oneOf(thinking).optional(),
  cache_control: cacheControl,
};

/** The shape of a body of `POST /v1/messages`. Fields that it does not name pass. */
export const createSchema: z.ZodType = z.looseObject({
  ...common,
  max_tokens: z.int().min(0),
  stop_sequences: z.array(z.string().min(1)).optional(),
  stream: z.boolean().optional(),
  temperature: z.number().min(0).max(1).optional(),
  top_p: z.number().min(0).max(1).optional(),
  top_k: z.int().min(0).optional(),
  metadata: z.looseObject({ user_id: z.string().nullish() }).optional(),
});

/** The shape of a body of `POST /v1/messages/count_tokens`. */
export const countSchema: z.ZodType = z.looseObject(common);
