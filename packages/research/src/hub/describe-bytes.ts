const UNITS = ["bytes", "kB", "MB", "GB", "TB"] as const;

/** `1.2 GB`; thousands, as disks and the Hub count. */
export function describeBytes(bytes: number): string {
  const step = bytes < 1000 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** step;
  return `${step === 0 ? value : value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)} ${UNITS[step]}`;
}
