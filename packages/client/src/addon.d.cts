import type native = require('@han/native');

/** The exports of `@han/native`; throws what its loader throws. */
export declare function loadAddon(): typeof native;
