import type { CallSyntax } from "./call-syntax.ts";
import { HERMES_SYNTAX } from "./hermes-syntax.ts";
import { FENCE_OPENERS, LIST_OPENERS, PLAIN_OPENERS } from "./plain-json-calls.ts";

/**
 * Hermes' syntax as it is read in practice: small models often leave the tags out, also those that were trained on
 * them, and write a bare object, a list or a fence. Models that were taught no syntax are asked for this one.
 */
export const TAGGED_SYNTAX: CallSyntax = {
  ...HERMES_SYNTAX,
  openers: [...HERMES_SYNTAX.openers, ...PLAIN_OPENERS, ...LIST_OPENERS, ...FENCE_OPENERS],
};
