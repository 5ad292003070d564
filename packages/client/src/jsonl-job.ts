/** Long readings of a file: progress, and a signal that ends them. */
import type { JsonlProgress } from '@han/native';
import { refuseAborted } from './cancellation.js';
import { HanError } from './errors.js';
import type { Native } from './native.js';

/** What a long reading of a file takes. */
export interface JsonlRunOptions {
  /** Ends the work when it is aborted. One that is aborted before makes it reject at once, with code `CANCELLED`. */
  signal?: AbortSignal | undefined;
  /** Called about 20 times a second at most. When it throws, the work ends and rejects with what was thrown. */
  onProgress?: ((progress: JsonlProgress) => void) | undefined;
}

/** What watches and ends a job, whatever its progress tells. */
interface RunOptions<Progress> {
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: Progress) => void) | undefined;
}

/** What the addon takes to watch and to end a job. */
interface JobOptions<Progress> {
  jobId: number;
  onProgress?: (progress: Progress) => void;
}

/**
 * Runs a job of the addon until it is done or its signal is aborted.
 *
 * @param attempt - What it does, for the message of an error.
 * @param start - Starts the job.
 */
export async function runJob<T, Progress = JsonlProgress>(
  native: Pick<Native, 'createJobId' | 'cancelJob'>,
  attempt: string,
  { signal, onProgress }: RunOptions<Progress>,
  start: (options: JobOptions<Progress>) => Promise<T>,
): Promise<T> {
  refuseAborted(signal, attempt);
  const jobId = native.createJobId();
  const cancel = () => native.cancelJob(jobId);
  let thrown: { error: unknown } | undefined;
  const report = (progress: Progress) => {
    try {
      onProgress?.(progress);
    } catch (error) {
      thrown = { error };
      // The addon ends the job.
      throw error;
    }
  };
  signal?.addEventListener('abort', cancel, { once: true });
  try {
    return await start({ jobId, ...(onProgress === undefined ? {} : { onProgress: report }) });
  } catch (error) {
    if (thrown !== undefined) {
      throw thrown.error;
    }
    if (error instanceof HanError && error.code === 'CANCELLED') {
      refuseAborted(signal, attempt);
    }
    throw error;
  } finally {
    signal?.removeEventListener('abort', cancel);
  }
}
