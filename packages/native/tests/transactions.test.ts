// Several calls in one transaction, and which database the calls without a path mean.
import { Worker } from 'node:worker_threads';
import { beforeEach, describe, expect, it } from 'vitest';
import * as native from '../index.js';
import { errorOf, newPlace, thrownBy, transcript, write } from './contract/transcripts';
import { root } from './processes';

let db: string;
let other: string;
beforeEach(() => {
  db = newPlace().dbPath;
  other = newPlace().dbPath;
});

const run = { hookType: 'Stop', projectRoot: '/p' };
const has = (dbPath: string, id: string) => native.getSession(dbPath, id) !== null;
const nothing = Promise.resolve();
const asAsync = (work: () => unknown) => work as () => void;

describe('a transaction', () => {
  it('is committed as a whole, and returns what its callback does', () => {
    const answer = { any: 'value' };
    const returned = native.transaction(db, () => {
      native.upsertSession(db, { id: 'a' });
      native.recordFileChange(db, { sessionId: 'a', filePath: '/a', action: 'created' });
      expect(native.hasSessionChanges(db, 'a')).toBe(true);
      return answer;
    });
    expect(returned).toBe(answer);
    expect(native.getSessionFileChanges(db, 'a')).toHaveLength(1);
    expect(native.transaction(db, () => undefined)).toBeUndefined();
    expect(native.transaction(db, () => null)).toBeNull();
  });

  it.each([new Error('mine'), new TypeError('mine'), 'a text', 42, null, undefined, Symbol('mine')])(
    'is rolled back when the callback throws %s, which is passed on as it is',
    (value) => {
      let caught: unknown = 'nothing';
      try {
        native.transaction(db, () => {
          native.upsertSession(db, { id: 'a' });
          throw value;
        });
      } catch (error) {
        caught = error;
      }
      expect(caught).toBe(value);
      expect(has(db, 'a')).toBe(false);
      native.upsertSession(db, { id: 'b' });
    },
  );

  it('goes on after a call that failed, which undid itself alone', () => {
    native.transaction(db, () => {
      native.upsertSession(db, { id: 'a' });
      const inputs = ['a', 'nobody'].map((sessionId) => ({ sessionId, filePath: '/f', action: 'created' }));
      expect(thrownBy(() => native.recordFileChanges(db, inputs))).toMatchObject(errorOf('DB_CONSTRAINT'));
      expect(native.hasSessionChanges(db, 'a')).toBe(false);
    });
    expect(has(db, 'a')).toBe(true);
  });

  it('inside another is a part that can be undone alone', () => {
    const mine = new Error('mine');
    native.transaction(db, () => {
      native.upsertSession(db, { id: 'a' });
      const inner = () =>
        native.transaction(db, () => {
          native.upsertSession(db, { id: 'b' });
          native.transaction(db, () => native.upsertSession(db, { id: 'c' }));
          throw mine;
        });
      expect(thrownBy(inner)).toBe(mine);
      native.transaction(db, () => native.upsertSession(db, { id: 'd' }));
    });
    expect(['a', 'b', 'c', 'd'].map((id) => has(db, id))).toEqual([true, false, false, true]);
  });

  it('does not take in other databases', () => {
    const mine = new Error('mine');
    const work = () =>
      native.transaction(db, () => {
        native.upsertSession(db, { id: 'a' });
        native.upsertSession(other, { id: 'b' });
        native.transaction(other, () => native.upsertSession(other, { id: 'c' }));
        throw mine;
      });
    expect(thrownBy(work)).toBe(mine);
    expect([has(db, 'a'), has(other, 'b'), has(other, 'c')]).toEqual([false, true, true]);
  });

  it('takes in calls without a path', () => {
    native.dbInit(other);
    const { id } = native.transaction(db, () => native.createOrchestration(run));
    expect(native.getOrchestration(id)).toBeNull();
    expect(native.withDatabase(db, () => native.getOrchestration(id))).not.toBeNull();
  });

  it('does not take in promises, which wait with their writes until it is over', async () => {
    native.upsertSession(db, { id: 's' });
    const change = { sessionId: 's', filePath: '/a', action: 'created' };
    const promises = native.transaction(db, () => {
      native.recordFileChange(db, change);
      return { promise: native.recordFileChangesAsync(db, [change, change]) };
    });
    expect(await promises.promise).toHaveLength(2);
    expect(native.getSessionFileChanges(db, 's')).toHaveLength(3);
  });

  it('takes in the indexing of a file', () => {
    const place = newPlace();
    const file = write(place.file(), transcript(3));
    const mine = new Error('mine');
    const work = () =>
      native.transaction(db, () => {
        const result = native.indexSessionFile(db, file);
        expect(result).toMatchObject({ messagesIndexed: 3 });
        expect(native.getMessageCount(db, result.sessionId)).toBe(3);
        throw mine;
      });
    expect(thrownBy(work)).toBe(mine);
    expect(native.listSessions(db)).toEqual([]);
    expect(native.indexSessionFile(db, file)).toMatchObject({ messagesIndexed: 3, totalMessages: 3 });
  });

  it.each([
    [
      'an async function',
      asAsync(async () => {
        native.upsertSession(db, { id: 'a' });
        await nothing;
      }),
    ],
    ['a promise', asAsync(() => Promise.resolve(native.upsertSession(db, { id: 'a' })))],
    [
      'anything with a method then',
      () => {
        native.upsertSession(db, { id: 'a' });
        // biome-ignore lint/suspicious/noThenProperty: that is what is tested
        return { then: () => undefined };
      },
    ],
  ])('that returns %s is rolled back and INVALID_ARGUMENT', (_, work) => {
    expect(thrownBy(() => native.transaction(db, work))).toMatchObject(
      errorOf('INVALID_ARGUMENT', 'promise'),
    );
    expect(has(db, 'a')).toBe(false);
  });

  it('passes on what a getter of its result throws', () => {
    const mine = new Error('mine');
    const hostile = {
      // biome-ignore lint/suspicious/noThenProperty: that is what is tested
      get then() {
        throw mine;
      },
    };
    expect(thrownBy(() => native.transaction(db, () => hostile))).toBe(mine);
  });

  it('needs a database and a function', () => {
    const none = thrownBy(() => native.transaction('', () => undefined));
    expect(none).toMatchObject(errorOf('DB_PATH_INVALID'));
    for (const callback of [undefined, null, 5, {}]) {
      const refused = thrownBy(() => native.transaction(db, callback as never));
      expect(refused).toMatchObject(errorOf('INVALID_ARGUMENT', 'callback'));
    }
  });

  it('of a thread that ends is rolled back', async () => {
    native.upsertSession(db, { id: 's' });
    const script = `const native = require(${JSON.stringify(`${root}packages/native/index.js`)});
      const { parentPort, workerData } = require('node:worker_threads');
      native.transaction(workerData, () => {
        native.upsertSession(workerData, { id: 'a' });
        parentPort.postMessage('inside');
        for (;;);
      });`;
    const worker = new Worker(script, { eval: true, workerData: db });
    await new Promise((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
    expect(has(db, 'a')).toBe(false);
    await worker.terminate();
    native.upsertSession(db, { id: 'b' });
    expect([has(db, 'a'), has(db, 'b')]).toEqual([false, true]);
  });
});

describe('withDatabase', () => {
  it('directs calls without a path, and no others, as long as its callback runs', () => {
    native.dbInit(other);
    const made = native.withDatabase(db, () => {
      expect(native.needsReindex()).toBe(false);
      native.upsertSession(other, { id: 's' });
      return native.createOrchestration(run);
    });
    expect([has(db, 's'), has(other, 's')]).toEqual([false, true]);
    expect(native.getOrchestration(made.id)).toBeNull();
    expect(native.withDatabase(db, () => native.getOrchestration(made.id))).toStrictEqual(made);
  });

  it('may be used inside itself', () => {
    const third = newPlace().dbPath;
    native.dbInit(third);
    const ids = native.withDatabase(db, () => {
      const inner = native.withDatabase(other, () => native.createOrchestration(run).id);
      return [inner, native.createOrchestration(run).id] as const;
    });
    const found = (dbPath: string) =>
      native.withDatabase(dbPath, () => ids.map((id) => native.getOrchestration(id) !== null));
    expect([found(db), found(other), found(third)]).toEqual([
      [false, true],
      [true, false],
      [false, false],
    ]);
  });

  it.each([new Error('mine'), 7, undefined])('passes on %s, and the former target is back', (value) => {
    native.dbInit(other);
    let caught: unknown = 'nothing';
    try {
      native.withDatabase(db, () => {
        throw value;
      });
    } catch (error) {
      caught = error;
    }
    expect(caught).toBe(value);
    const { id } = native.createOrchestration(run);
    expect(native.withDatabase(other, () => native.getOrchestration(id))).not.toBeNull();
  });

  it('refuses a promise, after the work that came before it', () => {
    native.dbInit(other);
    let id = '';
    const work = asAsync(async () => {
      id = native.createOrchestration(run).id;
      await nothing;
    });
    const refused = thrownBy(() => native.withDatabase(db, work));
    expect(refused).toMatchObject(errorOf('INVALID_ARGUMENT', 'promise'));
    expect(native.withDatabase(db, () => native.getOrchestration(id))).not.toBeNull();
    expect(native.getOrchestration(id)).toBeNull();
  });

  it('does not concern other threads', async () => {
    native.dbInit(other);
    const script = `const native = require(${JSON.stringify(`${root}packages/native/index.js`)});
      const { parentPort, workerData } = require('node:worker_threads');
      native.withDatabase(workerData, () => {
        parentPort.postMessage(native.createOrchestration({ hookType: 'Stop', projectRoot: '/p' }).id);
      });`;
    const worker = new Worker(script, { eval: true, workerData: db });
    const id = await new Promise<string>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
    expect(native.getOrchestration(id)).toBeNull();
    expect(native.withDatabase(db, () => native.getOrchestration(id))).toMatchObject({ id });
    await worker.terminate();
  });
});
