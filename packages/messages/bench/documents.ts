/** A JSON text of about `size` characters of each shape. */
export const SHAPES: Readonly<Record<string, (size: number) => string>> = {
  "one big string": (size) => JSON.stringify({ path: "notes.txt", body: repeat(LINE, size) }),
  "many small objects": (size) =>
    list(size, (index) => ({ id: index, name: `item ${index}`, price: index * 1.25 })),
  sentences: (size) =>
    list(size, (index) => `Sentence number ${index} says something that is of no importance.`),
  "whole numbers": (size) => list(size, (index) => index % 1000),
  "one long number": (size) => `[${"1".repeat(size - 2)}]`,
  "escapes only": (size) => `"${"\\u00e9\\n".repeat(size / 8)}"`,
  emoji: (size) => JSON.stringify(repeat("😀é ", size)),
  "many keys": (size) => object(size, (index) => [`key ${index}`, index]),
  "nested 900 deep": (size) => `[${repeat(`${"[".repeat(900)}${"]".repeat(900)},`, size)}0]`,
};

const LINE = 'const greeting = "Hello, world"; // said once\n';

function repeat(text: string, size: number): string {
  return text.repeat(Math.max(1, Math.floor(size / text.length)));
}

function list(size: number, item: (index: number) => unknown): string {
  const items: string[] = [];
  for (let length = 0; length < size; length += (items.at(-1)?.length ?? 0) + 1) {
    items.push(JSON.stringify(item(items.length)));
  }
  return `[${items.join(",")}]`;
}

function object(size: number, member: (index: number) => [key: string, value: unknown]): string {
  const members: string[] = [];
  for (let length = 0; length < size; length += (members.at(-1)?.length ?? 0) + 1) {
    const [key, value] = member(members.length);
    members.push(`${JSON.stringify(key)}:${JSON.stringify(value)}`);
  }
  return `{${members.join(",")}}`;
}
