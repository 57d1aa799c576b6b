/** For packages that read a YAML file of their own in the way of this one: same variables, same words for faults. */
export { ConfigurationError } from "./configuration-error.ts";
export { type ReadSettingsOptions, readSettings } from "./read-settings.ts";
export { section } from "./section.ts";
export type { Variables } from "./substitute-variables.ts";
export { flag, httpUrl, longSecret, positiveNumber, secret, wholeNumber } from "./values.ts";
