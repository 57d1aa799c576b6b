import { z } from "zod";

const media = z.object({
  src: z.string(),
  height: z.number().optional(),
  width: z.number().optional(),
  type: z.string().optional(),
});

/** A cell as it is shown: long texts are cut, pictures and sounds are named without their short-lived addresses. */
export function shortenCell(cell: unknown, most = 300): unknown {
  if (typeof cell === "string") return cell.length > most ? `${cell.slice(0, most)}…` : cell;
  const file = media.safeParse(Array.isArray(cell) ? cell[0] : cell);
  if (file.success) {
    const { height, width, type } = file.data;
    if (type !== undefined) return `[${type}]`;
    return width === undefined || height === undefined ? "[file]" : `[image ${width}×${height}]`;
  }
  if (typeof cell !== "object" || cell === null) return cell;
  const text = JSON.stringify(cell);
  return text.length > most ? `${text.slice(0, most)}…` : cell;
}
