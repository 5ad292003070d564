/** Rows, counts and inserts through the flat functions. */
import path from 'node:path';
import { contend } from '../protocol.mjs';
import { repeated } from '../repeated.mjs';
import { CUTOFF } from '../sqlite/dashboards.mjs';
import { messages } from '../sqlite/inserts.mjs';
import { loadNative } from './native.mjs';

await contend(
  async ({ native: packagePath, joinedPath, corpusPath, archivePath, sessionId, rounds, folder }) => {
    const native = loadNative(packagePath, [
      'getMessage',
      'getMessageCountsBatch',
      'insertMessagesBatch',
      'listMessagesPage',
      'queryActivityAggregates',
      'queryDashboardAggregates',
    ]);
    // From all over the session, as the ids of the peers are.
    const keys = Array.from({ length: 200 }, (_, number) =>
      native.listSessionMessages(joinedPath, sessionId, null, null, 1, number * 250),
    ).flatMap((found) => found.map(({ id }) => id));
    const times = (rows) => (rows >= 10_000 ? Math.min(rounds, 5) : rounds);
    /** Pages of up to 1000, newest first. */
    const pages = (rows) => {
      let cursor;
      let found = 0;
      while (found < rows) {
        const limit = Math.min(1000, rows - found);
        const page = native.listMessagesPage(joinedPath, sessionId, { limit, order: 'newest', cursor });
        found += page.items.length;
        cursor = page.nextCursor;
        if (cursor === undefined) break;
      }
      return found;
    };
    const cases = [
      await repeated('get by id', rounds, () => ({
        rows: keys.filter((key) => native.getMessage(joinedPath, key) !== null).length,
      })),
    ];
    for (const rows of [100, 1000, 10_000, 50_000]) {
      cases.push(await repeated(`list ${rows}`, times(rows), () => ({ rows: pages(rows) })));
    }
    for (const rows of [100, 1000, 10_000]) {
      cases.push(
        await repeated(`list ${rows} with raw`, times(rows), () => ({
          rows: native.listSessionMessages(joinedPath, sessionId, null, null, rows, 0).length,
        })),
      );
    }
    const ids = native.listSessions(corpusPath, null, null, 1000).map(({ id }) => id);
    while (ids.length < 1000) ids.push(`absent ${ids.length}`);
    cases.push(
      await repeated('counts 1000', rounds, () => ({
        rows: Object.keys(native.getMessageCountsBatch(corpusPath, ids)).length,
      })),
    );
    if (archivePath !== undefined) {
      const after = CUTOFF.toISOString();
      const ask = (name, query) =>
        repeated(name, rounds, () => ({ rows: query(archivePath, after) ? 1 : 0 }));
      cases.push(await ask('dashboard 30 days', native.queryDashboardAggregates));
      cases.push(await ask('activity 30 days', native.queryActivityAggregates));
    }
    const given = messages();
    let fresh;
    const before = (number) => {
      fresh = path.join(folder, `${number}.db`);
      native.upsertSession(fresh, { id: 's' });
    };
    cases.push(
      await repeated('insert 10000', 3, () => ({ rows: native.insertMessagesBatch(fresh, 's', given) }), {
        before,
      }),
    );
    return cases;
  },
);
