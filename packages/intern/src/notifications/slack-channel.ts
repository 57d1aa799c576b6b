import type { Channel } from "./channel.ts";
import type { SlackSettings } from "./notification-settings.ts";
import { postJson } from "./post-json.ts";

/** Posts to an incoming webhook of Slack. The message is plain text; what shows it as markdown finds it escaped. */
export function createSlackChannel({ url }: SlackSettings): Channel {
  return {
    name: `slack ${new URL(url).host}`,
    async send({ title, text, session }, signal) {
      const plain = `${title}\n${text}\nsession ${session}`;
      const body = JSON.stringify({
        text: escapeMarkdown(plain),
        blocks: [{ type: "section", text: { type: "plain_text", text: plain, emoji: false } }],
      });
      await postJson({ url, body, mend: "Make a new incoming webhook in Slack, and set its `url`.", signal });
    },
  };
}

/** No links, no mentions of channels or people, and no emphasis: a zero-width space keeps marks from pairing. */
export function escapeMarkdown(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replace(/[*_~`]/g, "\u200b$&\u200b");
}
