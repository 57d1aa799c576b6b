import type { Random } from "@ml-intern/testkit";

type Container = Record<string, unknown> | unknown[];

const KINDS = [
  ..."text image document search_result thinking redacted_thinking tool_use tool_result server_tool_use".split(
    " ",
  ),
  ..."tool_addition tool_reference base64 url file content ephemeral custom auto any tool none enabled".split(
    " ",
  ),
  ..."adaptive disabled between_tools json_schema mcp_toolset bash_20250124 function create continue".split(
    " ",
  ),
  ..."user assistant system clear_thinking_20251015 object string integer".split(" "),
];

const NAMES = [
  ..."type text content source data media_type cache_control ttl id name input tool_use_id is_error title".split(
    " ",
  ),
  ..."messages system tools model max_tokens stream thinking budget_tokens tool_choice input_schema required".split(
    " ",
  ),
  ..."input_examples properties $ref enum citations temperature top_k thread stop_sequences novel".split(" "),
  ...["__proto__", "constructor", "toString", "length", "", "0", "a b", "é"],
];

const SCALARS: readonly unknown[] = [
  null,
  true,
  false,
  0,
  1,
  -1,
  1023,
  1024,
  0.5,
  1e308,
  -1e-300,
  2 ** 53,
  "",
  " ",
  "x",
  "é😀",
  "\u0000",
  "\ud800",
  "toolu_1",
  "5m",
  "1h",
  "#",
  "#/properties/a",
  "2026-10-21",
  "scripted/m",
  "scripted/claude-opus-5-5",
  "nobody",
];

/** A copy of a JSON value with one to four changes. `others` lend parts. */
export function mutateValue(value: unknown, others: readonly unknown[], random: Random): unknown {
  const holder: Container = [structuredClone(value)];
  for (let left = 1 + random.below(4); left > 0; left--) change(holder, others, random);
  return holder[0];
}

function change(holder: Container, others: readonly unknown[], random: Random): void {
  const [container, key] = somePlace(holder, random);
  const value = Reflect.get(container, key);
  switch (random.below(12)) {
    case 0:
      remove(container, key);
      break;
    case 1:
      set(container, key, random.pick(SCALARS));
      break;
    case 2:
      set(container, key, random.pick(KINDS));
      break;
    case 3:
      set(
        container,
        key,
        random.pick([[], {}, [value], { type: value }, [value, value], { [random.pick(NAMES)]: value }]),
      );
      break;
    case 4:
    case 5:
      set(container, key, structuredClone(partOf(random.pick(others), random)));
      break;
    case 6:
      if (Array.isArray(value))
        value.splice(random.below(value.length + 1), 0, structuredClone(partOf(value, random)));
      else if (isObject(value))
        set(value, random.pick(NAMES), structuredClone(partOf(random.pick(others), random)));
      break;
    case 7:
      if (Array.isArray(value)) value.sort(() => random.below(3) - 1);
      else if (isObject(value)) rename(value, random);
      break;
    case 8:
      if (Array.isArray(value) && value.length > 0)
        value.splice(random.below(value.length), 1 + random.below(2));
      else if (isObject(value)) set(value, random.pick(NAMES), random.pick(SCALARS));
      break;
    case 9:
      if (typeof value === "number")
        set(container, key, random.pick([-value, value + 1, value / 3, value * 1e9]));
      else if (typeof value === "string") set(container, key, changedText(value, random));
      break;
    case 10:
      if (Array.isArray(value))
        set(
          container,
          key,
          Array.from({ length: random.below(50) }, () => partOf(value, random)),
        );
      else set(container, key, nested(random.below(300), value));
      break;
    default:
      if (isObject(value))
        set(value, "cache_control", { type: "ephemeral", ...(random.oneIn(2) ? { ttl: "1h" } : {}) });
  }
}

/** A member or item anywhere in a value. */
function somePlace(holder: Container, random: Random): [Container, string | number] {
  let container = holder;
  for (;;) {
    const keys = Object.keys(container);
    const key = random.pick(keys);
    const value: unknown = Reflect.get(container, key);
    const deeper = isContainer(value) && Object.keys(value).length > 0;
    if (!deeper || random.oneIn(4)) return [container, Array.isArray(container) ? Number(key) : key];
    container = value;
  }
}

function partOf(value: unknown, random: Random): unknown {
  if (!isContainer(value) || Object.keys(value).length === 0) return value;
  const [container, key] = somePlace(value, random);
  return Reflect.get(container, key);
}

function changedText(value: string, random: Random): string {
  const at = random.below(value.length + 1);
  const piece = random.pick(["", " ", "\\", '"', "\ud83d", "é", "\u0000", "A", "-", "/", "x".repeat(600)]);
  return value.slice(0, at) + piece + value.slice(at + random.below(3));
}

function nested(depth: number, value: unknown): unknown {
  let wrapped = value;
  for (let level = 0; level < depth; level++) wrapped = level % 2 === 0 ? [wrapped] : { a: wrapped };
  return wrapped;
}

function rename(value: Record<string, unknown>, random: Random): void {
  const names = Object.keys(value);
  if (names.length === 0) return;
  const name = random.pick(names);
  set(value, random.pick(NAMES), value[name]);
  delete value[name];
}

/** As JSON sets members: `__proto__` is a name like any other. */
function set(container: Container, key: string | number, value: unknown): void {
  Object.defineProperty(container, key, { value, enumerable: true, configurable: true, writable: true });
}

function remove(container: Container, key: string | number): void {
  if (Array.isArray(container)) container.splice(Number(key), 1);
  else Reflect.deleteProperty(container, key);
  if (Array.isArray(container) && container.length === 0) container.push(null);
}

function isContainer(value: unknown): value is Container {
  return typeof value === "object" && value !== null;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return isContainer(value) && !Array.isArray(value);
}
