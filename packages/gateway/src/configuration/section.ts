import { z } from "zod";
import { nearest } from "./nearest.ts";

/**
 * An object of the configuration. Every key that it does not know is a fault of its own, reported at the key together with
 * the faults of the values, so that a person sees all of them at once.
 */
export function section<Shape extends z.core.$ZodLooseShape>(
  shape: Shape,
): z.ZodObject<Shape, z.core.$strict> {
  const known = Object.keys(shape);
  const checked = z.looseObject(shape).superRefine(
    (value, context) => {
      for (const key of Object.keys(value)) {
        if (known.includes(key)) continue;
        const meant = nearest(key, known);
        const mend = `${meant ? `Did you mean \`${meant}\`? ` : ""}Known here: ${known.join(", ")}.`;
        context.addIssue({
          code: "custom",
          path: [key],
          message: "is not a known setting",
          params: { mend, atKey: true },
        });
      }
    },
    { when: ({ value }) => typeof value === "object" && value !== null && !Array.isArray(value) },
  );
  // Loose only so that the check above sees unknown keys: what it lets pass has none.
  return checked as unknown as z.ZodObject<Shape, z.core.$strict>;
}
