import { anotherMayAnswer, statusOf } from "./another-may-answer.ts";

export interface OrElseOptions<T> {
  /** Makes the events to take instead. */
  readonly next: () => AsyncIterable<T>;
  readonly signal: AbortSignal;
}

/**
 * The same events; where they fail before the first one in a way that another may not share, those of `next`. When
 * those refuse the request itself, the first failure is the one that is thrown.
 */
export async function* orElse<T>(
  events: AsyncIterable<T>,
  { next, signal }: OrElseOptions<T>,
): AsyncGenerator<T> {
  let begun = false;
  let failure: unknown;
  try {
    for await (const event of events) {
      begun = true;
      yield event;
    }
    return;
  } catch (error) {
    if (begun || signal.aborted || !anotherMayAnswer(statusOf(error))) throw error;
    failure = error;
  }
  try {
    for await (const event of next()) {
      begun = true;
      yield event;
    }
  } catch (error) {
    throw begun || anotherMayAnswer(statusOf(error)) ? error : failure;
  }
}
