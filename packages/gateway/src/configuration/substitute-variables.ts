import { type Document, type Node, type Scalar, visit } from "yaml";

export type Variables = Readonly<Record<string, string | undefined>>;

export interface MissingVariable {
  readonly node: Scalar;
  readonly message: string;
  readonly mend: string;
}

export interface Substitution {
  /** Values that came from the environment; messages must not quote them. */
  readonly substituted: ReadonlySet<Node | null>;
  readonly missing: readonly MissingVariable[];
}

/**
 * Puts environment variables where values say `${NAME}`, within the document; `${NAME:-text}` is that text where
 * the variable is not set or empty. `$${` stands for `${` itself. Variables are never read as YAML: a password may look like a
 * number or hold a colon.
 */
export function substituteVariables(document: Document, variables: Variables): Substitution {
  const substituted = new Set<Node | null>();
  const missing: MissingVariable[] = [];
  visit(document, {
    Scalar(key, node) {
      if (key === "key" || typeof node.value !== "string" || !node.value.includes("${")) return;
      node.value = node.value.replace(/\$?\$\{([^}]*)\}/g, (text: string, inner: string) => {
        if (text.startsWith("$$")) return text.slice(1);
        substituted.add(node);
        const [, name = inner, fallback] = /^([A-Za-z_]\w*):-(.*)$/s.exec(inner) ?? [];
        const value = variables[name] || fallback;
        if (value !== undefined) return value;
        missing.push({ node, ...explain(name, variables[name]) });
        return "";
      });
    },
  });
  return { substituted, missing };
}

function explain(name: string, value: string | undefined): { message: string; mend: string } {
  if (!/^[A-Za-z_]\w*$/.test(name)) {
    return {
      message: `\${${name}} is not the name of an environment variable`,
      mend: "Use letters, digits and underscores. A second dollar sign in front keeps the text as it is.",
    };
  }
  const state = value === undefined ? "is not set" : "is empty";
  return {
    message: `the environment variable ${name} ${state}`,
    mend: `Set ${name} before the start, or take this setting out.`,
  };
}
