/** A bounded map that forgets what has not been asked for the longest. */
export interface LeastRecentlyUsed<Value> {
  get(key: string): Value | undefined;
  set(key: string, value: Value): void;
}

export function createLeastRecentlyUsed<Value>(capacity: number): LeastRecentlyUsed<Value> {
  const entries = new Map<string, Value>();
  return {
    get(key) {
      const value = entries.get(key);
      if (value === undefined) return undefined;
      entries.delete(key);
      entries.set(key, value);
      return value;
    },
    set(key, value) {
      entries.delete(key);
      entries.set(key, value);
      if (entries.size <= capacity) return;
      const oldest = entries.keys().next();
      if (!oldest.done) entries.delete(oldest.value);
    },
  };
}
