import { httpUrl, longSecret, section } from "@ml-intern/gateway/settings";
import { z } from "zod";
import { headerValue } from "../configuration/header-value.ts";
import { NOTICE_KINDS, type NoticeKind } from "./notice.ts";

/** One way to a person, and what goes there. */
export type ChannelSettings = WebhookSettings | SlackSettings | DesktopSettings;

interface CommonChannelSettings {
  readonly on: readonly NoticeKind[];
}

export interface WebhookSettings extends CommonChannelSettings {
  readonly type: "webhook";
  readonly url: string;
  /** Signs what is sent; null sends it unsigned. */
  readonly secret: string | null;
  readonly headers: Readonly<Record<string, string>>;
}

export interface SlackSettings extends CommonChannelSettings {
  readonly type: "slack";
  readonly url: string;
}

export interface DesktopSettings extends CommonChannelSettings {
  readonly type: "desktop";
}

export interface NotificationSettings {
  readonly channels: readonly ChannelSettings[];
}

const on = z
  .array(z.enum(NOTICE_KINDS))
  .min(1)
  .default([...NOTICE_KINDS]);

const channel = z.discriminatedUnion("type", [
  section({
    type: z.literal("webhook"),
    url: httpUrl(),
    secret: longSecret().nullable().default(null),
    headers: z.record(z.string().min(1), headerValue()).default({}),
    on,
  }),
  section({ type: z.literal("slack"), url: httpUrl(), on }),
  section({ type: z.literal("desktop"), on }),
]);

/** The section `notifications` of the configuration. */
export const notificationsSchema: z.ZodType<NotificationSettings> = section({
  channels: z.array(channel).default([]),
});

export const NO_NOTIFICATIONS: NotificationSettings = { channels: [] };
