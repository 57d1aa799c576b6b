const AT_ONCE = 8;

/** Runs tasks, a few at a time. When one fails no new one begins, and the first failure is thrown after the others ended. */
export async function someAtOnce(tasks: readonly (() => Promise<void>)[]): Promise<void> {
  const rest = [...tasks].reverse();
  const failures: unknown[] = [];
  const work = async (): Promise<void> => {
    for (let task = rest.pop(); task !== undefined && failures.length === 0; task = rest.pop())
      await task().catch((error: unknown) => failures.push(error));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  if (failures.length > 0) throw failures[0];
}
