import { readSettings, section, type Variables } from "@ml-intern/gateway/settings";
import type { z } from "zod";
import { type McpSettings, mcpSchema, NO_MCP } from "../mcp/mcp-settings.ts";
import {
  NO_NOTIFICATIONS,
  type NotificationSettings,
  notificationsSchema,
} from "../notifications/notification-settings.ts";

/** What `intern.yaml` says, with defaults for what it leaves out. Each section belongs to the feature that reads it. */
export interface InternConfiguration {
  readonly mcp: McpSettings;
  readonly notifications: NotificationSettings;
}

const schema: z.ZodType<InternConfiguration> = section({
  mcp: mcpSchema.optional(),
  notifications: notificationsSchema.optional(),
}).transform(({ mcp = NO_MCP, notifications = NO_NOTIFICATIONS }) => ({ mcp, notifications }));

/** Settings of all sections whose values are secrets, or may hold one. */
const SECRETS: ReadonlySet<PropertyKey> = new Set(["env", "headers", "url", "secret"]);

/**
 * Reads the text of the file. Throws a `ConfigurationError` with every fault that it can find, each with line, column,
 * cause and mend.
 */
export function readInternConfiguration(
  text: string,
  { file, variables }: { readonly file: string; readonly variables: Variables },
): InternConfiguration {
  return readSettings(text, {
    file,
    variables,
    schema,
    secrets: SECRETS,
    mend: "docs/configuration.md has every setting; without the file everything has its default.",
  });
}
