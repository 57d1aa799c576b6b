import type { z } from "zod";
import type { Limits } from "../limits/limits.ts";
import { section } from "./section.ts";
import { wholeNumber } from "./values.ts";

const count = wholeNumber({ least: 1 }).optional();

export const limitSchema: z.ZodType<Limits> = section({
  requestsPerMinute: count,
  inputTokensPerMinute: count,
  outputTokensPerMinute: count,
  tokenCountsPerMinute: count,
  concurrentRequests: count,
});
