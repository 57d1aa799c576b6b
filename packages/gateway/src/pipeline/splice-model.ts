const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const [OPEN_OBJECT, CLOSE_OBJECT, OPEN_LIST, CLOSE_LIST] = [0x7b, 0x7d, 0x5b, 0x5d];

/**
 * The bytes of a JSON object with another value for its own member `model`, and nothing else changed. The bytes must be
 * valid JSON. A member that stands there twice is replaced twice, since readers differ in which one they take.
 */
export function spliceModel(body: Uint8Array<ArrayBuffer>, model: string): Uint8Array<ArrayBuffer> {
  const value = Buffer.from(JSON.stringify(model));
  const pieces: Uint8Array[] = [];
  let end = 0;
  for (const place of modelValues(body)) {
    pieces.push(body.subarray(end, place.start), value);
    end = place.end;
  }
  return Buffer.concat([...pieces, body.subarray(end)]);
}

/** Where the values of the outermost object's members `model` stand. */
function* modelValues(body: Uint8Array): Generator<{ readonly start: number; readonly end: number }> {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  let index = bytes.indexOf(OPEN_OBJECT) + 1;
  while (index > 0) {
    const keyStart = bytes.indexOf(QUOTE, index);
    if (keyStart === -1) return;
    const keyEnd = stringEnd(bytes, keyStart);
    const start = afterBlank(bytes, bytes.indexOf(0x3a, keyEnd) + 1);
    const end = valueEnd(bytes, start);
    // A key may be written with escapes and still be the same key.
    if (JSON.parse(bytes.toString("utf8", keyStart, keyEnd)) === "model") yield { start, end };
    index = afterBlank(bytes, end);
    if (bytes[index] !== COMMA) return;
    index++;
  }
}

/** Where the string that begins at `start` ends: after its closing quote. */
function stringEnd(bytes: Buffer, start: number): number {
  for (let quote = bytes.indexOf(QUOTE, start + 1); quote !== -1; quote = bytes.indexOf(QUOTE, quote + 1)) {
    let escapes = 0;
    while (bytes[quote - 1 - escapes] === BACKSLASH) escapes++;
    if (escapes % 2 === 0) return quote + 1;
  }
  return bytes.length;
}

function valueEnd(bytes: Buffer, start: number): number {
  let depth = 0;
  for (let index = start; index < bytes.length; index++) {
    const byte = bytes[index];
    if (byte === QUOTE) index = stringEnd(bytes, index) - 1;
    else if (byte === OPEN_OBJECT || byte === OPEN_LIST) depth++;
    else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) {
      if (depth === 0) return index;
      depth--;
    } else if (depth === 0 && (byte === COMMA || isBlank(byte))) return index;
    else continue;
    if (depth === 0) return index + 1;
  }
  return bytes.length;
}

function afterBlank(bytes: Buffer, start: number): number {
  let index = start;
  while (isBlank(bytes[index])) index++;
  return index;
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}
