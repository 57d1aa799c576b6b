/** How sure a name is: `strong` names hold nothing but secrets, `weak` ones hold secrets among other things. */
export interface SecretName {
  readonly strength: "strong" | "weak";
  /** For the label. */
  readonly kind: string;
}

/** `token` belongs to language models as much as to services: these words before it make it a part of a text. */
const TOKENS_OF_TEXT = new Set(
  "pad eos bos unk sep cls mask special stop start end begin image audio video text word char byte sub next prev previous current first last per each new old added extra max min num total input output prompt completion generated sampled target source label class best top draft decoder encoder forced suppress newline space blank eot eom eod fim prefix suffix middle tool think user assistant system turn role header separator placeholder dummy oov lang language tgt src cost time price usd cents".split(
    " ",
  ),
);
/** The token of a person or of a service. A name in capitals counts as one, unless a word above says otherwise. */
const TOKENS_OF_SERVICES = new Set(
  "access refresh auth authentication authorization api bearer session csrf xsrf id oauth personal pat private secret deploy service security registration admin client app bot web webhook hf hub hugging face huggingface github gh gitlab slack discord telegram npm pypi wandb aws azure gcp google cloudflare databricks openai anthropic replicate ngc jupyter vault consul sentry datadog trainer comet neptune clearml modal".split(
    " ",
  ),
);
const KEYS = new Set(
  "api secret private access auth encryption encrypt decryption signing sign account shared master service subscription storage deploy license host ssh ssl tls gpg pgp hmac jwt cookie webhook consumer client app admin openai anthropic azure wandb kaggle groq mistral cohere gemini google together fireworks deepseek openrouter tavily serper serpapi pinecone qdrant langsmith langchain langfuse comet neptune".split(
    " ",
  ),
);
const KEYS_OF_DATA = new Set(
  "primary foreign cache public sort partition dict config state env label text input output column hash map index id image data dataset feature features target group join query value row record metric pk fk router query_key lookup unique natural composite".split(
    " ",
  ),
);
const ABOUT = new Set("is has no use uses num n max min count len total show hide require need".split(" "));

const judged = new Map<string, SecretName | null>();
const MOST_JUDGED = 10_000;

/**
 * What a name of a field, variable, option or header says about its value; null when it is not a secret's name. Names
 * come again and again in a trace, so answers are kept.
 */
export function secretName(name: string): SecretName | null {
  const known = judged.get(name);
  if (known !== undefined) return known;
  const answer = judge(name);
  if (judged.size >= MOST_JUDGED) judged.clear();
  judged.set(name, answer);
  return answer;
}

function judge(name: string): SecretName | null {
  if (/^(?:OLD)?PWD$/.test(name)) return null; // the shell's working directory
  const words = wordsOf(name);
  const last = words.at(-1) ?? "";
  const before = words.at(-2) ?? "";
  if (words.length > 1 && ABOUT.has(words[0] ?? "")) return null;
  const inCapitals = /^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$/.test(name);
  switch (last.endsWith("password") ? "password" : last) {
    case "password":
    case "passwd":
    case "passphrase":
    case "pwd":
    case "pass":
      if (last === "pass" && !inCapitals) return null;
      return { strength: "strong", kind: last === "passphrase" ? last : "password" };
    case "secret":
      return { strength: "strong", kind: "secret" };
    case "apikey":
    case "secretkey":
    case "accesskey":
    case "privatekey":
      return { strength: "strong", kind: "key" };
    case "authtoken":
    case "accesstoken":
      return { strength: "strong", kind: "token" };
    case "token":
      if (TOKENS_OF_TEXT.has(before)) return null;
      return {
        strength: inCapitals || TOKENS_OF_SERVICES.has(before) ? "strong" : "weak",
        kind: "token",
      };
    case "key":
      if (KEYS.has(before)) return { strength: "strong", kind: "key" };
      return inCapitals && !KEYS_OF_DATA.has(before) ? { strength: "weak", kind: "key" } : null;
    default:
      return null;
  }
}

/** The words of a name in lower case, without numbers: `hfToken2` and `HF-TOKEN` are `hf`, `token`. */
export function wordsOf(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter((word) => word !== "");
}
