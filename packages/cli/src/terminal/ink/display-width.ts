const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** What a person takes for one character: an accented letter, a flag or a family emoji is one. */
export function graphemes(text: string): string[] {
  return isAscii(text) ? [...text] : [...segmenter.segment(text)].map(({ segment }) => segment);
}

/** Cells of a terminal that the text takes; it must have no line breaks and no control sequences. */
export function displayWidth(text: string): number {
  if (isAscii(text)) return text.length;
  return graphemes(text).reduce((sum, grapheme) => sum + cells(grapheme), 0);
}

const WIDE =
  /\p{Emoji_Presentation}|\uFE0F|[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uA960-\uA97C\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF01-\uFF60\uFFE0-\uFFE6]|[\u{17000}-\u{18DFF}\u{1B000}-\u{1B2FF}\u{20000}-\u{3FFFD}]/u;
const INVISIBLE = /^[\p{Mark}\p{Default_Ignorable_Code_Point}]*$/u;

function cells(grapheme: string): number {
  if (INVISIBLE.test(grapheme)) return 0;
  return WIDE.test(grapheme) ? 2 : 1;
}

function isAscii(text: string): boolean {
  return /^[ -~]*$/.test(text);
}
