import { z } from "zod";

/** Whose prompts states are of. */
export interface StateOwner {
  readonly workspace: string;
  /** As requests name it at the engine. */
  readonly model: string;
}

const schema = z.tuple([z.string(), z.string()]);

/** The owner as files have it. */
export function ownerLabel({ workspace, model }: StateOwner): Buffer {
  return Buffer.from(JSON.stringify([workspace, model]));
}

/** Null when the bytes are no label. */
export function readOwnerLabel(bytes: Buffer): StateOwner | null {
  try {
    const [workspace, model] = schema.parse(JSON.parse(bytes.toString()));
    return { workspace, model };
  } catch {
    // Whatever it says, nobody knows whose it is.
    return null;
  }
}
