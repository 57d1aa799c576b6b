import { readSettings, section, type Variables } from "@ml-intern/gateway/settings";
import type { z } from "zod";
import { approvalsSchema } from "../approvals/approvals-schema.ts";
import type { ApprovalSettings } from "../approvals/policy.ts";
import type { BudgetSettings } from "../budget/budget-limits.ts";
import { budgetSchema } from "../budget/budget-schema.ts";
import { type McpSettings, mcpSchema, NO_MCP } from "../mcp/mcp-settings.ts";
import {
  NO_NOTIFICATIONS,
  type NotificationSettings,
  notificationsSchema,
} from "../notifications/notification-settings.ts";
import { DEFAULT_WEB, type WebSettings, webSchema } from "../reading/web-settings.ts";

/** What `intern.yaml` says, with defaults for what it leaves out. Each section belongs to the feature that reads it. */
export interface InternConfiguration {
  readonly approvals: ApprovalSettings;
  readonly budget: BudgetSettings;
  readonly mcp: McpSettings;
  readonly notifications: NotificationSettings;
  readonly web: WebSettings;
}

const schema: z.ZodType<InternConfiguration> = section({
  approvals: approvalsSchema.optional(),
  budget: budgetSchema.optional(),
  mcp: mcpSchema.optional(),
  notifications: notificationsSchema.optional(),
  web: webSchema.optional(),
}).transform(
  ({ approvals = {}, budget = {}, mcp = NO_MCP, notifications = NO_NOTIFICATIONS, web = DEFAULT_WEB }) => ({
    approvals,
    budget,
    mcp,
    notifications,
    web,
  }),
);

/** Settings of all sections whose values are secrets, or may hold one. */
const SECRETS: ReadonlySet<PropertyKey> = new Set(["env", "headers", "url", "secret", "key"]);

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
