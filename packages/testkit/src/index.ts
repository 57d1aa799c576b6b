export { exportData } from "./data/export-data.ts";
export { packagedData } from "./data/packaged-data.ts";
export {
  type ScriptedAnswer,
  type ScriptedEngine,
  type ScriptedEngineOptions,
  type ScriptedModel,
  scriptedEngine,
} from "./engine/scripted-engine.ts";
export { type TurnEventsOptions, turnEvents } from "./engine/turn-events.ts";
export type { JsonAnswer } from "./loopback-server.ts";
export {
  type MessagesAnswer,
  type RecordedMessagesRequest,
  type ScriptedMessagesServer,
  type ScriptedMessagesServerOptions,
  startScriptedMessagesServer,
  type WireEvent,
} from "./messages/scripted-messages-server.ts";
export { encodeGguf, type GgufTensor, type GgufValue } from "./models/encode-gguf.ts";
export { type PackagedModel, packagedModel } from "./models/packaged-model.ts";
export type { TinyFamily } from "./models/tiny-families.ts";
export { type TinyGgufOptions, tinyGguf, writeTinyGguf } from "./models/write-tiny-gguf.ts";
export { nodeArguments } from "./node-arguments.ts";
export {
  type OpenAiAnswer,
  type OpenAiFailure,
  type OpenAiRequestBody,
  type RecordedRequest,
  type ScriptedOpenAiServer,
  type ScriptedOpenAiServerOptions,
  startScriptedOpenAiServer,
} from "./openai/scripted-openai-server.ts";
export { type OpenAiChunk, openAiChunk, openAiUsageChunk, turnChunks } from "./openai/turn-chunks.ts";
export type { Script, ScriptedToolCall, ScriptedTurn } from "./scripted-turn.ts";
export { type Random, seededRandom } from "./seeded-random.ts";
