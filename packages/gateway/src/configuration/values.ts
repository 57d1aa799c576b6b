import { z } from "zod";

/** A whole number, also as `100_000`, and as a string of digits: that is how values from the environment come. */
export function wholeNumber({ least, most }: { least: number; most?: number }): z.ZodType<number> {
  const number = z.int().min(least);
  return z.preprocess(numeric, most === undefined ? number : number.max(most));
}

export function positiveNumber(): z.ZodType<number> {
  return z.preprocess(numeric, z.number().positive());
}

/** `true` or `false`, also as a string from the environment. */
export function flag(): z.ZodType<boolean> {
  return z.preprocess((value) => (value === "true" ? true : value === "false" ? false : value), z.boolean());
}

export function httpUrl(): z.ZodType<string> {
  return z.string().refine(isHttpUrl, {
    message: "is not an http(s) URL",
    params: { mend: "Write a whole one, such as http://127.0.0.1:8000/v1." },
  });
}

/** A secret as it travels in a header: what no header can hold would fail at the first request, in a message that quotes it. */
export function secret(): z.ZodType<string> {
  return z
    .string()
    .min(1)
    .refine((value) => /^[\x21-\x7e]+$/.test(value), {
      message: "holds spaces, line breaks or letters that no header can carry",
      params: { mend: "Look for a line break at its end, or for half of it missing." },
    });
}

/** A secret that nobody is to guess: a key is made from it. */
export function longSecret(): z.ZodType<string> {
  return secret().refine((value) => value.length >= 32, {
    message: "is so short that somebody could guess it",
    params: { mend: "Write at least 32 characters, such as those of `openssl rand -hex 16`." },
  });
}

function numeric(value: unknown): unknown {
  const digits = typeof value === "string" ? value.replace(/(?<=\d)_(?=\d)/g, "") : "";
  return /^\d+(\.\d+)?$/.test(digits) ? Number(digits) : value;
}

function isHttpUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}
