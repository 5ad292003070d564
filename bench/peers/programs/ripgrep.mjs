/** The fastest form of ripgrep for one large file here: no look for binary data, reads instead of a map. */
export const RIPGREP = ['--no-config', '--text', '--no-mmap'];

/** Status of a search that found nothing. */
export const NOTHING_FOUND = 1;
