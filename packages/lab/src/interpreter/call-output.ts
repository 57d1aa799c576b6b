/** The output of one call to the interpreter, up to the mark that the driver writes behind it. */
export interface CallOutput {
  take(text: string): void;
  /** The beginning and the end of what was printed. */
  text(): string;
  /** Settles when the mark has come; or soon, when the code has closed its output and no mark can come. */
  ended(): Promise<void>;
}

const headCharacters = 10_000;
const tailCharacters = 20_000;
const patienceMs = 500;

export function callOutput(id: number, onOutput: ((text: string) => void) | undefined): CallOutput {
  const mark = `\0end ${id}\0`;
  let head = "";
  let tail = "";
  let omitted = 0;
  /** What may be the beginning of the mark, not yet passed on. */
  let held = "";
  let done = false;
  let onEnd: (() => void) | null = null;

  const keep = (text: string): void => {
    if (text === "") return;
    onOutput?.(text);
    const room = headCharacters - head.length;
    head += text.slice(0, Math.max(0, room));
    const all = tail + text.slice(Math.max(0, room));
    tail = all.slice(-tailCharacters);
    omitted += all.length - tail.length;
  };

  return {
    take(text) {
      if (done) return;
      held += text;
      const place = held.indexOf(mark);
      if (place >= 0) {
        keep(held.slice(0, place));
        done = true;
        onEnd?.();
        return;
      }
      const start = held.lastIndexOf("\0");
      const safe = start >= 0 && held.length - start < mark.length ? start : held.length;
      keep(held.slice(0, safe));
      held = held.slice(safe);
    },
    text: () => (omitted > 0 ? `${head}\n[… ${omitted} characters left out …]\n${tail}` : head + tail),
    ended: () =>
      new Promise((resolve) => {
        if (done) return resolve();
        const timer = setTimeout(resolve, patienceMs);
        onEnd = () => {
          clearTimeout(timer);
          resolve();
        };
      }),
  };
}
