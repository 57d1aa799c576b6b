import { stat } from "node:fs/promises";
import { type DocsOrigin, openDocs, type UpdatedDocs } from "@ml-intern/intern";
import type { DocsCommand } from "../command.ts";
import type { CommandContext } from "../command-context.ts";
import { EXIT } from "../exit-code.ts";
import { watchInterrupts } from "../interrupts.ts";
import { plural } from "../terminal/format.ts";

/** Documentation that the intern searches: what is kept, more of it, all of it anew, a search as the intern's tool makes it. */
export async function docs({ verb, subject, json }: DocsCommand, context: CommandContext): Promise<number> {
  const { home, env, out, error, style } = context;
  const documentation = await openDocs({ home, env });
  using interrupts = watchInterrupts({ onFirst: () => error("Stopping; what was read is kept …\n") });
  const { signal } = interrupts;
  const onProgress = ({ source, pages, of }: { source: string; pages: number; of: number }): void => {
    if (pages === of || pages % 10 === 0) error(style.dim(`${source}: ${pages} of ${of} pages\n`));
  };
  switch (verb) {
    case "list": {
      const sources = await documentation.sources(signal);
      if (json) out(`${JSON.stringify({ sources })}\n`);
      else if (sources.length === 0) out("Nothing is kept yet: `ml-intern docs add FOLDER|LIBRARY`.\n");
      for (const { id, version, pages, missing, listedAt } of json ? [] : sources) {
        const left = missing === 0 ? "" : `, ${missing} not read yet`;
        out(
          `${id}  ${style.dim(`${version ?? "version unknown"}, ${plural(pages, "page")}${left}, read ${day(listedAt)}`)}\n`,
        );
      }
      return EXIT.published;
    }
    case "add": {
      const origin = await originOf(subject ?? "");
      return told([await documentation.add({ origin, onProgress, signal })], json, context);
    }
    case "update": {
      const source = subject === null ? {} : { source: subject };
      return told(await documentation.update({ ...source, freshMs: 0, onProgress, signal }), json, context);
    }
    case "remove":
      await documentation.remove(subject ?? "", signal);
      out(`${subject} is not kept any more.\n`);
      return EXIT.published;
    case "search": {
      const { results, notes } = await documentation.search({ query: subject ?? "", signal });
      if (json) out(`${JSON.stringify({ results, notes })}\n`);
      for (const { title, section, url, anchor, version, snippet, warning } of json ? [] : results) {
        const heading = section === "" || section === title ? title : `${title}: ${section}`;
        out(`${heading} ${style.dim(version ?? "")}\n  ${url}${anchor === "" ? "" : `#${anchor}`}\n`);
        out(style.dim(`  ${snippet.replaceAll(/\s+/g, " ").slice(0, 200)}\n`));
        if (warning !== null) out(`  ${style.warning(warning)}\n`);
      }
      for (const note of json ? [] : notes) error(`${note}\n`);
      if (results.length === 0 && !json) out("Nothing was found.\n");
      return EXIT.published;
    }
    default:
      return verb satisfies never;
  }
}

/** A folder that is there, an address, or else the name of a library. */
async function originOf(subject: string): Promise<DocsOrigin> {
  if (/^https?:/.test(subject)) return { kind: "llms", url: subject };
  if (subject === "hub-api") return { kind: "openapi" };
  const isFolder = await stat(subject).then(
    (info) => info.isDirectory(),
    () => false, // then it is a name
  );
  return isFolder || /[\\/]/.test(subject)
    ? { kind: "folder", path: subject }
    : { kind: "library", library: subject };
}

function told(updated: readonly UpdatedDocs[], json: boolean, { out, style }: CommandContext): number {
  if (json) out(`${JSON.stringify({ updated })}\n`);
  for (const { source, added, changed, removed, unchanged, missing, failed, stopped } of json
    ? []
    : updated) {
    const facts = [`${added} added`, `${changed} changed`, `${removed} removed`, `${unchanged} as they were`];
    const left = missing > 0 ? `; ${missing} are still to be read: update it later` : "";
    out(`${source}: ${facts.join(", ")}${left}.\n`);
    for (const { path, why } of failed) out(style.warning(`  ${path}: ${why}\n`));
    if (stopped !== null) out(`  ${style.warning(stopped)}\n`);
  }
  return updated.every(({ stopped }) => stopped === null) ? EXIT.published : EXIT.environment;
}

function day(time: Date): string {
  return time.toISOString().slice(0, 10);
}
