import { type Fault, fault, literal, object, type Shape, string, tagged, within } from "./shape.ts";

/** How the base64 text of each kind of picture begins. */
const BEGINNINGS: Readonly<Record<string, string>> = {
  "image/jpeg": "/9j/",
  "image/png": "iVBORw0KGgo",
  "image/gif": "R0lGOD",
  "image/webp": "UklGR",
};

const fields = object({ media_type: literal(...Object.keys(BEGINNINGS)), data: string() });

export const urlSource: Shape = object({ url: string({ min: 1 }) });

/** A picture's data or address. Data that is plainly a picture of another kind than it says is refused, as the API does. */
export const imageSource: Shape = tagged({ base64, url: urlSource });

function base64(value: unknown): Fault | null {
  const found = fields(value);
  if (found) return found;
  const { media_type: mediaType, data } = value as { readonly media_type: string; readonly data: string };
  if (data === "") return fault("image cannot be empty");
  if (!isBase64(data)) return fault("invalid base64 data");
  const begins = (kind: string): boolean => data.startsWith(BEGINNINGS[kind] ?? "\0");
  const isAnother = !begins(mediaType) && Object.keys(BEGINNINGS).some(begins);
  return isAnother
    ? within("data", fault(`Image does not match the provided media type ${mediaType}`))
    : null;
}

/** Looks for the first character that is wrong, since a pattern for the whole text would keep it all on a stack. */
function isBase64(data: string): boolean {
  if (data.length % 4 !== 0) return false;
  const end = data.search(/[^A-Za-z0-9+/]/);
  return end === -1 || (end >= data.length - 2 && /^={1,2}$/.test(data.slice(end)));
}
