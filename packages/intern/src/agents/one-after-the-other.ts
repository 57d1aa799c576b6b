const newest = new Map<string, Promise<unknown>>();

/** Lets what goes by one name in this process wait until the one before has ended, however that ended. */
export async function oneAfterTheOther<Value>(name: string, action: () => Promise<Value>): Promise<Value> {
  const before = newest.get(name) ?? Promise.resolve();
  const mine = before.then(action, action);
  newest.set(name, mine);
  try {
    return await mine;
  } finally {
    if (newest.get(name) === mine) newest.delete(name);
  }
}
