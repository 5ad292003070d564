/**
 * The typed door to Han Native. Begin with {@link HanClient.open}.
 *
 * @packageDocumentation
 */

// The records, as the addon declares them.
export type {
  ArchiveStats,
  AsyncHookQueueEntry,
  AsyncHookQueueInputNative,
  BrokenLine,
  ConfigDir,
  ConfigDirInput,
  DatabaseCheck,
  FileChangePage,
  FileChangePageOptions,
  FileValidationStatus,
  FilterResult,
  FrustrationEvent,
  FrustrationEventInput,
  FrustrationMetrics,
  GeneratedSessionSummary,
  GeneratedSessionSummaryInput,
  GeneratedSummaryPage,
  GeneratedSummaryPageOptions,
  HookAttemptInfo,
  HookExecution,
  HookExecutionInput,
  HookExecutionPage,
  HookExecutionPageOptions,
  HookStats,
  IndexProgress,
  IndexReport,
  IndexResult,
  JsonlFilter,
  JsonlIndex,
  JsonlIndexReport,
  JsonlLine,
  JsonlProgress,
  JsonlStats,
  JsonlTail,
  JsonlTailLine,
  Message,
  MessageInput,
  MessagePage,
  MessagePageOptions,
  NativeInfo,
  NativeTask,
  Orchestration,
  OrchestrationInput,
  OrchestrationUpdate,
  PaginatedResult,
  PendingHookInput,
  Project,
  ProjectInput,
  QueuedHook,
  QueuedHookInput,
  Repo,
  RepoInput,
  SearchHit,
  SearchPage,
  Session,
  SessionCompact,
  SessionCompactInput,
  SessionFile,
  SessionFileChange,
  SessionFileChangeInput,
  SessionFileValidation,
  SessionFileValidationInput,
  SessionInput,
  SessionOverview,
  SessionPage,
  SessionSummary,
  SessionSummaryInput,
  SessionTimestamps,
  SessionTodos,
  SessionTodosInput,
  Task,
  TaskCompletion,
  TaskFailure,
  TaskInput,
  TaskMetrics,
  TaskPage,
  TaskPageOptions,
} from '@han/native';
export type { AsyncHookKey, AsyncHookOutcome, AsyncHooks } from './async-hooks.js';
export { HanClient, type HanClientOptions } from './client.js';
export type { ConfigDirs } from './config-dirs.js';
export { HanError, type HanErrorCode, isHanErrorCode } from './errors.js';
export type { FileChanges, SessionFileChangesOptions } from './file-changes.js';
export type { FileValidations, ValidatingHook } from './file-validations.js';
export type { Frustration, FrustrationMetricsOptions } from './frustration.js';
export type { GeneratedSummaries } from './generated-summaries.js';
export type { HookAttempts, HookKey } from './hook-attempts.js';
export type { AllHookExecutionsOptions, HookExecutions, HookOutcome } from './hook-executions.js';
export { IndexRun, type IndexRunOptions } from './index-run.js';
export type { Indexer, ScanOptions } from './indexer.js';
export type {
  Jsonl,
  JsonlFilterOptions,
  JsonlLinesOptions,
  JsonlPageOptions,
  JsonlStdinOptions,
  JsonlTailOptions,
  JsonlTimeRange,
} from './jsonl.js';
export type { JsonlRunOptions } from './jsonl-job.js';
export type { JsonlLines } from './jsonl-lines.js';
export type { Legacy } from './legacy.js';
export type { MessageListOptions, Messages, SessionMessagesOptions } from './messages.js';
export type { NativeTasks } from './native-tasks.js';
export type { Orchestrations } from './orchestrations.js';
export type { Period } from './period.js';
export type { Projects } from './projects.js';
export type { QueuedHooks } from './queued-hooks.js';
export type { Repos } from './repos.js';
export type { Search, SearchFilter, SearchQueryOptions } from './search.js';
export type { SessionCompacts } from './session-compacts.js';
export type { SessionSummaries } from './session-summaries.js';
export type { SessionTodosLists } from './session-todos.js';
export type { AllSessionsOptions, SessionFilter, SessionListOptions, Sessions } from './sessions.js';
export type { AllTasksOptions, TaskMetricsOptions, Tasks } from './tasks.js';
export type { Moment, TimeRange } from './times.js';
