/** What is wrong with a value, and where within it. */
export interface Fault {
  readonly path: readonly (string | number)[];
  readonly text: string;
}

/**
 * Looks at a value and says what is wrong with it first, or null. A shape builds nothing and copies nothing, so that a
 * request without faults costs one look at each of its fields. An absent value is `undefined`.
 */
export type Shape = (value: unknown) => Fault | null;

export type JsonObject = Readonly<Record<string, unknown>>;

export interface Range {
  readonly min?: number;
  readonly max?: number;
}

/** Any value at all, but not none. */
export const anything: Shape = (value) => (value === undefined ? fault("Field required") : null);

/** May be absent. */
export function optional(shape: Shape): Shape {
  return (value) => (value === undefined ? null : shape(value));
}

/** May be absent or null, which says the same. */
export function nullish(shape: Shape): Shape {
  return (value) => (value === undefined || value === null ? null : shape(value));
}

/** A string. `max` counts UTF-16 units. */
export function string({ min = 0, max = Number.POSITIVE_INFINITY }: Range = {}): Shape {
  return (value) => {
    if (typeof value !== "string") return wrong(value, "Input should be a valid string");
    if (value.length < min) return fault(`String should have at least ${count(min, "character")}`);
    return value.length > max ? fault(`String should have at most ${count(max, "character")}`) : null;
  };
}

/** A string that a pattern accepts. Only patterns of ours belong here: a client's could take forever. */
export function matching(pattern: RegExp): Shape {
  return (value) => {
    if (typeof value !== "string") return wrong(value, "Input should be a valid string");
    return pattern.test(value) ? null : fault(`String should match pattern '${pattern.source}'`);
  };
}

/** One of a few strings. */
export function literal(...allowed: readonly string[]): Shape {
  const quoted = allowed.map((each) => `'${each}'`);
  const text = `Input should be ${quoted.length < 2 ? quoted.join("") : `${quoted.slice(0, -1).join(", ")} or ${quoted.at(-1)}`}`;
  return (value) => (typeof value === "string" && allowed.includes(value) ? null : wrong(value, text));
}

export const boolean: Shape = (value) =>
  typeof value === "boolean" ? null : wrong(value, "Input should be a valid boolean");

export function integer({
  min = Number.NEGATIVE_INFINITY,
  max = Number.POSITIVE_INFINITY,
}: Range = {}): Shape {
  return (value) => {
    if (typeof value !== "number" || !Number.isInteger(value))
      return wrong(value, "Input should be a valid integer");
    if (value < min) return fault(`Input should be greater than or equal to ${min}`);
    return value > max ? fault(`Input should be less than or equal to ${max}`) : null;
  };
}

/** A number from `min` to `max`. */
export function numberBetween(min: number, max: number): Shape {
  return (value) => {
    if (typeof value !== "number") return wrong(value, "Input should be a valid number");
    return value >= min && value <= max ? null : fault(`range: ${min}..${max}`);
  };
}

/** An object, whatever it holds. */
export const dictionary: Shape = (value) =>
  isObject(value) ? null : wrong(value, "Input should be a valid dictionary");

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An object with these fields. Fields that are not named pass. */
export function object(fields: Readonly<Record<string, Shape>>): Shape {
  const entries = Object.entries(fields);
  return (value) => {
    if (!isObject(value)) return notAnObject(value);
    for (const [key, shape] of entries) {
      const found = shape(value[key]);
      if (found) return within(key, found);
    }
    return null;
  };
}

/** A list of values of one shape. */
export function list(shape: Shape, { max = Number.POSITIVE_INFINITY }: Pick<Range, "max"> = {}): Shape {
  return (value) => {
    if (!Array.isArray(value)) return wrong(value, "Input should be a valid list");
    if (value.length > max) {
      return fault(`List should have at most ${count(max, "item")} after validation, not ${value.length}`);
    }
    for (let index = 0; index < value.length; index++) {
      const found = shape(value[index]);
      if (found) return within(index, found);
    }
    return null;
  };
}

/** A string, or a list. */
export function stringOr(shape: Shape): Shape {
  return (value) => (typeof value === "string" ? null : shape(value));
}

/**
 * An object whose `type` says which shape it has. The kind stands in the path of a fault, as in
 * `messages.0.content.1.tool_use.input`.
 */
export function tagged(kinds: Readonly<Record<string, Shape>>): Shape {
  const shapes = new Map(Object.entries(kinds));
  const expected = [...shapes.keys()].map((kind) => `'${kind}'`).join(", ");
  return (value) => {
    if (!isObject(value)) return notAnObject(value);
    const { type } = value;
    if (typeof type !== "string") return within("type", wrong(type, "Input should be a valid string"));
    const shape = shapes.get(type);
    if (!shape) {
      return fault(
        `Input tag '${type.slice(0, 64)}' found using 'type' does not match any of the expected tags: ${expected}`,
      );
    }
    const found = shape(value);
    return found && within(type, found);
  };
}

/** The fault as a message: `<path>: <what is wrong>`. A kind and a field of one name stand in the path once. */
export function faultText({ path, text }: Fault): string {
  const steps = path.filter((step, index) => step !== path[index - 1] || typeof step === "number");
  return steps.length === 0 ? text : `${steps.join(".")}: ${text}`;
}

export function fault(text: string): Fault {
  return { path: [], text };
}

export function within(key: string | number, { path, text }: Fault): Fault {
  return { path: [key, ...path], text };
}

function wrong(value: unknown, text: string): Fault {
  return fault(value === undefined ? "Field required" : text);
}

function notAnObject(value: unknown): Fault {
  return wrong(value, "Input should be an object");
}

function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? "" : "s"}`;
}
