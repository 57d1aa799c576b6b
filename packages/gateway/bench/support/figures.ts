import { cpus, loadavg } from "node:os";

/** The value below which this share of the values lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** A table in Markdown. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

/** Where and under which load figures were taken. */
export function machine(): string {
  const [one = 0] = loadavg();
  const cores = cpus();
  return `${cores.length} x ${cores[0]?.model.trim()}, Node ${process.versions.node}, load ${one.toFixed(2)}`;
}
