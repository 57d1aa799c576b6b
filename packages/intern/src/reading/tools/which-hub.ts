import { z } from "zod";
import { type Library, openedLibrary, type WhichHub } from "../library.ts";

export const hubSchema: z.ZodDefault<z.ZodEnum<{ huggingface: "huggingface"; embedded: "embedded" }>> = z
  .enum(["huggingface", "embedded"])
  .default("huggingface");

const VIEWER = "datasets-server.huggingface.co";

/** The hosts that a call to a hub reaches; the embedded hub is none, since nothing leaves this machine. */
export function hubHosts(library: Library | null, which: WhichHub): readonly string[] | "any" {
  if (library === null) return "any";
  const { url, viewerUrl } = openedLibrary(library).hub(which);
  return [new URL(url).hostname, ...(viewerUrl === null ? [] : [VIEWER])];
}
