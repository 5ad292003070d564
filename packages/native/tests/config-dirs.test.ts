// Configuration folders through the addon: shapes, one default, the order of the list.
import { beforeEach, describe, expect, it } from 'vitest';
import * as native from '../index.js';
import { newPlace } from './contract/transcripts';

let db: string;
beforeEach(() => {
  db = newPlace().dbPath;
});

describe('a configuration folder', () => {
  it('has exactly the fields that have a value', () => {
    const registered = native.registerConfigDir(db, { path: '/w' });
    expect(registered).toStrictEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      path: '/w',
      registeredAt: expect.stringMatching(/Z$/),
      sessionCount: 0,
      isDefault: false,
    });
    expect(native.getConfigDirByPath(db, '/w')).toStrictEqual(registered);
    expect(native.getConfigDirByPath(db, '/other')).toBeNull();
  });

  it('keeps its name when none is given, and is the default only when told', () => {
    const first = native.registerConfigDir(db, { path: '/w', name: 'work', isDefault: true });
    expect(native.registerConfigDir(db, { path: '/w', name: null, isDefault: null })).toStrictEqual({
      ...first,
      isDefault: false,
    });
  });

  it('that becomes the default takes the place of the one before', () => {
    expect(native.getDefaultConfigDir(db)).toBeNull();
    native.registerConfigDir(db, { path: '/a', isDefault: true });
    native.registerConfigDir(db, { path: '/b' });
    native.registerConfigDir(db, { path: '/c', isDefault: true });
    expect(native.getDefaultConfigDir(db)).toMatchObject({ path: '/c' });
    expect(native.listConfigDirs(db).map(({ path, isDefault }) => [path, isDefault])).toEqual([
      ['/c', true],
      ['/a', false],
      ['/b', false],
    ]);
  });

  it('counts its sessions, and knows when it was indexed', () => {
    native.registerConfigDir(db, { path: '/w' });
    native.upsertSession(db, { id: 's', sourceConfigDir: '/w' });
    expect(native.updateConfigDirLastIndexed(db, '/w')).toBe(true);
    expect(native.updateConfigDirLastIndexed(db, '/unknown')).toBe(true);
    expect(native.listConfigDirs(db)).toMatchObject([
      { path: '/w', sessionCount: 1, lastIndexedAt: expect.stringMatching(/Z$/) },
    ]);
  });

  it('is forgotten once, and its sessions stay', () => {
    native.registerConfigDir(db, { path: '/w' });
    native.upsertSession(db, { id: 's', sourceConfigDir: '/w' });
    expect([native.unregisterConfigDir(db, '/w'), native.unregisterConfigDir(db, '/w')]).toEqual([
      true,
      false,
    ]);
    expect(native.getSession(db, 's')).not.toBeNull();
  });
});
