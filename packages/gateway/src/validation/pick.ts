import { z } from "zod";

/**
 * A schema chosen by looking at the value. Unlike a union it complains in the words of the one schema that was meant,
 * with the path to the very field.
 */
export function pick(choose: (value: unknown) => z.ZodType): z.ZodType {
  return z.unknown().superRefine((value, context) => {
    const { error } = choose(value).safeParse(value);
    context.issues.push(...((error?.issues ?? []) as z.core.$ZodRawIssue[]));
  });
}

/** A string, or what `list` says. */
export function stringOr(list: z.ZodType): z.ZodType {
  return pick((value) => (typeof value === "string" ? z.string() : list));
}

/** An object whose `type` selects its schema. Types that are not listed pass: an engine that cannot use one refuses it. */
export function byType(schemas: Readonly<Record<string, z.ZodType>>): z.ZodType {
  const unknownType = z.looseObject({ type: z.string() });
  return pick((value) => {
    const type = (value as { type?: unknown } | null | undefined)?.type;
    return (typeof type === "string" && Object.hasOwn(schemas, type) && schemas[type]) || unknownType;
  });
}
