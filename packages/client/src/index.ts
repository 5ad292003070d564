/**
 * The typed door to Han Native. Begin with {@link HanClient.open}.
 *
 * @packageDocumentation
 */

// The records, as the addon declares them.
export type {
  ArchiveStats,
  BrokenLine,
  DatabaseCheck,
  IndexProgress,
  IndexReport,
  IndexResult,
  Message,
  MessageInput,
  MessagePage,
  MessagePageOptions,
  NativeInfo,
  Project,
  ProjectInput,
  Repo,
  RepoInput,
  SearchHit,
  SearchPage,
  Session,
  SessionFile,
  SessionInput,
  SessionOverview,
  SessionPage,
  SessionTimestamps,
} from '@han/native';
export { HanClient, type HanClientOptions } from './client.js';
export { HanError, type HanErrorCode, isHanErrorCode } from './errors.js';
export { IndexRun, type IndexRunOptions } from './index-run.js';
export type { Indexer, ScanOptions } from './indexer.js';
export type { MessageListOptions, Messages, SessionMessagesOptions } from './messages.js';
export type { Projects } from './projects.js';
export type { Repos } from './repos.js';
export type { Search, SearchFilter, SearchQueryOptions } from './search.js';
export type { AllSessionsOptions, SessionFilter, SessionListOptions, Sessions } from './sessions.js';
export type { Moment, TimeRange } from './times.js';
