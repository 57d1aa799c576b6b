export { Batches, type BatchesOptions } from "./batches/batches.ts";
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
export { createOpenAiEngine, type OpenAiEngineOptions } from "./engines/openai/create-openai-engine.ts";
export { createRecipesEngine } from "./engines/recipes/recipes-engine.ts";
export { GatewayError, type GatewayErrorCode, type GatewayErrorOptions } from "./gateway-error.ts";
export { gatewayFetch } from "./gateway-fetch.ts";
export type { Admission, AdmissionSubject, Admit, Asker, SettledUsage } from "./routes/admission.ts";
export { ListenError, type ServedGateway, type ServeGatewayOptions, serveGateway } from "./serve-gateway.ts";
