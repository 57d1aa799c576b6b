import { estimateTokens } from "../engines/estimate-tokens.ts";
import { marksCache } from "../limits/marks-cache.ts";
import type { Admission, AdmissionSubject, Admit, Asker } from "../routes/admission.ts";

/** The parts of a body that a limit looks at, before or after validation. */
export interface AdmittedBody {
  readonly model: string;
  readonly max_tokens?: unknown;
  readonly system?: unknown;
  readonly tools?: unknown;
  readonly messages?: unknown;
  readonly cache_control?: unknown;
}

export interface AdmittedOptions {
  readonly kind: AdmissionSubject["kind"];
  readonly admit: Admit;
  readonly asker: Asker;
}

/** Asks for admission. What comes back can be settled as often as is convenient: only the first time counts. */
export async function admitted(
  body: AdmittedBody,
  { kind, admit, asker }: AdmittedOptions,
): Promise<Admission> {
  const { model, max_tokens: most, system, tools, messages } = body;
  const subject: AdmissionSubject = {
    kind,
    model,
    maxTokens: typeof most === "number" && most > 0 ? most : 0,
    estimateInput: () => estimateTokens({ system, tools, messages }),
    marksCache: () => marksCache(body),
  };
  const { headers, settle } = await admit(subject, asker);
  let settled = false;
  return {
    headers,
    settle: (usage) => {
      if (settled) return;
      settled = true;
      settle(usage);
    },
  };
}
