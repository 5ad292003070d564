// Loads the addon when it is first needed, so that a missing one is an error of the call and not of the import.
// CommonJS with a literal request: bundlers follow it, and Node 20 ends the process when a module that is imported
// throws while it is loaded, even where the importer catches it.
'use strict';

/** The exports of `@han/native`. */
exports.loadAddon = function loadAddon() {
  return require('@han/native');
};
