import { z } from "zod";
import { byType, stringOr } from "./pick.ts";

export const cacheControl: z.ZodType = z
  .looseObject({ type: z.literal("ephemeral"), ttl: z.enum(["5m", "1h"]).nullish() })
  .nullish();

/** For blocks that cannot carry a cache marker. */
const noMarker = z
  .unknown()
  .refine((value) => value === undefined || value === null, "Extra inputs are not permitted")
  .optional();

export const textBlock: z.ZodType = z.looseObject({
  type: z.literal("text"),
  text: z.string(),
  citations: z.array(z.unknown()).nullish(),
  cache_control: cacheControl,
});

const base64Source = z.looseObject({ media_type: z.string(), data: z.string() });
const urlSource = z.looseObject({ url: z.string() });
const IMAGE_TYPES = ["image/jpeg", "image/png", "image/gif", "image/webp"] as const;

const imageBlock = z.looseObject({
  source: byType({ base64: base64Source.extend({ media_type: z.enum(IMAGE_TYPES) }), url: urlSource }),
  cache_control: cacheControl,
});

const documentBlock = z.looseObject({
  title: z.string().nullish(),
  source: byType({
    base64: base64Source,
    url: urlSource,
    text: z.looseObject({ media_type: z.literal("text/plain"), data: z.string() }),
    content: z.looseObject({ content: stringOr(z.array(byType({ text: textBlock, image: imageBlock }))) }),
  }),
  cache_control: cacheControl,
});

const searchResultBlock = z.looseObject({
  source: z.string(),
  title: z.string(),
  content: z.array(textBlock),
  cache_control: cacheControl,
});

const toolId = z.string().regex(/^[a-zA-Z0-9_-]+$/);

const toolResultBlock = z.looseObject({
  tool_use_id: toolId,
  content: stringOr(
    z.array(
      byType({
        text: textBlock,
        image: imageBlock,
        document: documentBlock,
        search_result: searchResultBlock,
        tool_reference: z.looseObject({ tool_name: z.string() }),
      }),
    ),
  ).optional(),
  is_error: z.boolean().nullish(),
  cache_control: cacheControl,
});

/** A block of a request's message. */
export const inputBlock: z.ZodType = byType({
  text: textBlock,
  image: imageBlock,
  document: documentBlock,
  search_result: searchResultBlock,
  tool_use: z.looseObject({
    id: toolId,
    name: z.string().min(1),
    input: z.record(z.string(), z.unknown()),
    cache_control: cacheControl,
  }),
  tool_result: toolResultBlock,
  thinking: z.looseObject({ thinking: z.string(), signature: z.string(), cache_control: noMarker }),
  redacted_thinking: z.looseObject({ data: z.string(), cache_control: noMarker }),
});
