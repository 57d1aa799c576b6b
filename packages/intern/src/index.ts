export type { Origin as DocsOrigin, UpdatedSource as UpdatedDocs } from "@ml-intern/research";
export { createSessionApi } from "./api/session-api.ts";
export { SessionRunner } from "./api/session-runner.ts";
export { callsLike, type FaultyAnswer } from "./approvals/answer-approval.ts";
export { type Approve, approveAll, type Question } from "./approvals/answer-questions.ts";
export type { ApprovalAsked, ApprovalGiven, AskedCall, CallAnswer } from "./approvals/approval-event.ts";
export { budgetReport } from "./budget/budget-report.ts";
export type { InternConfiguration } from "./configuration/intern-configuration.ts";
export { loadInternConfiguration } from "./configuration/load-configuration.ts";
export { InternError, type InternErrorCode } from "./failures/intern-error.ts";
export { describeFailure } from "./failures/tool-failure.ts";
export { forkSession } from "./history/fork-session.ts";
export { prepareWorkspace } from "./history/prepare-workspace.ts";
export { rewind } from "./history/rewind.ts";
export { saveWorkspace } from "./history/save-workspace.ts";
export { findStep, listSteps, type Step } from "./history/steps.ts";
export { createSession, type InternContext, type NewTask, work } from "./intern.ts";
export type { TurnResult } from "./loop/endings.ts";
export { chooseModel, type ModelChoice } from "./models/choose-model.ts";
export { type Endpoint, type Environment, endpoints, isLocal } from "./models/endpoints.ts";
export { type ModelPlace, modelsFolder, type OpenedEngines, openEngines } from "./models/open-models.ts";
export { resolveModel } from "./models/resolve-model.ts";
export type { Notice } from "./notifications/notice.ts";
export { tryChannels } from "./notifications/open-notifier.ts";
export { HUB_PORT } from "./publishing/open-hub-target.ts";
export type { EvaluationRecord, ReleaseRecord } from "./publishing/release-record.ts";
export { openDocs } from "./reading/open-docs.ts";
export { prepareHome } from "./session/prepare-home.ts";
export { SessionError, type SessionErrorCode } from "./session/session-error.ts";
export type {
  Cause,
  DurableEvent,
  LoggedEvent,
  Outcome,
  PlanStep,
  RecordKind,
  SessionEvent,
  SessionOptions,
  TransientEvent,
} from "./session/session-event.ts";
export { foldSession, type SessionState } from "./session/session-state.ts";
export {
  listSessions,
  readSession,
  Session,
  type SessionListing,
  type SessionPaths,
  sessionPaths,
} from "./session/session-store.ts";
export { createTools } from "./tools/create-tools.ts";
export { type ExportTraceOptions, exportTrace, type TraceFormat } from "./traces/export-trace.ts";
export type { Redactor } from "./traces/redaction/redactor.ts";
export { openSessionRedactor } from "./traces/session-redactor.ts";
export { type SharedSession, type ShareSessionOptions, shareSession } from "./traces/share-session.ts";
export { writeTrace } from "./traces/write-trace.ts";
