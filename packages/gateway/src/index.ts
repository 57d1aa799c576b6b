export { Batches, type BatchesOptions } from "./batches/batches.ts";
export {
  type CacheScope,
  type HeldPrompts,
  isInScope,
  type PromptHolder,
  takeOut,
} from "./cache/held-prompts.ts";
export { type KeptPrompts, openKeptPrompts } from "./cache/open-kept-prompts.ts";
export {
  type OpenedPromptCache,
  type OpenPromptCacheOptions,
  openPromptCache,
} from "./cache/open-prompt-cache.ts";
export { ConfigurationError, type ConfigurationProblem } from "./configuration/configuration-error.ts";
export type { EngineSettings } from "./configuration/engine-schema.ts";
export type { GatewayConfiguration } from "./configuration/gateway-configuration.ts";
export { isLoopback } from "./configuration/is-loopback.ts";
export { keyDigest } from "./configuration/key-digest.ts";
export { type OpenEnginesOptions, type OpenedEngines, openEngines } from "./configuration/open-engines.ts";
export { type Installation, openInstallation } from "./configuration/open-installation.ts";
export { priceSchema } from "./configuration/price-schema.ts";
export { type ReadConfigurationOptions, readConfiguration } from "./configuration/read-configuration.ts";
export {
  createGateway,
  type Gateway,
  type GatewayKey,
  type GatewayLogEntry,
  type GatewayOptions,
} from "./create-gateway.ts";
export {
  type AnthropicEngineOptions,
  createAnthropicEngine,
} from "./engines/anthropic/create-anthropic-engine.ts";
export type {
  Engine,
  EngineModel,
  GenerateOptions,
  RelayedAnswer,
  RelayRequest,
} from "./engines/engine.ts";
export { createLlamaEngine, type LlamaEngine } from "./engines/llama/create-llama-engine.ts";
export type {
  LlamaEngineOptions,
  LlamaModelOptions,
  PromptStates,
} from "./engines/llama/llama-engine-options.ts";
export type { SchedulerEvent } from "./engines/llama/scheduler/scheduler.ts";
export { createOpenAiEngine, type OpenAiEngineOptions } from "./engines/openai/create-openai-engine.ts";
export { createRecipesEngine } from "./engines/recipes/recipes-engine.ts";
export { GatewayError, type GatewayErrorCode, type GatewayErrorOptions } from "./gateway-error.ts";
export { gatewayFetch } from "./gateway-fetch.ts";
export { createLimiter, type LimiterOptions, type WorkspaceLimits } from "./limits/create-limiter.ts";
export type { Limits } from "./limits/limits.ts";
export type { MeteredRequest, Metering } from "./metering/metered-request.ts";
export { formatDollars, isDollars, type Picodollars, parseDollars } from "./metering/money.ts";
export { type OpenMeteringOptions, openMetering } from "./metering/open-metering.ts";
export { createPriceBook, type PriceBook } from "./metering/prices/price-book.ts";
export type { PriceSetting, PriceSettings } from "./metering/prices/price-setting.ts";
export type { Rates } from "./metering/prices/rates.ts";
export { type ReadUsageOptions, readUsage } from "./metering/read-usage.ts";
export { promptTokens, TOKEN_KINDS, type TokenCounts, type TokenKind } from "./metering/token-counts.ts";
export { USAGE_COLUMNS, type UsageLine } from "./metering/usage-line.ts";
export { reportUsage, type UsageGroup, type UsageReport } from "./metering/usage-report.ts";
export { hitRate, savedBy, totalOf, type UsageSums } from "./metering/usage-sums.ts";
export {
  createMetrics,
  type GatewayMetrics,
  type MetricsOptions,
} from "./metrics/create-metrics.ts";
export type { EmbeddedFigures, EmbeddedPrompt } from "./metrics/embedded-metrics.ts";
export type { Admission, AdmissionSubject, Admit, Asker, SettledUsage } from "./routes/admission.ts";
export { ListenError, type ServedGateway, type ServeGatewayOptions, serveGateway } from "./serve-gateway.ts";
