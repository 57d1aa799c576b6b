import { secret } from "@ml-intern/gateway/settings";
import { z } from "zod";

const word = secret();

/** A header's value, which unlike a bare secret may be several words (`Bearer …`). */
export function headerValue(): z.ZodType<string> {
  return z.string().refine((value) => value.split(" ").every((part) => word.safeParse(part).success), {
    message: "holds line breaks or letters that no header can carry",
    params: { mend: "Look for a line break or a space at its end, or two spaces in a row." },
  });
}
