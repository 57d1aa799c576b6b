export function duration(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${whole % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Four digits after the point for small numbers, four significant ones for large. */
export function number(value: number): string {
  if (Number.isInteger(value)) return String(value);
  return Math.abs(value) < 100 ? value.toFixed(4) : value.toPrecision(6);
}

export function plural(count: number, noun: string): string {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}

export function dollars(usd: number | null): string {
  if (usd === null) return "cost unknown";
  return usd === 0 ? "$0" : `$${usd < 0.01 ? usd.toFixed(4) : usd.toFixed(2)}`;
}

export function mebibytes(bytes: number): string {
  return `${(bytes / 1024 ** 2).toLocaleString("en", { minimumFractionDigits: 1, maximumFractionDigits: 1 })} MiB`;
}
