import type { FoundSecret } from "./found-secret.ts";
import { looksRandom } from "./looks-random.ts";
import { isPlaceholder } from "./secret-value.ts";

interface Place {
  readonly kind: string;
  /** The first group is the secret. Begins with something rare and has no loop without a bound. */
  readonly pattern: RegExp;
  readonly isReal?: (secret: string) => boolean;
}

/** Places in which a secret stands whatever it looks like: addresses, headers, options of well-known programs. */
const PLACES: readonly Place[] = [
  {
    kind: "password",
    pattern: /:\/\/[^\s/:@"'<>\\]{0,128}:([^\s/@"'<>\\]{1,256})@/dg,
    isReal: isNoPlaceholder,
  },
  { kind: "token", pattern: /https?:\/\/([\w-]{20,256})@/dg, isReal: (secret) => looksRandom(secret) },
  {
    kind: "url_parameter",
    pattern:
      /[?&;](?:(?:[xX]-(?:[aA]mz|[gG]oog)-)?(?:[sS]ignature|[sS]ecurity-[tT]oken|[cC]redential)|sig|key|token|access_token|id_token|refresh_token|auth|api_?key|apiKey|password|secret|client_secret|code)=([^&\s"'<>#\\]{8,4096})/dg,
    isReal: (secret) => looksRandom(secret, 12) && !isPlaceholder(secret),
  },
  {
    kind: "authorization",
    pattern: /\b[Bb]earer\s{1,4}([\w.~+/=-]{16,4096})/dg,
    isReal: (secret) => looksRandom(secret),
  },
  {
    kind: "authorization",
    pattern:
      /\b[Aa]uthorization["'\\\]]{0,6}\s{0,4}[:=,]\s{0,4}[\\"']{0,4}f?(?:(?:[Bb]asic|[Tt]oken|[Aa]piKey|Key)\s{1,4})([\w.~+/=-]{8,4096})/dg,
    isReal: (secret) => looksRandom(secret, 12) || isBasic(secret),
  },
  {
    kind: "cookie",
    pattern:
      /\b(?:[Ss]et-)?[Cc]ookie["'\\\]]{0,6}\s{0,4}[:=]\s{0,4}["'\\]{0,4}([\w.%-]{1,64}=[^\r\n"'\\]{8,4096})/dg,
    isReal: (secret) => secret.split(/[;=\s]+/).some((part) => looksRandom(part)),
  },
  {
    kind: "slack_webhook",
    pattern: /hooks\.slack\.com\/(?:services|workflows|triggers)\/([A-Z]\w{7,12}\/[\w/]{16,200})/dg,
  },
  { kind: "discord_webhook", pattern: /discord(?:app)?\.com\/api\/webhooks\/\d{5,25}\/([\w-]{40,100})/dg },
  { kind: "telegram_token", pattern: /(?<!\d)(\d{8,10}:AA[\w-]{33})(?![\w-])/dg },
  {
    kind: "aws_secret_key",
    pattern: /(?:AKIA|ASIA)[A-Z0-9]{16}["'\\\s,:|]{1,8}([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])/dg,
  },
  { kind: "wandb_key", pattern: /\bwandb login (?:--\w{1,16} ){0,3}([0-9a-f]{40})\b/dg },
  {
    kind: "password",
    pattern: /\bcurl [^\n]{0,120}?(?:-u|--user)[ =]["'\\]{0,4}[\w.@%+-]{1,64}:([^\s"'\\:@/]{4,128})/dg,
    isReal: isNoPlaceholder,
  },
  {
    kind: "password",
    pattern: /\blogin [^\n]{0,80}?(?:-p|--password)[ =]["'\\]{0,4}([^\s"'\\]{4,256})/dg,
    isReal: isNoPlaceholder,
  },
  {
    kind: "password",
    pattern: /\bmysql(?:dump|admin)? [^\n]{0,80}?\s-p([^\s"'\\]{4,128})/dg,
    isReal: isNoPlaceholder,
  },
  {
    kind: "password",
    pattern:
      /\becho (?:-n )?["'\\]{0,4}([^\s"'\\]{8,256})["'\\]{0,4} \| [^\n]{0,80}?(?:\blogin\b|--password-stdin|--with-token)/dg,
    isReal: isNoPlaceholder,
  },
  {
    kind: "password",
    pattern:
      /<(?:\w{1,32}:)?\w{0,16}(?:[pP]assword|[sS]ecret|[aA]pi_?[kK]ey|[sS]ecret_?[kK]ey|[aA]ccess_?[tT]oken)>([^<>\s]{6,512})<\//dg,
    isReal: isNoPlaceholder,
  },
  {
    kind: "kaggle_key",
    pattern:
      /\busername["'\\]{1,6}\s?:\s?["'\\]{1,6}[\w.-]{1,64}["'\\]{1,6},\s{0,4}["'\\]{1,6}key["'\\]{1,6}\s?:\s?["'\\]{1,6}([0-9a-f]{32})\b/dg,
  },
  { kind: "password", pattern: /\bsshpass -p ?["'\\]{0,4}([^\s"'\\]{4,128})/dg, isReal: isNoPlaceholder },
];

export function* findInKnownPlaces(text: string): Generator<FoundSecret> {
  for (const { kind, pattern, isReal } of PLACES) {
    for (const match of text.matchAll(pattern)) {
      const [start, end] = match.indices?.[1] ?? [0, 0];
      if (isReal?.(match[1] ?? "") !== false) yield { start, end, kind };
    }
  }
}

function isNoPlaceholder(secret: string): boolean {
  return !isPlaceholder(secret) && !/^\d{1,5}$/.test(secret) && !/[{$]\w/.test(secret);
}

/** `user:password` in base64. */
function isBasic(secret: string): boolean {
  return /^[\x20-\x7e]+:[\x20-\x7e]*$/.test(Buffer.from(secret, "base64").toString("utf8"));
}
