import type { WebError } from "../../http/web-error.ts";
import type { Hub } from "../hub.ts";
import { type HubRepo, repoPage } from "../hub-repo.ts";
import { accessOf, type RepoFields } from "../repo-facts.ts";
import type { Told } from "./ask-viewer.ts";
import type { DatasetNote } from "./dataset-facts.ts";
import type * as viewer from "./viewer-answers.ts";

/** What stands between the data and their use. */
export function accessNotes(hub: Hub, repo: HubRepo, fields: RepoFields): DatasetNote[] {
  const { gated, licence } = accessOf(fields);
  const notes: DatasetNote[] = [];
  if (gated !== false) {
    const how = gated === "auto" ? "everybody who asks gets access" : "its owner decides who gets access";
    const mend = `Ask for access at ${repoPage(hub, repo)}, then use a token (HF_TOKEN) of the account that has it.`;
    notes.push(note("warn", `It is gated: ${how}.`, mend));
  }
  if (licence === null) {
    notes.push(
      note(
        "warn",
        "No licence is stated: nobody has said that it may be used.",
        "Ask its owner, or use another one.",
      ),
    );
  }
  return notes;
}

/** What the viewer could not look into. */
export function splitNotes(splits: viewer.Splits | null): DatasetNote[] {
  const names = (list: readonly viewer.Trouble[] | null | undefined): string =>
    (list ?? [])
      .map(({ config }) => config ?? "?")
      .slice(0, 20)
      .join(", ");
  const [pending, failed] = [names(splits?.pending), names(splits?.failed)];
  return [
    ...(pending === ""
      ? []
      : [note("info", `The viewer has not got to: ${pending}.`, "Ask again in a minute.")]),
    ...(failed === ""
      ? []
      : [note("warn", `The viewer cannot read: ${failed}.`, "Download those files and inspect them.")]),
  ];
}

/** Each reason once, however many questions it kept from an answer. */
export function unknownNotes(
  answers: readonly (Told<unknown> | null)[],
  { gated }: RepoFields,
): DatasetNote[] {
  const errors = new Map<string, WebError>();
  for (const answer of answers)
    if (answer?.kind === "unknown") errors.set(answer.error.message, answer.error);
  return [...errors.values()].map(({ message, mend, status }) => {
    const isGate =
      (status === 401 || status === 404) && gated !== undefined && gated !== null && gated !== false;
    return isGate
      ? note("stop", "This token may not read it: it is gated.", mend)
      : note("warn", message, mend);
  });
}

export function note(
  severity: DatasetNote["severity"],
  text: string,
  mend: string | null = null,
): DatasetNote {
  return { severity, text, mend };
}
