import { imageSource, urlSource } from "./image-source.ts";
import {
  anything,
  boolean,
  dictionary,
  type Fault,
  fault,
  list,
  literal,
  matching,
  nullish,
  object,
  optional,
  type Shape,
  string,
  stringOr,
  tagged,
} from "./shape.ts";

/** A cache marker; null says the same as none. */
export const cacheControl: Shape = nullish(
  tagged({ ephemeral: object({ ttl: optional(literal("5m", "1h")) }) }),
);

/** For blocks that cannot carry a cache marker. */
const noMarker: Shape = (value): Fault | null =>
  value === undefined || value === null ? null : fault("Extra inputs are not permitted");

const textFields = { text: string(), citations: nullish(list(anything)), cache_control: cacheControl };
const text = object(textFields);

/** A block of the system prompt, which is always text. */
export const systemBlock: Shape = object({ type: literal("text"), ...textFields });

const image = object({ source: imageSource, cache_control: cacheControl });

const citations = nullish(object({ enabled: optional(boolean) }));

const document = object({
  source: tagged({
    base64: object({ media_type: string(), data: string() }),
    url: urlSource,
    text: object({ media_type: literal("text/plain"), data: string() }),
    content: object({ content: stringOr(list(tagged({ text, image }))) }),
  }),
  title: nullish(string()),
  context: nullish(string()),
  citations,
  cache_control: cacheControl,
});

const searchResult = object({
  source: string(),
  title: string(),
  content: list(systemBlock),
  citations,
  cache_control: cacheControl,
});

const toolId = matching(/^[a-zA-Z0-9_-]+$/);

const toolResult = object({
  tool_use_id: toolId,
  content: optional(
    stringOr(
      list(
        tagged({
          text,
          image,
          document,
          search_result: searchResult,
          tool_reference: object({ tool_name: string() }),
        }),
      ),
    ),
  ),
  is_error: optional(boolean),
  cache_control: cacheControl,
});

/** Kinds that belong to tools and features which the API runs itself. An engine that cannot use one refuses it. */
const serverSide = object({ cache_control: cacheControl });

/** A block of a message. */
export const inputBlock: Shape = tagged({
  text,
  image,
  document,
  search_result: searchResult,
  thinking: object({ signature: string(), thinking: string(), cache_control: noMarker }),
  redacted_thinking: object({ data: string(), cache_control: noMarker }),
  tool_use: object({ id: toolId, name: string({ min: 1 }), input: dictionary, cache_control: cacheControl }),
  tool_result: toolResult,
  server_tool_use: serverSide,
  web_search_tool_result: serverSide,
  web_fetch_tool_result: serverSide,
  advisor_tool_result: serverSide,
  code_execution_tool_result: serverSide,
  bash_code_execution_tool_result: serverSide,
  text_editor_code_execution_tool_result: serverSide,
  tool_search_tool_result: serverSide,
  mcp_tool_use: serverSide,
  mcp_tool_result: serverSide,
  mcp_tool_listing: serverSide,
  container_upload: serverSide,
  compaction: object({ content: nullish(string()), cache_control: cacheControl }),
  tool_addition: object({ tool: dictionary, cache_control: cacheControl }),
  tool_removal: object({ tool: dictionary, cache_control: cacheControl }),
  fallback: serverSide,
});
