import { z } from "zod";
import type { WhichHub } from "../library.ts";

/** An argument of every tool that works with hubs. */
export const hubSchema: z.ZodType<WhichHub> = z.enum(["huggingface", "embedded"]).default("huggingface");
