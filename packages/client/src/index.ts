/**
 * The typed door to Han Native. Begin with {@link HanClient.open}.
 *
 * @packageDocumentation
 */

// The records, as the addon declares them.
export type {
  ActivityAggregates,
  ArchiveStats,
  AsyncHookPage,
  AsyncHookQueueEntry,
  AsyncHookQueueInputNative,
  BackupReport,
  BookedReply,
  BookedReplyPage,
  BrokenLine,
  BrokenLinePage,
  CallFigures,
  CheckpointReport,
  CheckResult,
  Compaction,
  ConfigDir,
  ConfigDirInput,
  ConfigDirPage,
  DailyActivityRow,
  DailyCostRow,
  DashboardAggregates,
  DatabaseCheck,
  DatabaseExportChunk,
  DatabaseStats,
  DocumentStore,
  ExtractionResult,
  FileChangePage,
  FileChangePageOptions,
  FileOperation,
  FileValidationPage,
  FileValidationStatus,
  FileValidationStatusPage,
  FilterResult,
  FrustrationEvent,
  FrustrationEventInput,
  FrustrationMetrics,
  FtsDocument,
  FtsSearchResult,
  GeneratedSessionSummary,
  GeneratedSessionSummaryInput,
  GeneratedSummaryPage,
  GeneratedSummaryPageOptions,
  GitBlameHunk,
  GitBlameOptions,
  GitCommitPage,
  GitDiffStat,
  GitInfo,
  GitLogEntry,
  GitStatus,
  GitStatusEntry,
  GitWorktree,
  GlobError,
  GlobProgress,
  GlobResult,
  HashedFiles,
  HashFailure,
  HashProgress,
  HookAttemptInfo,
  HookExecution,
  HookExecutionInput,
  HookExecutionPage,
  HookExecutionPageOptions,
  HookHealthRow,
  HookStats,
  HourlyActivityRow,
  IndexCounters,
  IndexProgress,
  IndexReport,
  IndexResult,
  IntegrityPart,
  IntegrityReport,
  JsonlFilter,
  JsonlIndex,
  JsonlIndexReport,
  JsonlLine,
  JsonlProgress,
  JsonlStats,
  JsonlTail,
  JsonlTailLine,
  MaintenanceProgress,
  ManifestChanges,
  ManifestReport,
  Message,
  MessageInput,
  MessagePage,
  MessagePageOptions,
  NativeInfo,
  NativeTask,
  NativeTaskPage,
  Orchestration,
  OrchestrationInput,
  OrchestrationUpdate,
  PageOptions,
  PaginatedResult,
  PendingHookInput,
  Project,
  ProjectInput,
  ProjectPage,
  ProjectPageOptions,
  QueuedHook,
  QueuedHookInput,
  QueuedHookPage,
  Repo,
  RepoInput,
  RepoPage,
  RestoredTranscript,
  RestoreReport,
  SearchHit,
  SearchPage,
  Session,
  SessionCompact,
  SessionCompactInput,
  SessionCompactionRow,
  SessionFile,
  SessionFileChange,
  SessionFileChangeInput,
  SessionFileValidation,
  SessionFileValidationInput,
  SessionIdPage,
  SessionInput,
  SessionOverview,
  SessionPage,
  SessionSentimentRow,
  SessionStatsRow,
  SessionSummary,
  SessionSummaryInput,
  SessionTimestamps,
  SessionTodos,
  SessionTodosInput,
  SizesReport,
  SubagentUsageRow,
  TableSize,
  Task,
  TaskCompletion,
  TaskFailure,
  TaskInput,
  TaskMetrics,
  TaskPage,
  TaskPageOptions,
  TodoItem,
  ToolCall,
  ToolCallPage,
  ToolCallPageOptions,
  ToolFigures,
  ToolUsageRow,
  TouchedFile,
  VacuumReport,
  VectorDocument,
  VectorOptions,
  VectorSearchResult,
  VerifiedFile,
  VerifiedRange,
  VerifyReport,
} from '@han/native';
export type { Activity } from './activity.js';
export type { AsyncHookKey, AsyncHookOutcome, AsyncHooks } from './async-hooks.js';
export { HanClient, type HanClientOptions } from './client.js';
export type { Compactions } from './compactions.js';
export type { ConfigDirs } from './config-dirs.js';
export type { DocumentSearchOptions, Documents } from './documents.js';
export { HanError, type HanErrorCode, isHanErrorCode } from './errors.js';
export type { FileChanges, SessionFileChangesOptions } from './file-changes.js';
export type { FileOperations } from './file-operations.js';
export type { FileValidations, ValidatingHook } from './file-validations.js';
export type { Frustration, FrustrationMetricsOptions } from './frustration.js';
export type { GeneratedSummaries } from './generated-summaries.js';
export type {
  Git,
  GitCommitsOptions,
  GitLogOptions,
  GitLogPathOptions,
  GitWorktreeRemoveOptions,
} from './git.js';
export type {
  Glob,
  GlobFindOptions,
  GlobMatchOptions,
  GlobRunOptions,
  GlobSignalOptions,
} from './glob.js';
export type {
  Hash,
  HashAlgorithm,
  HashCache,
  HashFilesOptions,
  HashOptions,
  HashRunOptions,
  HashSource,
  HashStreamOptions,
} from './hash.js';
export type { HookAttempts, HookKey } from './hook-attempts.js';
export type { AllHookExecutionsOptions, HookExecutions, HookOutcome } from './hook-executions.js';
export { IndexRun, type IndexRunOptions } from './index-run.js';
export type { Indexer, ScanOptions, VerifyOptions } from './indexer.js';
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
export type {
  BackupOptions,
  ExportOptions,
  IntegrityOptions,
  Maintenance,
  MaintenanceRunOptions,
  RestoreOptions,
} from './maintenance.js';
export type { Manifest, ManifestHashes } from './manifest.js';
export type { MessageListOptions, Messages, SessionMessagesOptions } from './messages.js';
export type { NativeTasks } from './native-tasks.js';
export type { Orchestrations } from './orchestrations.js';
export type { Period } from './period.js';
export type { AllProjectsOptions, Projects } from './projects.js';
export type { QueuedHooks } from './queued-hooks.js';
export type { AllRepliesOptions, Replies } from './replies.js';
export type { Repos } from './repos.js';
export type { Search, SearchFilter, SearchQueryOptions } from './search.js';
export type { SessionCompacts } from './session-compacts.js';
export type { SessionSummaries } from './session-summaries.js';
export { type SessionTodosLists, todoItems } from './session-todos.js';
export type { AllSessionsOptions, SessionFilter, SessionListOptions, Sessions } from './sessions.js';
export type { AllTasksOptions, TaskMetricsOptions, Tasks } from './tasks.js';
export type { Moment, TimeRange } from './times.js';
export type { AllToolCallsOptions, ToolCalls } from './tool-calls.js';
export type {
  AgentUsage,
  CallFiguresQuery,
  DayUsage,
  ModelUsage,
  ProjectUsage,
  SessionUsage,
  Usage,
  UsageFigures,
  UsageGroup,
  UsageQueryOptions,
  UsageReportBy,
  UsageRows,
} from './usage.js';
export type { VectorSearchOptions, Vectors } from './vectors.js';
