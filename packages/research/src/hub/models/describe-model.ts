import { describeBytes } from "../describe-bytes.ts";
import { describeAccess } from "../repo-facts.ts";
import type { ConfigFacts, ModelFacts, Parameters } from "./model-facts.ts";

const MOST_FILES = 40;

/** A model as one Markdown document, of bounded length. */
export function describeModel(facts: ModelFacts): string {
  const { name, url, access, commit, task, library, baseModels, parameters, config, hasChatTemplate, files } =
    facts;
  const lines = [
    `- ${describeAccess(access)}`,
    `- ${[task, library].filter((part) => part !== null).join(", ") || "no task stated"}`,
    baseModels.length === 0 ? null : `- made from ${baseModels.join(", ")}`,
    parameters === null ? null : `- ${parametersLine(parameters)}`,
    config === null ? null : `- ${configLine(config)}`,
    hasChatTemplate === null ? null : `- chat template: ${hasChatTemplate ? "yes" : "none"}`,
    ...facts.notes.map(({ text, mend }) => `- note: ${text}${mend === null ? "" : ` ${mend}`}`),
  ];
  const total = files.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0);
  const listed = files
    .slice(0, MOST_FILES)
    .map(({ path, bytes }) => `- ${path}${bytes === null ? "" : ` (${describeBytes(bytes)})`}`);
  if (files.length > MOST_FILES) listed.push(`- and ${files.length - MOST_FILES} more`);
  const sections = [
    `# ${name}`,
    `${url} · commit ${commit.slice(0, 12)}`,
    lines.filter((line) => line !== null).join("\n"),
    listed.length === 0 ? "It has no files." : `## Files (${describeBytes(total)})\n\n${listed.join("\n")}`,
    facts.card === null ? "" : `## Card\n\n${facts.card}`,
  ];
  return sections.filter((text) => text !== "").join("\n\n");
}

function parametersLine({ total, byType }: Parameters): string {
  const types = Object.entries(byType).map(([type, count]) => `${type} ${large(count)}`);
  return `${large(total)} parameters${types.length === 0 ? "" : ` (${types.join(", ")})`}`;
}

function configLine(config: ConfigFacts): string {
  const { architecture, hiddenSize, layers, heads, contextLength, vocabulary, dtype, quantization, adapter } =
    config;
  const parts = [
    architecture,
    adapter === null
      ? null
      : `${adapter.kind} adapter${adapter.rank === null ? "" : ` of rank ${adapter.rank}`}`,
    hiddenSize === null ? null : `hidden size ${hiddenSize}`,
    layers === null ? null : `${layers} layers`,
    heads === null ? null : `${heads} heads`,
    contextLength === null ? null : `context ${contextLength.toLocaleString("en")}`,
    vocabulary === null ? null : `vocabulary ${vocabulary.toLocaleString("en")}`,
    dtype,
    quantization === null ? null : `quantized (${quantization})`,
  ];
  return parts.filter((part) => part !== null).join(", ") || "its configuration says nothing of its size";
}

function large(count: number): string {
  if (count >= 1e9) return `${(count / 1e9).toFixed(2)} B`;
  return count >= 1e6 ? `${(count / 1e6).toFixed(1)} M` : count.toLocaleString("en");
}
