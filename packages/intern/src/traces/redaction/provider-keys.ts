import type { FoundSecret } from "./found-secret.ts";
import { looksRandom } from "./looks-random.ts";

interface KeyFormat {
  readonly kind: string;
  readonly prefix: string;
  /** What follows the prefix, as the source of a regular expression. */
  readonly rest: string;
  readonly isReal?: (key: string) => boolean;
}

/** Keys that say themselves whose they are. To add a provider, add a row. */
const FORMATS: readonly KeyFormat[] = [
  { kind: "hf_token", prefix: "hf_", rest: "(?:(?:jwt|oauth)_[\\w.-]{20,4096}|[A-Za-z0-9]{28,512})" },
  { kind: "hf_token", prefix: "api_org_", rest: "[A-Za-z0-9]{28,512}" },
  { kind: "anthropic_key", prefix: "sk-ant-", rest: "[\\w-]{20,512}" },
  {
    kind: "openai_key",
    prefix: "sk-",
    rest: "(?:[a-z]{2,8}-){0,2}(?:v1-)?[\\w-]{20,512}",
    isReal: hasRandomWord,
  },
  { kind: "github_token", prefix: "ghp_", rest: "[A-Za-z0-9]{36,512}" },
  { kind: "github_token", prefix: "gho_", rest: "[A-Za-z0-9]{36,512}" },
  { kind: "github_token", prefix: "ghu_", rest: "[A-Za-z0-9]{36,512}" },
  { kind: "github_token", prefix: "ghs_", rest: "[A-Za-z0-9]{36,512}" },
  { kind: "github_token", prefix: "ghr_", rest: "[A-Za-z0-9]{36,512}" },
  { kind: "github_token", prefix: "github_pat_", rest: "\\w{36,512}" },
  { kind: "gitlab_token", prefix: "glpat-", rest: "[\\w-]{20,512}" },
  { kind: "aws_key_id", prefix: "AKIA", rest: "[A-Z0-9]{16}(?![A-Za-z0-9])" },
  { kind: "aws_key_id", prefix: "ASIA", rest: "[A-Z0-9]{16}(?![A-Za-z0-9])" },
  { kind: "google_key", prefix: "AIza", rest: "[\\w-]{35}(?![\\w-])" },
  { kind: "google_token", prefix: "ya29.", rest: "[\\w-]{20,512}" },
  { kind: "google_secret", prefix: "GOCSPX-", rest: "[\\w-]{28}" },
  { kind: "slack_token", prefix: "xox", rest: "[abeoprs]-[A-Za-z0-9-]{10,512}", isReal: hasDigit },
  { kind: "slack_token", prefix: "xapp-", rest: "\\d-[A-Za-z0-9-]{10,512}" },
  { kind: "stripe_key", prefix: "sk_live_", rest: "[A-Za-z0-9]{16,512}" },
  { kind: "stripe_key", prefix: "sk_test_", rest: "[A-Za-z0-9]{16,512}" },
  { kind: "stripe_key", prefix: "rk_live_", rest: "[A-Za-z0-9]{16,512}" },
  { kind: "stripe_key", prefix: "rk_test_", rest: "[A-Za-z0-9]{16,512}" },
  { kind: "stripe_secret", prefix: "whsec_", rest: "[A-Za-z0-9+/=]{24,512}" },
  { kind: "npm_token", prefix: "npm_", rest: "[A-Za-z0-9]{36}(?![A-Za-z0-9])" },
  { kind: "pypi_token", prefix: "pypi-", rest: "[\\w-]{50,512}" },
  { kind: "groq_key", prefix: "gsk_", rest: "[A-Za-z0-9]{40,512}" },
  { kind: "xai_key", prefix: "xai-", rest: "[A-Za-z0-9]{60,512}" },
  { kind: "nvidia_key", prefix: "nvapi-", rest: "[\\w-]{40,512}" },
  { kind: "replicate_token", prefix: "r8_", rest: "[A-Za-z0-9]{37,512}" },
  { kind: "langsmith_key", prefix: "lsv2_", rest: "(?:pt|sk)_[a-f0-9]{32}_[a-f0-9]{10}" },
  { kind: "sendgrid_key", prefix: "SG.", rest: "[\\w-]{22}\\.[\\w-]{43}" },
  { kind: "digitalocean_token", prefix: "dop_v1_", rest: "[a-f0-9]{64}" },
  {
    kind: "jwt",
    prefix: "eyJ",
    rest: "[\\w-]{8,2048}\\.[\\w-]{4,16384}(?:\\.[\\w-]{0,2048})?",
    isReal: isJwt,
  },
];

const BY_PREFIX = new Map(
  FORMATS.map((format) => [format.prefix, { ...format, rest: new RegExp(format.rest, "y") }]),
);
const PREFIX = new RegExp(
  [...BY_PREFIX.keys()]
    .sort((a, b) => b.length - a.length)
    .map((prefix) => prefix.replaceAll(".", "\\."))
    .join("|"),
  "g",
);

/** Finds keys by the prefix that their provider gives them, and JSON Web Tokens. */
export function* findProviderKeys(text: string): Generator<FoundSecret> {
  let done = 0;
  for (const { 0: prefix, index } of text.matchAll(PREFIX)) {
    const format = BY_PREFIX.get(prefix);
    if (format === undefined || index < done || !beginsWord(text, index)) continue;
    format.rest.lastIndex = index + prefix.length;
    const rest = format.rest.exec(text);
    if (rest === null) continue;
    const key = prefix + rest[0];
    // `hf_xxxxxxxx` stands where a key belongs.
    if (new Set(rest[0]).size < 5 || format.isReal?.(key) === false) continue;
    done = index + key.length;
    yield { start: index, end: done, kind: format.kind };
  }
}

/**
 * Whether a word begins at the index: also after an escape (`\n` in JSON within JSON, `%3D`) or a terminal's colour. A
 * dash or an underscore joins, so that a long run of words is looked at once.
 */
function beginsWord(text: string, index: number): boolean {
  const before = text.slice(Math.max(0, index - 16), index);
  return (
    !/[\w-]$/.test(before) ||
    /(?:\\[nrtbf]|\\u[0-9a-fA-F]{4}|%[0-9A-Fa-f]{2}|\[[0-9;]*m|(?:^|\s|\\n)[-_]{1,2})$/.test(before)
  );
}

function hasDigit(key: string): boolean {
  return /\d/.test(key);
}

/** Class names such as `sk-toggleable__label` are words; a key holds a run that is none. */
function hasRandomWord(key: string): boolean {
  return key.split(/[_-]/).some((word) => word.length >= 16 && looksRandom(word)) || looksRandom(key, 40);
}

function isJwt(text: string): boolean {
  try {
    const header: unknown = JSON.parse(Buffer.from(text.split(".")[0] ?? "", "base64url").toString("utf8"));
    return typeof header === "object" && header !== null && "alg" in header;
  } catch {
    return false; // three words with dots between them, and no token
  }
}
