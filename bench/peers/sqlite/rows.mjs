/** Rows by plain SQL and `.all()`, through any binding of SQLite. */
import path from 'node:path';
import { contend } from '../protocol.mjs';
import { repeated } from '../repeated.mjs';
import { dashboards } from './dashboards.mjs';
import { opener } from './database.mjs';
import { insert, messages, prepareInserts } from './inserts.mjs';
import * as selections from './selections.mjs';

await contend(
  async ({ module, own, joinedPath, corpusPath, ownPath, archivePath, sessionId, rounds, folder }) => {
    const open = await opener(module);
    const selected = own ? selections.own : selections.same;
    const database = open(own ? ownPath : joinedPath, true);
    const keys = database
      .prepare(selected.ids)
      .all()
      .map(({ id }) => selected.key(id));
    const get = database.prepare(selected.get);
    const list = database.prepare(selected.list);
    const times = (rows) => (rows >= 10_000 ? Math.min(rounds, 5) : rounds);
    const cases = [
      await repeated('get by id', rounds, () => ({
        rows: keys.filter((key) => get.get(key) != null).length,
      })),
    ];
    for (const rows of [100, 1000, 10_000, 50_000]) {
      cases.push(
        await repeated(`list ${rows}`, times(rows), () => ({ rows: list.all(sessionId, rows).length })),
      );
    }
    if (own) {
      const raw = database.prepare(selected.raw);
      for (const rows of [100, 1000, 10_000]) {
        cases.push(
          await repeated(`list ${rows} with raw`, times(rows), () => ({
            rows: raw.all(sessionId, rows).length,
          })),
        );
      }
      return cases;
    }
    const corpus = open(corpusPath, true);
    const ids = corpus
      .prepare(selected.sessions)
      .all()
      .map(({ id }) => id);
    while (ids.length < 1000) ids.push(`absent ${ids.length}`);
    const counts = corpus.prepare(selected.counts);
    cases.push(
      await repeated('counts 1000', Math.min(rounds, 5), () => {
        const found = new Map(
          counts.all(JSON.stringify(ids.slice(0, 1000))).map(({ id, count }) => [id, count]),
        );
        const record = Object.fromEntries(ids.slice(0, 1000).map((id) => [id, found.get(id) ?? 0]));
        return { rows: Object.keys(record).length };
      }),
    );
    const asked = archivePath === undefined ? {} : dashboards(open(archivePath, true));
    for (const [name, ask] of Object.entries(asked))
      cases.push(await repeated(name, Math.min(rounds, 5), ask));
    const given = messages();
    let fresh;
    const before = (number) => {
      fresh = open(path.join(folder, `${number}.db`), false);
      prepareInserts(fresh);
    };
    cases.push(await repeated('insert 10000', 3, () => ({ rows: insert(fresh, given) }), { before }));
    return cases;
  },
);
