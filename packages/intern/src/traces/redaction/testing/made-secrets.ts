/** A source of numbers from 0 up to 1 that gives the same ones for the same seed (mulberry32). */
export type Random = () => number;

export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const DIGITS = "0123456789";
const LOWER = "abcdefghijklmnopqrstuvwxyz";
const UPPER = LOWER.toUpperCase();
const ALNUM = DIGITS + LOWER + UPPER;
const HEX = "0123456789abcdef";
const URL_SAFE = `${ALNUM}-_`;

function some(random: Random, letters: string, length: number): string {
  return Array.from({ length }, () => letters[Math.floor(random() * letters.length)]).join("");
}

/** Keys whose form says whose they are. Put together here, so that no file holds text of that form. */
export const PROVIDER_KEYS: Readonly<Record<string, (random: Random) => string>> = {
  hf_token: (random) => `hf_${some(random, LOWER + UPPER, 34)}`,
  hf_org_token: (random) => `api_org_${some(random, LOWER + UPPER, 34)}`,
  anthropic_key: (random) => `sk-ant-api03-${some(random, URL_SAFE, 93)}AA`,
  openai_key: (random) => `sk-${some(random, ALNUM, 20)}T3BlbkFJ${some(random, ALNUM, 20)}`,
  openai_project_key: (random) => `sk-proj-${some(random, URL_SAFE, 120)}`,
  openrouter_key: (random) => `sk-or-v1-${some(random, HEX, 64)}`,
  deepseek_key: (random) => `sk-${some(random, HEX, 32)}`,
  messages_server_key: (random) => `sk-ml-intern-${some(random, URL_SAFE, 43)}`,
  github_personal: (random) => `ghp_${some(random, ALNUM, 36)}`,
  github_oauth: (random) => `gho_${some(random, ALNUM, 36)}`,
  github_server: (random) => `ghs_${some(random, ALNUM, 36)}`,
  github_fine_grained: (random) => `github_pat_${some(random, ALNUM, 22)}_${some(random, ALNUM, 59)}`,
  gitlab_token: (random) => `glpat-${some(random, URL_SAFE, 20)}`,
  aws_key_id: (random) => `AKIA${some(random, UPPER + DIGITS, 16)}`,
  aws_session_key_id: (random) => `ASIA${some(random, UPPER + DIGITS, 16)}`,
  google_key: (random) => `AIza${some(random, URL_SAFE, 35)}`,
  google_oauth: (random) => `ya29.${some(random, URL_SAFE, 80)}`,
  slack_bot: (random) =>
    `xoxb-${some(random, DIGITS, 12)}-${some(random, DIGITS, 12)}-${some(random, ALNUM, 24)}`,
  slack_user: (random) => `xoxp-${some(random, DIGITS, 12)}-${some(random, ALNUM, 32)}`,
  stripe_live: (random) => `sk_live_${some(random, ALNUM, 24)}`,
  stripe_restricted: (random) => `rk_live_${some(random, ALNUM, 24)}`,
  npm_token: (random) => `npm_${some(random, ALNUM, 36)}`,
  pypi_token: (random) => `pypi-AgEIcHlwaS5vcmc${some(random, URL_SAFE, 60)}`,
  groq_key: (random) => `gsk_${some(random, ALNUM, 52)}`,
  nvidia_key: (random) => `nvapi-${some(random, URL_SAFE, 64)}`,
  replicate_token: (random) => `r8_${some(random, ALNUM, 37)}`,
  langsmith_key: (random) => `lsv2_pt_${some(random, HEX, 32)}_${some(random, HEX, 10)}`,
  sendgrid_key: (random) => `SG.${some(random, ALNUM, 22)}.${some(random, ALNUM, 43)}`,
  jwt,
};

/** Secrets that only their place gives away. */
export const OTHER_SECRETS: Readonly<Record<string, (random: Random) => string>> = {
  opaque: (random) => some(random, ALNUM, 24 + Math.floor(random() * 24)),
  password: (random) => `${some(random, LOWER, 5)}${some(random, DIGITS, 2)}${some(random, UPPER, 2)}!`,
  letters: (random) => some(random, LOWER, 12),
  symbols: (random) => `${some(random, ALNUM, 4)}#${some(random, ALNUM, 3)}$!${some(random, ALNUM, 3)}`,
  digits: (random) => some(random, DIGITS, 10),
  aws_id: (random) => `AKIA${some(random, UPPER + DIGITS, 16)}`,
  aws_secret: (random) => some(random, `${ALNUM}+/`, 40),
  basic: (random) => Buffer.from(`ann:${some(random, ALNUM, 14)}`).toString("base64"),
  slack_path: (random) =>
    `T${some(random, UPPER + DIGITS, 8)}/B${some(random, UPPER + DIGITS, 8)}/${some(random, ALNUM, 24)}`,
  discord: (random) => some(random, URL_SAFE, 68),
  telegram: (random) => `${some(random, DIGITS.slice(1), 10)}:AA${some(random, URL_SAFE, 33)}`,
  pem,
  pem_escaped: (random) => pem(random).replaceAll("\n", "\\n"),
  pem_twice_escaped: (random) => pem(random).replaceAll("\n", "\\\\n"),
  pem_indented: (random) => pem(random).replaceAll(/^/gm, "    "),
  pem_cut: (random) => pem(random).split("\n").slice(0, 9).join("\n"),
  pem_encrypted: (random) =>
    pem(random).replace("\n", "\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0123456789ABCDEF\n\n"),
  jwt,
};

/** What looks like a secret and is none. */
export const HARMLESS: Readonly<Record<string, (random: Random) => string>> = {
  hex6: (random) => some(random, HEX, 6),
  hex7: (random) => some(random, HEX, 7),
  hex10: (random) => some(random, HEX, 10),
  hex32: (random) => some(random, HEX, 32),
  hex40: (random) => some(random, HEX, 40),
  hex64: (random) => some(random, HEX, 64),
  alnum8: (random) => some(random, LOWER + DIGITS, 8),
  alnum24: (random) => some(random, ALNUM, 24),
  alnum29: (random) => some(random, ALNUM, 29),
  base64_88: (random) => `${some(random, `${ALNUM}+/`, 86)}==`,
  base64_400: (random) => some(random, `${ALNUM}+/`, 400),
  uuid: (random) => [8, 4, 4, 4, 12].map((length) => some(random, HEX, length)).join("-"),
};

function jwt(random: Random): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const payload = { sub: some(random, DIGITS, 10), name: "Ann", iat: 1_700_000_000 };
  return `${part({ alg: "HS256", typ: "JWT" })}.${part(payload)}.${some(random, URL_SAFE, 43)}`;
}

function pem(random: Random): string {
  const kind = ["", "RSA ", "EC ", "OPENSSH "][Math.floor(random() * 4)] ?? "";
  const fence = (word: string): string => `-----${word} ${kind}PRIVATE KEY-----`;
  const lines = Array.from({ length: 12 }, () => some(random, `${ALNUM}+/`, 64));
  return [fence("BEGIN"), ...lines, `${some(random, ALNUM, 30)}==`, fence("END")].join("\n");
}
