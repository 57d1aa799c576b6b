export {
  type CleanRoomOptions,
  type CleanRoomResult,
  predictInCleanRoom,
} from "./clean-room/predict-in-clean-room.ts";
export { scanUnsafeFiles, type UnsafeFile } from "./clean-room/scan-unsafe-files.ts";
export type {
  Contract,
  ContractBudget,
  ContractProposal,
  Exclusion,
  InputKind,
  MetricName,
  SplitKind,
  TaskType,
} from "./contract/contract.ts";
export { type FixContractOptions, fixContract } from "./contract/fix-contract.ts";
export { type OpenValidationOptions, openValidation } from "./contract/open-validation.ts";
export { readContract } from "./contract/read-contract.ts";
export { suggestContract } from "./contract/suggest-contract.ts";
export type { Dataset, DatasetColumn } from "./data/dataset.ts";
export { inspectDataset } from "./data/inspect-dataset.ts";
export { openDataset } from "./data/open-dataset.ts";
export { withParquetAsJsonLines } from "./data/parquet-to-json-lines.ts";
export type {
  Alarm,
  AlarmKind,
  ColumnKind,
  ColumnReport,
  DataFormat,
  DataReport,
  TargetReport,
  ValueCount,
} from "./data/report.ts";
export { findPython } from "./environments/find-python.ts";
export { probeRegistries, type RegistryCheck } from "./environments/probe-registries.ts";
export {
  type Environment,
  type EnvironmentName,
  environmentNameOf,
  environmentVariables,
  findEnvironment,
  type ProvisionEnvironmentOptions,
  provisionEnvironment,
} from "./environments/provision-environment.ts";
export type { ProvisionProgress } from "./environments/provision-progress.ts";
export { type CompareScoresOptions, compareScores } from "./evaluation/compare-scores.ts";
export {
  type EvaluateSubmissionOptions,
  evaluateSubmission,
  type Predict,
  type PredictionInput,
  type PredictionOutput,
} from "./evaluation/evaluate-submission.ts";
export {
  type ClassificationPlotData,
  type PlotData,
  plotData,
  type RegressionPlotData,
} from "./evaluation/plot-data.ts";
export { repeatEvaluation } from "./evaluation/repeat-evaluation.ts";
export { replicates } from "./evaluation/replicates.ts";
export type { Comparison, Replicates, Score, SealedSet } from "./evaluation/score.ts";
export { type WorkingFolder, workingFolder } from "./files/working-folder.ts";
export {
  type CheckedCalls,
  type CheckedFile,
  checkCalls,
  describeInstalled,
  documentInstalled,
  type InstalledApiOptions,
  type InstalledDocumentation,
  type InstalledName,
} from "./installed-api/installed-api.ts";
export {
  type ExecuteOptions,
  type ExecuteResult,
  type Interpreter,
  type OpenInterpreterOptions,
  openInterpreter,
} from "./interpreter/open-interpreter.ts";
export { ensureDaemon } from "./jobs/ensure-daemon.ts";
export type { JobRequest } from "./jobs/job-request.ts";
export type { JobStatus } from "./jobs/job-status.ts";
export { type Job, readJob } from "./jobs/read-job.ts";
export type { Piece } from "./jobs/read-piece.ts";
export {
  type Alert,
  type Progress,
  readLog,
  readProgress,
  type WorkspacePlace,
} from "./jobs/read-progress.ts";
export { type StopJobOptions, stopJob } from "./jobs/stop-job.ts";
export { type SubmitJobOptions, submitJob } from "./jobs/submit-job.ts";
export { LabError, type LabErrorCode } from "./lab-error.ts";
export type { Ledger } from "./ledger/ledger.ts";
export type { LedgerBody, LedgerKind, LedgerRow } from "./ledger/ledger-row.ts";
export { type OpenLedgerOptions, openLedger } from "./ledger/open-ledger.ts";
export { type LedgerVerification, verifyLedger } from "./ledger/verify-ledger.ts";
export { type RenderPlotsOptions, renderPlots } from "./plots/render-plots.ts";
export { type CodeFile, readRunCode } from "./runs/read-run-code.ts";
export { listRuns, type RunPlace, readRun, runOutputDirectory } from "./runs/read-runs.ts";
export { type ReservedRun, type ReserveRunOptions, reserveRun } from "./runs/reserve-run.ts";
export type { RunEnded, RunRecord, RunSpec } from "./runs/run-record.ts";
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
export {
  type EscapeReport,
  type EscapeRow,
  formatEscapes,
  type TryEscapesOptions,
  tryEscapes,
} from "./sandbox/try-escapes.ts";
export { readWorkspaceFile, type WorkspaceFile, writeWorkspaceFile } from "./sandbox/workspace-files.ts";
export { composeSnapshot } from "./snapshots/compose-snapshot.ts";
export { pruneSnapshots } from "./snapshots/prune-snapshots.ts";
export {
  checkRestore,
  type RestoreResult,
  type RestoreSnapshotOptions,
  restoreSnapshot,
} from "./snapshots/restore-snapshot.ts";
export { type SaveSnapshotOptions, saveSnapshot } from "./snapshots/save-snapshot.ts";
export type { LeftOut, Snapshot, SnapshotLimits } from "./snapshots/snapshot.ts";
export { copySnapshots } from "./snapshots/snapshot-store.ts";
