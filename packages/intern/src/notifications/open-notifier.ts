import { setTimeout as wait } from "node:timers/promises";
import { type Channel, DeliveryError } from "./channel.ts";
import { createDesktopChannel } from "./desktop-channel.ts";
import type { Notice } from "./notice.ts";
import { NoticeGate } from "./notice-gate.ts";
import type { ChannelSettings, NotificationSettings } from "./notification-settings.ts";
import { createSlackChannel } from "./slack-channel.ts";
import { createWebhookChannel } from "./webhook-channel.ts";

/** Why notices do not arrive on a channel. */
export interface NotifierProblem {
  readonly channel: string;
  readonly message: string;
  readonly mend: string;
}

export interface Notifier extends AsyncDisposable {
  /** Sends in the background. Never throws, never waits. */
  notify(notice: Notice): void;
}

export interface OpenNotifierOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Told once for each channel that does not work, for the person. Must not throw. */
  readonly onProblem: (problem: NotifierProblem) => void;
  /** Milliseconds before the second, third and fourth try. */
  readonly pausesMs?: readonly number[];
  /** Milliseconds that the disposal waits for what is under way. */
  readonly drainMs?: number;
}

const ATTEMPT_MS = 10_000;

/**
 * Sends notices to the configured channels: each to every channel that wants its kind, in order, with retries. Nothing
 * of it holds up or fails the work. The disposal lets what is under way arrive, for a few seconds.
 */
export function openNotifier(
  { channels }: NotificationSettings,
  { env, onProblem, pausesMs = [1_000, 2_000, 4_000], drainMs = 4_000 }: OpenNotifierOptions,
): Notifier {
  const gate = new NoticeGate();
  const stopped = new AbortController();
  const lanes = channels.map((settings) => ({
    on: new Set(settings.on),
    channel: openChannel(settings, env),
    last: Promise.resolve(),
    failed: false,
  }));
  return {
    notify(notice) {
      const admitted = gate.admit(notice, performance.now());
      if (admitted === null) return;
      for (const lane of lanes) {
        if (!lane.on.has(notice.kind)) continue;
        lane.last = lane.last.then(async () => {
          const problem = await deliver(lane.channel, admitted, { pausesMs, signal: stopped.signal });
          if (problem === null || lane.failed) return;
          lane.failed = true;
          onProblem(problem);
        });
      }
    },
    async [Symbol.asyncDispose]() {
      const all = Promise.all(lanes.map(({ last }) => last));
      const patience = new AbortController();
      await Promise.race([all, wait(drainMs, undefined, { signal: patience.signal }).catch(() => undefined)]);
      patience.abort();
      stopped.abort();
      await all;
    },
  };
}

/** Sends one notice to each channel, once, whatever kinds it wants, and says what happened; problems are null where it arrived. */
export async function tryChannels(
  { channels }: NotificationSettings,
  { notice, env, signal }: Pick<OpenNotifierOptions, "env"> & { notice: Notice; signal: AbortSignal },
): Promise<readonly { readonly channel: string; readonly problem: NotifierProblem | null }[]> {
  return Promise.all(
    channels.map(async (settings) => {
      const channel = openChannel(settings, env);
      return { channel: channel.name, problem: await deliver(channel, notice, { pausesMs: [], signal }) };
    }),
  );
}

function openChannel(settings: ChannelSettings, env: OpenNotifierOptions["env"]): Channel {
  switch (settings.type) {
    case "webhook":
      return createWebhookChannel(settings);
    case "slack":
      return createSlackChannel(settings);
    case "desktop":
      return createDesktopChannel({ env });
    default:
      return settings satisfies never;
  }
}

/** Never rejects. */
async function deliver(
  channel: Channel,
  notice: Notice,
  { pausesMs, signal }: { readonly pausesMs: readonly number[]; readonly signal: AbortSignal },
): Promise<NotifierProblem | null> {
  for (let attempt = 0; ; attempt++) {
    try {
      await channel.send(notice, AbortSignal.any([signal, AbortSignal.timeout(ATTEMPT_MS)]));
      return null;
    } catch (error) {
      const pause = pausesMs[attempt];
      const final = signal.aborted || (error instanceof DeliveryError && !error.retryable);
      if (pause === undefined || final) return problemOf(channel, error);
      const goesOn = await wait(pause, true, { signal }).catch(() => false);
      if (!goesOn) return problemOf(channel, error);
    }
  }
}

function problemOf({ name: channel }: Channel, error: unknown): NotifierProblem {
  const mend =
    error instanceof DeliveryError ? error.mend : "Look whether the address is right and can be reached.";
  return { channel, message: `Notices do not arrive on ${channel}: ${causeOf(error)}.`, mend };
}

/** What `fetch` throws names the cause only in its cause. */
function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "AbortError") return "it did not answer before the end";
  if (error.name === "TimeoutError") return `no answer within ${ATTEMPT_MS / 1000} s`;
  return error.cause instanceof Error && error.cause.message !== "" ? error.cause.message : error.message;
}
