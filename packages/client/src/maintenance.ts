/** Keeping a database well: backup, integrity and repair, sizes, vacuum, checkpoint, export, transcripts given back. */
import type {
  BackupReport,
  CheckpointReport,
  DatabaseExportChunk,
  DatabaseStats,
  IntegrityReport,
  MaintenanceOptions,
  MaintenanceProgress,
  RestoreReport,
  SizesReport,
  VacuumReport,
} from '@han/native';
import { refuseAborted } from './cancellation.js';
import { runJob } from './jsonl-job.js';
import type { Native } from './native.js';

/** What all long maintenance takes. */
export interface MaintenanceRunOptions {
  /** Ends the work when it is aborted. One that is aborted before makes it reject at once, with code `CANCELLED`. */
  signal?: AbortSignal | undefined;
  /** Called about 20 times a second at most. When it throws, the work ends and rejects with what was thrown. */
  onProgress?: ((progress: MaintenanceProgress) => void) | undefined;
}

/** What a backup takes. */
export interface BackupOptions extends MaintenanceRunOptions {
  /** Whether a file that is in the place goes; default `false`. */
  overwrite?: boolean | undefined;
  /** Whether the copy is checked before it is put in its place; default `true`. */
  verify?: boolean | undefined;
}

/** What a check of integrity takes. */
export interface IntegrityOptions extends MaintenanceRunOptions {
  /** Leave out whether indexes of tables have the entries of their rows, which takes longest; default `false`. */
  quick?: boolean | undefined;
  /** Make anew what is wrong and can be made anew: indexes, counters, search indexes; default `false`. */
  repair?: boolean | undefined;
}

/** What giving transcripts back takes. */
export interface RestoreOptions extends MaintenanceRunOptions {
  /** Only those of these sessions, their agents' included; all when not given. */
  sessionIds?: string[] | undefined;
  /** Only those whose files are gone; default `false`. */
  onlyMissing?: boolean | undefined;
}

/** What an export takes. */
export interface ExportOptions {
  /** The tables to export; all when not given. */
  tables?: string[] | undefined;
  /** Ends the export when it is aborted; it then throws `CANCELLED`. */
  signal?: AbortSignal | undefined;
}

/**
 * Keeping the database well. Reached as `client.maintenance`.
 *
 * All of it works while other processes use the database, and runs off the JavaScript thread.
 */
export interface Maintenance {
  /**
   * Copies the database, as one committed state of it, to a new file for the owner only, while others go on writing. The
   * copy is checked, and put in its place when it is whole; whatever fails before leaves nothing behind.
   *
   * @param targetPath - A file in a folder that exists.
   * @throws HanError (as a rejection) `FILE_EXISTS`, `FILE_NOT_FOUND` of the folder, `FILE_UNWRITABLE`, `DISK_FULL`,
   *   `DB_CORRUPT` when the database is damaged, `CANCELLED`.
   *
   * @example
   * ```ts
   * const { bytes, rows } = await client.maintenance.backup('/mnt/backup/han.db', { overwrite: true });
   * ```
   */
  backup(targetPath: string, options?: BackupOptions): Promise<BackupReport>;

  /**
   * Looks whether everything is in order, part by part: pages, rows and index entries; rows that refer to others;
   * counters; search indexes, word by word. Nobody waits for it, save for a repair.
   *
   * @returns What was found; `status` is `partial` when it was cancelled.
   *
   * @example
   * ```ts
   * const { ok, parts } = await client.maintenance.integrity({ repair: true });
   * for (const { name, problems } of parts) console.log(name, problems);
   * ```
   */
  integrity(options?: IntegrityOptions): Promise<IntegrityReport>;

  /**
   * Figures of the file: sizes, pages, log, versions. Answers at once, whatever the size.
   *
   * @example
   * ```ts
   * const { fileBytes, walBytes, freeBytes } = client.maintenance.stats();
   * ```
   */
  stats(): DatabaseStats;

  /**
   * What each table and index takes, the largest first. Reads every page.
   *
   * @throws HanError (as a rejection) `CANCELLED`.
   *
   * @example
   * ```ts
   * const { sizes } = await client.maintenance.sizes();
   * for (const { name, bytes, rows } of sizes) console.log(name, bytes, rows);
   * ```
   */
  sizes(options?: MaintenanceRunOptions): Promise<SizesReport>;

  /**
   * Writes the database anew without what holds nothing. Who wants to write meanwhile waits, 30 seconds at most.
   *
   * @throws HanError (as a rejection) `DISK_FULL` before anything is done, `DB_BUSY`, `CANCELLED`.
   *
   * @example
   * ```ts
   * const { bytesBefore, bytesAfter } = await client.maintenance.vacuum();
   * ```
   */
  vacuum(options?: MaintenanceRunOptions): Promise<VacuumReport>;

  /**
   * Moves the write-ahead log into the database. Waits for nobody: `complete` says whether all of it was possible.
   *
   * @param mode - `passive`: what can be moved now. `truncate`: all of it, and the log is empty afterwards; tried for a
   *   second while others use the log.
   *
   * @example
   * ```ts
   * const { complete, walBytesAfter } = await client.maintenance.checkpoint('truncate');
   * ```
   */
  checkpoint(mode?: 'passive' | 'truncate'): Promise<CheckpointReport>;

  /**
   * All rows as lines of JSON, `{"table":…,"row":{…}}`, of one state of the database, some whole lines at a time. Leaving
   * the loop ends the export.
   *
   * @throws HanError `INVALID_ARGUMENT` for a table that does not exist, `CANCELLED`.
   *
   * @example
   * ```ts
   * for await (const { bytes } of client.maintenance.export({ tables: ['sessions'] })) process.stdout.write(bytes);
   * ```
   */
  export(options?: ExportOptions): AsyncGenerator<DatabaseExportChunk, void, undefined>;

  /**
   * Writes transcripts below a folder, byte for byte as they were indexed, also those whose files are gone: what lay at
   * `<configuration folder>/projects/…` comes to `<folder>/projects/…`. What is there already stays.
   *
   * @returns Each transcript with its place and how it went; `status` is `partial` when it was cancelled.
   * @throws HanError (as a rejection) `SESSION_NOT_FOUND`, `FILE_UNWRITABLE`, `DISK_FULL`.
   *
   * @example
   * ```ts
   * const { filesRestored, transcripts } = await client.maintenance.restoreTranscripts('/tmp/back', { onlyMissing: true });
   * ```
   */
  restoreTranscripts(folder: string, options?: RestoreOptions): Promise<RestoreReport>;
}

/** Makes {@link Maintenance} over the functions of the addon, for one database. */
export function createMaintenance(native: Native, dbPath: string): Maintenance {
  const run = <T, Options extends MaintenanceRunOptions>(
    attempt: string,
    { signal, onProgress, ...options }: Options,
    start: (
      options: Omit<Options, keyof MaintenanceRunOptions> & Pick<MaintenanceOptions, 'jobId' | 'onProgress'>,
    ) => Promise<T>,
  ) =>
    runJob<T, MaintenanceProgress>(native, attempt, { signal, onProgress }, (job) =>
      start({ ...options, ...job }),
    );
  return {
    backup(targetPath, options = {}) {
      return run(`back up ${dbPath} to ${targetPath}`, options, (job) =>
        native.backupDatabaseAsync(dbPath, targetPath, job),
      );
    },
    integrity(options = {}) {
      return run(`check ${dbPath}`, options, (job) => native.checkIntegrityAsync(dbPath, job));
    },
    stats() {
      return native.getDatabaseStats(dbPath);
    },
    sizes(options = {}) {
      return run(`measure ${dbPath}`, options, (job) => native.getDatabaseSizesAsync(dbPath, job));
    },
    vacuum(options = {}) {
      return run(`vacuum ${dbPath}`, options, (job) => native.vacuumDatabaseAsync(dbPath, job));
    },
    async checkpoint(mode = 'passive') {
      return await native.checkpointDatabaseAsync(dbPath, mode);
    },
    async *export({ tables, signal } = {}) {
      const attempt = `export ${dbPath}`;
      refuseAborted(signal, attempt);
      const id = native.openDatabaseExport(dbPath, tables);
      try {
        for (;;) {
          refuseAborted(signal, attempt);
          const chunk = await native.readDatabaseExport(id);
          if (!chunk) {
            return;
          }
          yield chunk;
        }
      } finally {
        native.closeDatabaseExport(id);
      }
    },
    restoreTranscripts(folder, options = {}) {
      return run(`give transcripts back in ${folder}`, options, (job) =>
        native.restoreTranscriptsAsync(dbPath, folder, job),
      );
    },
  };
}
