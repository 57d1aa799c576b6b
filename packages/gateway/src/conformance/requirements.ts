import type { Requirement } from "./requirement.ts";
import { CACHING } from "./requirements/caching.ts";
import { CACHING_USAGE } from "./requirements/caching-usage.ts";
import { DIAGNOSTICS } from "./requirements/diagnostics.ts";
import { ERRORS } from "./requirements/errors.ts";
import { EXAMPLES } from "./requirements/examples.ts";
import { FEATURES } from "./requirements/features.ts";
import { HEADERS } from "./requirements/headers.ts";
import { REQUEST } from "./requirements/request.ts";
import { RESPONSE } from "./requirements/response.ts";
import { STREAM } from "./requirements/stream.ts";
import { TOOL_STREAM } from "./requirements/tool-stream.ts";
import { TRANSPORT } from "./requirements/transport.ts";

/** Everything that this server promises of the Messages API, by section. */
export const REQUIREMENTS: Readonly<Record<string, readonly Requirement[]>> = {
  "Routes, bodies and connections": TRANSPORT,
  "Keys, versions and headers": HEADERS,
  "What a request may say": REQUEST,
  "The finished message": RESPONSE,
  "The stream of events": STREAM,
  "Tool calls while they are written": TOOL_STREAM,
  Errors: ERRORS,
  "Counting, models, batches, context and replay": FEATURES,
  "Prompt caching": [...CACHING, ...CACHING_USAGE],
  "Cache diagnostics": DIAGNOSTICS,
  "Example streams": EXAMPLES,
};

/** All of it in one list. */
export const ALL_REQUIREMENTS: readonly Requirement[] = Object.values(REQUIREMENTS).flat();
