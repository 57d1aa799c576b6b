/** Process groups that end with this process, when it ends of its own will and has no time left to wait for them. */
const groups = new Set<number>();

/** Returns the function that takes the group out again. */
export function killAtExit(group: number): () => void {
  if (groups.size === 0) process.on("exit", killAll);
  groups.add(group);
  return () => {
    groups.delete(group);
    if (groups.size === 0) process.off("exit", killAll);
  };
}

function killAll(): void {
  for (const group of groups) killGroup(group, "SIGKILL");
}

export function killGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch {
    // The group has ended already.
  }
}
