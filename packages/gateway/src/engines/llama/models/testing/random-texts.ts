/** What tokenizers treat in ways of their own, some of it much longer than others. */
const RUNS = [
  " ",
  "\n",
  "\t",
  "\r\n",
  " \n",
  "x",
  "é",
  "中",
  "😀",
  "7",
  "=",
  ".",
  "\u00a0",
  "\u3000",
] as const;
const ODD = [
  "'s",
  " ?",
  "e\u0301",
  "👨‍👩‍👧‍👦",
  "\u200b",
  "\ud800",
  "\ufffd",
  "</b>",
  "<|im_end|>",
  "<end_of_turn>",
] as const;
const CODE =
  'export function cut(text: string): number {\n  // why?\n\treturn text.length >= 2 ? 0x1f : "…";\n}\n\n';
const PROSE = "Zwölf Boxkämpfer jagen Viktor, and the model doesn't mind: 1,234.56 of 7890123 tokens! ";
/** The first characters of some scripts: Latin, Greek, Cyrillic, Arabic, Hindi, Thai, Chinese, Korean, emoji. */
const SCRIPTS = [0x20, 0x370, 0x400, 0x620, 0x900, 0xe00, 0x4e00, 0xac00, 0x1f300] as const;

/** A text of at least `length` characters, of a few kinds of writing or of all. */
export function randomText(random: () => number, length: number): string {
  const below = (limit: number): number => Math.floor(random() * limit);
  const pick = <T>(items: readonly T[]): T => items[below(items.length)] as T;
  const part = (source: string): string => source.repeat(30).slice(below(source.length), below(3000));
  const kinds = [
    () => pick(RUNS).repeat(1 + below(random() < 0.1 ? 6000 : 20)),
    () => pick(ODD).repeat(1 + below(4)),
    () => part(CODE),
    () => part(PROSE),
    () => Array.from({ length: below(30) }, () => below(10)).join(""),
    () => {
      const script = pick(SCRIPTS);
      return String.fromCodePoint(...Array.from({ length: below(200) }, () => script + below(90)));
    },
    () => Buffer.from(Array.from({ length: below(1500) }, () => below(256))).toString("base64"),
  ];
  const chosen = random() < 0.5 ? kinds : [pick(kinds), pick(kinds)];
  let text = "";
  while (text.length < length) text += pick(chosen)() || "\n";
  return text;
}

/** A text that every tokenizer gives back as it was. */
export function proseText(random: () => number, length: number): string {
  let text = "";
  while (text.length < length) {
    const source = random() < 0.5 ? CODE : PROSE;
    text += `${source.slice(0, Math.floor(random() * source.length))}${random() < 0.2 ? "中文。😀 Ünï\n\n" : " "}`;
  }
  return text;
}
