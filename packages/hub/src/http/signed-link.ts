import { createHmac, timingSafeEqual } from "node:crypto";

/** The facts that an upload address carries, protected by a signature: clients send no token with the bytes. */
export interface UploadTicket {
  /** The repository's lasting id, so that a ticket does not outlive its repository. */
  readonly repo: string;
  readonly sha256: string;
  readonly size: number;
  /** null for an upload in one piece. */
  readonly upload: string | null;
  /** From 1; null for the whole or for the last step of an upload in parts. */
  readonly part: number | null;
  /** Unix time in seconds. */
  readonly expires: number;
}

function fieldsOf(ticket: UploadTicket): URLSearchParams {
  const fields = new URLSearchParams({
    repo: ticket.repo,
    size: String(ticket.size),
    expires: String(ticket.expires),
  });
  if (ticket.upload !== null) fields.set("upload", ticket.upload);
  if (ticket.part !== null) fields.set("part", String(ticket.part));
  return fields;
}

function sign(secret: string, ticket: UploadTicket): Buffer {
  return createHmac("sha256", secret)
    .update(`${ticket.sha256}?${fieldsOf(ticket)}`)
    .digest();
}

/** The query part of an upload address. */
export function signTicket(secret: string, ticket: UploadTicket): string {
  const fields = fieldsOf(ticket);
  fields.set("signature", sign(secret, ticket).toString("hex"));
  return fields.toString();
}

/** The ticket in an upload address, or null when its signature is wrong or its time is over. */
export function readTicket(
  secret: string,
  { sha256, query, now }: { sha256: string; query: URLSearchParams; now: Date },
): UploadTicket | null {
  const part = query.get("part");
  const ticket: UploadTicket = {
    repo: query.get("repo") ?? "",
    sha256,
    size: Number(query.get("size")),
    upload: query.get("upload"),
    part: part === null ? null : Number(part),
    expires: Number(query.get("expires")),
  };
  const given = Buffer.from(query.get("signature") ?? "", "hex");
  const expected = sign(secret, ticket);
  const genuine = given.length === expected.length && timingSafeEqual(given, expected);
  return genuine && ticket.expires * 1000 > now.getTime() ? ticket : null;
}
