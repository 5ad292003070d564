/** What tests of hashes and manifests share. */
import { createHash } from 'node:crypto';

/** The SHA-256 that node:crypto gives. */
export const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');

/** What some work throws, which must throw. */
export function thrownBy(work: () => unknown): { code: string; message: string } {
  try {
    work();
  } catch (error) {
    return error as { code: string; message: string };
  }
  throw new Error('nothing was thrown');
}
