import type { ApprovalRequest, CallAnswer } from "@ml-intern/intern";

/**
 * What the person says to a request; where nobody can be asked, terms of a contract are taken, since nothing leaves the
 * machine, and whatever reaches beyond it needs --yes.
 */
export async function approve(
  request: ApprovalRequest,
  options: {
    readonly yes: boolean;
    /** Null where nobody can be asked. */
    readonly ask: ((request: ApprovalRequest) => Promise<boolean | CallAnswer>) | null;
    readonly error: (text: string) => void;
  },
): Promise<boolean | CallAnswer> {
  const { yes, ask, error } = options;
  const outward = request.kind === "publish" && !request.url.startsWith("http://127.0.0.1");
  if (yes || (request.kind === "publish" && !outward)) return true;
  if (ask !== null) return await ask(request);
  if (outward) error(`Publishing to ${request.url} needs --yes when nobody can be asked.\n`);
  return request.kind === "contract";
}
