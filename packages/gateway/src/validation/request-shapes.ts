import { cacheControl, inputBlock, systemBlock } from "./block-shapes.ts";
import {
  boolean,
  dictionary,
  type Fault,
  fault,
  integer,
  isObject,
  list,
  literal,
  nullish,
  numberBetween,
  object,
  optional,
  type Shape,
  string,
  stringOr,
  tagged,
} from "./shape.ts";
import { toolShape } from "./tool-shape.ts";

const MAX_MESSAGES = 100_000;
const MAX_USER_ID = 512;
const MAX_MODEL = 256;

const parallel = { disable_parallel_tool_use: optional(boolean) };

const toolChoice = tagged({
  auto: object(parallel),
  any: object(parallel),
  tool: object({ name: string(), ...parallel }),
  none: object({}),
});

const display = nullish(string());

const thinking = tagged({
  enabled: object({ budget_tokens: integer({ min: 1024 }), display }),
  adaptive: object({ display }),
  disabled: object({}),
  between_tools: object({ display }),
});

const outputConfig = object({
  effort: nullish(literal("low", "medium", "high", "xhigh", "max")),
  format: nullish(tagged({ json_schema: object({ schema: dictionary }) })),
});

const contextManagement = object({ edits: optional(list(object({ type: string() }))) });

const message = object({ role: literal("user", "assistant", "system"), content: stringOr(list(inputBlock)) });
const messageList = list(message, { max: MAX_MESSAGES });

const messages: Shape = (value) =>
  Array.isArray(value) && value.length === 0 ? fault("at least one message is required") : messageList(value);

const strings = list(string());

const stopSequences: Shape = (value) => {
  const found = strings(value);
  if (found) return found;
  const blank = (value as readonly string[]).some((sequence) => sequence.trim() === "");
  return blank ? fault("each stop sequence must contain non-whitespace") : null;
};

const required = { model: string({ min: 1, max: MAX_MODEL }), max_tokens: integer({ min: 0 }), messages };

/** Fields that mean something here. Null says the same as their absence. */
const known = {
  system: nullish(stringOr(list(systemBlock))),
  tools: nullish(list(toolShape)),
  tool_choice: nullish(toolChoice),
  thinking: nullish(thinking),
  stop_sequences: nullish(stopSequences),
  stream: nullish(boolean),
  temperature: nullish(numberBetween(0, 1)),
  top_p: nullish(numberBetween(0, 1)),
  top_k: nullish(integer({ min: 0 })),
  metadata: nullish(object({ user_id: nullish(string({ max: MAX_USER_ID })) })),
  output_config: nullish(outputConfig),
  context_management: nullish(contextManagement),
  cache_control: cacheControl,
  diagnostics: nullish(object({ previous_message_id: nullish(string()) })),
};

/** Fields of the API and of its betas that this server takes and does nothing with. */
const TOLERATED = [
  "anthropic_beta",
  "betas",
  "billing_policy",
  "compaction",
  "container",
  "fallback_credit_token",
  "fallbacks",
  "inference_geo",
  "mcp_servers",
  "output_format",
  "service_tier",
  "speed",
  "thread",
  "user_profile_id",
  "workspace_id",
];

const FIELDS = new Set([...Object.keys(required), ...Object.keys(known), ...TOLERATED]);

/** A body of `POST /v1/messages`. */
export const createShape: Shape = closed(object({ ...required, ...known }));

/** A body of `POST /v1/messages/count_tokens`: what only generation needs may be missing. */
export const countShape: Shape = closed(
  object({ ...required, max_tokens: nullish(required.max_tokens), ...known }),
);

/** No top-level field but those that the API knows. */
function closed(shape: Shape): Shape {
  return (value): Fault | null => {
    const found = shape(value);
    if (found || !isObject(value)) return found;
    const extra = Object.keys(value).find((key) => !FIELDS.has(key));
    return extra === undefined
      ? null
      : { path: [extra.slice(0, 64)], text: "Extra inputs are not permitted" };
  };
}
