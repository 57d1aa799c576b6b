import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { InstalledDocumentation } from "@ml-intern/lab";

/**
 * Writes what an installed package says of itself as Markdown, a page for each module, into a folder of its own, and gives that
 * folder. What stood there before is replaced as a whole.
 */
export async function writeInstalledDocs(
  { package: name, version, pages }: InstalledDocumentation,
  { folder }: { readonly folder: string },
): Promise<string> {
  const place = join(folder, `${name}-${version ?? "unknown"}`);
  const draft = `${place}.${process.pid}.tmp`;
  await rm(draft, { recursive: true, force: true });
  for (const page of pages) {
    const path = join(draft, `${page.module.replaceAll(".", "/")}.md`);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, pageOf(page));
  }
  await rm(place, { recursive: true, force: true });
  await rename(draft, place);
  return place;
}

type Page = InstalledDocumentation["pages"][number];

function pageOf({ module, doc, entries }: Page): string {
  const parts = entries.map(({ name, signature, doc, methods }) => {
    const shown = signature === null ? "" : `\n\`\`\`python\n${signature}\n\`\`\`\n`;
    const lines = methods.map(
      (each) => `- \`${each.name}${each.signature}\`: ${each.doc.replaceAll(/\s+/g, " ")}`,
    );
    const list = lines.length === 0 ? "" : `\n\nMethods:\n${lines.join("\n")}`;
    return `## ${name.slice(module.length + 1)}\n${shown}\n${asMarkdown(doc)}${list}`;
  });
  return `# ${module}\n\n${asMarkdown(doc)}\n\n${parts.join("\n\n")}\n`;
}

/**
 * Docstrings underline their headings; as Markdown those would be headings of the page, and every function would have a section
 * "Parameters".
 */
function asMarkdown(doc: string): string {
  return doc.replaceAll(/^(\S.*)\n[-=]{3,}$/gm, "**$1**\n").replaceAll(/^(#+) /gm, "\\$1 ");
}
