import { looksRandom } from "./looks-random.ts";
import { type SecretName, wordsOf } from "./secret-name.ts";

/**
 * How the value stands beside its name: `quoted` as text, `bare` behind a sign as in shells, YAML and code, `spaced`
 * behind nothing but white space.
 */
export type ValueForm = "quoted" | "bare" | "spaced";

/** What manuals and tests write where a secret belongs. */
const PLACEHOLDER_WORDS = new Set(
  "a an the my your our some any no not none null nil undefined true false yes token key secret password passwd pwd pass api auth access private id value string str int bool bytes text type example sample test testing dummy fake mock foo bar baz placeholder changeme change me replace insert enter here paste put x xx xxx xxxx todo tbd empty unset default local localhost ollama vllm sglang lm studio needed required optional unused redacted hidden masked removed omitted include omit same origin inherit env environ os hf huggingface openai anthropic github wandb aws user username name admin client service".split(
    " ",
  ),
);
const EXPRESSION = /[()[\]{}<>|;`]|^[$%@*&!]|=>|\.\.\.|…/;
const IDENTIFIER = /^[A-Za-z_$][\w$]*(?:(?:\??\.|::|->)[A-Za-z_$][\w$]*)*[,:.!?]?$/;
const PATH = /^(?:~|\.{0,2})\/[\w.~-]*(?:\/[\w.~-]*)*$/;
const AWS_SECRET_LENGTH = 40;

/** Whether a value that stands beside a secret's name is that secret, and not an example, a variable or a piece of code. */
export function isSecretValue(
  value: string,
  { name, secret, form }: { name: string; secret: SecretName; form: ValueForm },
): boolean {
  if (value.length < 6) return false;
  if (secret.strength === "weak") return looksRandom(value) && !isPlaceholder(value, name);
  if (form === "spaced") return looksRandom(value, 20) && !PATH.test(value);
  if (PATH.test(value) && value.length !== AWS_SECRET_LENGTH) return false;
  if (isPlaceholder(value, name)) return false;
  const isPassword = secret.kind === "password" || secret.kind === "passphrase";
  if (/^[\d.,_-]+$/.test(value)) return isPassword && value.length >= 6 && !/[.,]/.test(value);
  if (form === "quoted") {
    // People choose passwords; keys and tokens are made by machines.
    if ((secret.kind === "token" || secret.kind === "key") && !/\d|[a-z][A-Z]+[a-z]/.test(value))
      return false;
    if (/[{<$][\w.{<]|%[sd(]/.test(value)) return false; // a template
    return !/\s/.test(value) || (secret.kind === "passphrase" && /^[\w-]+(?: [\w-]+){2,11}$/.test(value));
  }
  if (EXPRESSION.test(value) || /:[^:]*:[^:]*:/.test(value)) return false; // code, or a line of /etc/passwd
  if (!IDENTIFIER.test(value)) return true;
  // `password=hunter2` and `DB_PASSWORD=letmein` against `password=password_of_user` and `key=args.api_key`.
  const digits = value.replace(/\D/g, "").length;
  if (digits >= (isPassword ? 1 : 3) && !value.includes(".")) return true;
  if (looksRandom(value)) return true;
  return (
    /^[A-Z0-9_]+$/.test(name) && !/[._]/.test(value) && (value.length >= 24 || !/[a-z][A-Z]/.test(value))
  );
}

/** Whether a value only keeps the place of a secret: `<your token>`, `$HF_TOKEN`, `xxxx`, `[redacted …]`. */
export function isPlaceholder(value: string, name = ""): boolean {
  const trimmed = value.trim();
  if (trimmed.length === 0 || /^\[redacted /.test(trimmed)) return true;
  if (/^[<${%]|^(.)\1*$|[xX*•.]{4,}|\.\.\.|…/.test(trimmed)) return true;
  const words = wordsOf(trimmed);
  if (words.length === 0) return false;
  const known = new Set(wordsOf(name));
  const digits = trimmed.replace(/\D/g, "").length;
  return digits < 4 && words.every((word) => known.has(word) || isPlaceholderWord(word));
}

function isPlaceholderWord(word: string): boolean {
  return PLACEHOLDER_WORDS.has(word) || /^(?:my|your|some|the|new)(?:password|token|secret|key)$/.test(word);
}
