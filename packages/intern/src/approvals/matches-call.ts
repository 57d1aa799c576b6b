import { matchesGlob, type Reading } from "./glob.ts";
import type { CallMatch, Patterns } from "./rule.ts";
import { BUILT_IN, type ToolRequest } from "./tool-request.ts";

/**
 * Whether a call fits a match. What allows is read narrowly: every host and every value of a field has to fit, what is not known
 * does not, and tools of MCP servers are meant only where `origin` names them. What asks or forbids is read broadly:
 * one host or value is enough, and what is not known fits.
 */
export function matchesCall(match: CallMatch, request: ToolRequest, reading: Reading): boolean {
  const fits = (patterns: Patterns | undefined, text: string): boolean =>
    patterns === undefined || matchesAny(patterns, text, reading);
  return (
    fits(match.tool, request.tool) &&
    fits(match.origin ?? (reading === "narrow" ? BUILT_IN : undefined), request.origin) &&
    fits(match.agent, request.agent) &&
    (match.readOnly === undefined || match.readOnly === request.readOnly) &&
    fitsCost(match.costUsd, request.estimatedUsd) &&
    fitsHosts(match.hosts, request.hosts, reading) &&
    fitsTarget(match.target, request.target, fits) &&
    Object.entries(match.input ?? {}).every(([path, patterns]) =>
      each(valuesAt(request.input, path), reading, (value) => matchesAny(patterns, value, reading)),
    )
  );
}

function matchesAny(patterns: Patterns, text: string, reading: Reading): boolean {
  const list = typeof patterns === "string" ? [patterns] : patterns;
  return list.some((pattern) => matchesGlob(pattern, text, reading));
}

/** Of nothing, nothing fits: a rule about hosts or a field does not speak of calls without them. */
function each(values: readonly string[], reading: Reading, fits: (value: string) => boolean): boolean {
  return values.length > 0 && (reading === "narrow" ? values.every(fits) : values.some(fits));
}

function fitsCost(cost: CallMatch["costUsd"], estimatedUsd: number | null): boolean {
  if (cost === undefined) return true;
  const usd = estimatedUsd ?? Number.POSITIVE_INFINITY;
  return "above" in cost ? usd > cost.above : usd <= cost.atMost;
}

function fitsHosts(patterns: CallMatch["hosts"], hosts: ToolRequest["hosts"], reading: Reading): boolean {
  if (patterns === undefined) return true;
  if (hosts === "any") return reading === "broad";
  if (patterns.length === 0) return hosts.length === 0;
  const list = patterns.map(hostName);
  return each(hosts.map(hostName), reading, (host) => matchesAny(list, host, reading));
}

/** Names differ neither by case nor by the dot that ends a whole one. */
function hostName(name: string): string {
  return name.toLowerCase().replace(/\.$/, "");
}

function fitsTarget(
  match: CallMatch["target"],
  target: ToolRequest["target"],
  fits: (patterns: Patterns | undefined, text: string) => boolean,
): boolean {
  if (match === undefined) return true;
  if (target === null) return false;
  return (
    fits(match.name, target.name) &&
    (match.visibility === undefined || match.visibility === target.visibility)
  );
}

/** All plain values at and below a path of fields; lists are walked through. */
function valuesAt(input: Readonly<Record<string, unknown>>, path: string): readonly string[] {
  let found: readonly unknown[] = [input];
  for (const field of path.split(".")) {
    found = found
      .flatMap((value) => (Array.isArray(value) ? value : [value]))
      .flatMap((value) => own(value, field));
  }
  return found.flatMap(leaves);
}

function own(value: unknown, field: string): readonly unknown[] {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, field)) return [];
  return [(value as Record<string, unknown>)[field]];
}

function leaves(value: unknown): readonly string[] {
  if (value === undefined) return [];
  if (typeof value !== "object" || value === null) return [String(value)];
  return Object.values(value).flatMap(leaves);
}
