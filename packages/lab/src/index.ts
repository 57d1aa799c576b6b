export {
  type CleanRoomOptions,
  type CleanRoomResult,
  predictInCleanRoom,
} from "./clean-room/predict-in-clean-room.ts";
export { scanUnsafeFiles, type UnsafeFile } from "./clean-room/scan-unsafe-files.ts";
export {
  type Environment,
  type EnvironmentName,
  type ProvisionEnvironmentOptions,
  type ProvisionProgress,
  provisionEnvironment,
} from "./environments/provision-environment.ts";
export {
  type ExecuteOptions,
  type ExecuteResult,
  type Interpreter,
  type OpenInterpreterOptions,
  openInterpreter,
} from "./interpreter/open-interpreter.ts";
export { listRuns, type RunPlace, readRun, runOutputDirectory } from "./runs/read-runs.ts";
export type { RunRecord } from "./runs/run-record.ts";
export { type StartRunOptions, startRun } from "./runs/start-run.ts";
export {
  type Artefact,
  type CollectArtefactsOptions,
  type CollectLimits,
  type CollectResult,
  collectArtefacts,
} from "./sandbox/collect-artefacts.ts";
export {
  type InstallBubblewrapOptions,
  type InstallBubblewrapResult,
  installBubblewrap,
} from "./sandbox/install-bubblewrap.ts";
export { defaultLimits, type Limits, mergeLimits } from "./sandbox/limits.ts";
export { type OpenSandboxOptions, openSandbox } from "./sandbox/open-sandbox.ts";
export { probeSandbox, type SandboxCheck } from "./sandbox/probe-sandbox.ts";
export type {
  Ended,
  ExecOptions,
  ExecResult,
  Guarantee,
  Sandbox,
  SandboxKind,
  SandboxMode,
  SandboxProcess,
  SpawnOptions,
} from "./sandbox/sandbox.ts";
export { readWorkspaceFile, type WorkspaceFile, writeWorkspaceFile } from "./sandbox/workspace-files.ts";
