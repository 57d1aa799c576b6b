import { cacheControl } from "./block-shapes.ts";
import {
  boolean,
  dictionary,
  type Fault,
  isObject,
  list,
  literal,
  matching,
  nullish,
  object,
  optional,
  type Shape,
  string,
  tagged,
  within,
} from "./shape.ts";

const custom = object({
  name: matching(/^[a-zA-Z0-9_-]{1,128}$/),
  description: optional(string()),
  input_schema: object({
    type: literal("object"),
    properties: nullish(dictionary),
    required: nullish(list(string())),
  }),
  input_examples: optional(list(dictionary)),
  eager_input_streaming: nullish(boolean),
  strict: optional(boolean),
  defer_loading: optional(boolean),
  cache_control: cacheControl,
});

/** The API holds their definitions. An engine that cannot use one refuses it. */
const TYPED_TOOLS = [
  "advisor_20260301",
  "bash_20241022",
  "bash_20250124",
  "browser_toolset_20260801",
  "code_execution_20250522",
  "code_execution_20250825",
  "code_execution_20260120",
  "code_execution_20260521",
  "computer_20241022",
  "computer_20250124",
  "computer_20251124",
  "computer_toolset_20260801",
  "mcp_toolset",
  "memory_20250818",
  "text_editor_20241022",
  "text_editor_20250124",
  "text_editor_20250429",
  "text_editor_20250728",
  "tool_search_tool_bm25",
  "tool_search_tool_bm25_20251119",
  "tool_search_tool_regex",
  "tool_search_tool_regex_20251119",
  "web_fetch_20250910",
  "web_fetch_20260209",
  "web_fetch_20260309",
  "web_fetch_20260318",
  "web_search_20250305",
  "web_search_20260209",
  "web_search_20260318",
];

const typed = object({ name: optional(string()), cache_control: cacheControl });
const kinds = tagged({ custom, ...Object.fromEntries(TYPED_TOOLS.map((type) => [type, typed])) });

/** A tool of the client's own, where `type` may be missing, or one of the API's. */
export const toolShape: Shape = (value): Fault | null => {
  if (!isObject(value) || (value.type ?? "custom") !== "custom") return kinds(value);
  const found = custom(value);
  return found && within("custom", found);
};
