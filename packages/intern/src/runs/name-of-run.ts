/** The budget's name for a run that goes on by itself. It is settled by whoever hears first that the run has ended. */
export function nameOfRun(run: string): string {
  return `run:${run}`;
}
