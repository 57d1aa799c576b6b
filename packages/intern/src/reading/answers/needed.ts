import { ToolFailure } from "../../failures/tool-failure.ts";

/** An argument that an operation cannot do without. */
export function needed<Asked extends { readonly operation: string }, Name extends keyof Asked & string>(
  asked: Asked,
  name: Name,
): NonNullable<Asked[Name]> {
  const value = asked[name];
  const isBlank = typeof value === "string" && value.trim() === "";
  if (value !== undefined && value !== null && !isBlank) return value;
  throw new ToolFailure(
    "tool/wrong_arguments",
    `${asked.operation} needs ${name}.`,
    "Nothing was done. Send the call again with it.",
  );
}
