import { checkReferences } from "./check-references.ts";
import { configurationSchema } from "./configuration-schema.ts";
import type { GatewayConfiguration } from "./gateway-configuration.ts";
import { readSettings } from "./read-settings.ts";
import type { Variables } from "./substitute-variables.ts";

export interface ReadConfigurationOptions {
  /** As the messages call the file. */
  readonly file: string;
  /** For `${NAME}`. */
  readonly variables: Variables;
  /** Names of the engines that there are when the file has no `engines`. */
  readonly defaultEngines: readonly string[];
}

/**
 * Reads a configuration file's text. Throws a {@link ConfigurationError} with every fault that it can find, each with
 * line, column, cause and mend. It never quotes a secret, nor a value that came from the environment.
 */
export function readConfiguration(
  text: string,
  { file, variables, defaultEngines }: ReadConfigurationOptions,
): GatewayConfiguration {
  return readSettings(text, {
    file,
    variables,
    schema: configurationSchema,
    secrets: SECRETS,
    mend: "`ml-intern serve --check` checks the file again without serving.",
    check: (value, isFromEnvironment) => checkReferences(value, { defaultEngines, isFromEnvironment }),
  });
}

const SECRETS: ReadonlySet<PropertyKey> = new Set(["apiKey", "cacheSalt", "key", "headers"]);
