// Project `tidepool`: tide tables from harbour gauges, in Python with a database. One of its people writes Chinese.
import { agent, bash, edit, grep, Project, Recorder, read, think, todo, write } from './recorder.mjs';

const STORE = `"""Readings of the gauges, kept in one SQLite file."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

SCHEMA = """
CREATE TABLE IF NOT EXISTS gauges (
    id INTEGER PRIMARY KEY,
    harbour TEXT NOT NULL UNIQUE,
    latitude REAL NOT NULL,
    longitude REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS readings (
    gauge_id INTEGER NOT NULL REFERENCES gauges (id),
    taken_at TEXT NOT NULL,
    level_cm INTEGER NOT NULL
);
"""


@dataclass(frozen=True)
class Reading:
    """The water level of one gauge at one moment."""

    harbour: str
    taken_at: datetime
    level_cm: int


class TideStore:
    """Opens the database and answers questions about water levels."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path)
        self._db.executescript(SCHEMA)

    def add(self, reading: Reading) -> None:
        gauge_id = self._gauge_id(reading.harbour)
        self._db.execute(
            "INSERT INTO readings (gauge_id, taken_at, level_cm) VALUES (?, ?, ?)",
            (gauge_id, reading.taken_at.astimezone(timezone.utc).isoformat(), reading.level_cm),
        )
        self._db.commit()

    def latest(self, harbour: str) -> Reading | None:
        row = self._db.execute(
            """
            SELECT harbour, taken_at, level_cm FROM readings
            JOIN gauges ON gauges.id = gauge_id
            WHERE harbour = ? ORDER BY taken_at DESC LIMIT 1
            """,
            (harbour,),
        ).fetchone()
        return None if row is None else Reading(row[0], datetime.fromisoformat(row[1]), row[2])

    def between(self, harbour: str, start: datetime, end: datetime) -> list[Reading]:
        rows = self._db.execute(
            """
            SELECT harbour, taken_at, level_cm FROM readings
            JOIN gauges ON gauges.id = gauge_id
            WHERE harbour = ? AND taken_at >= ? AND taken_at < ? ORDER BY taken_at
            """,
            (harbour, start.isoformat(), end.isoformat()),
        )
        return [Reading(name, datetime.fromisoformat(at), level) for name, at, level in rows]

    def _gauge_id(self, harbour: str) -> int:
        row = self._db.execute("SELECT id FROM gauges WHERE harbour = ?", (harbour,)).fetchone()
        if row is None:
            raise KeyError(f"no gauge in {harbour!r}")
        return row[0]
`;

const IMPORTER = `"""Reads the files that the harbours send: one line per reading, \`harbour;time;level\`."""

from __future__ import annotations

import csv
from datetime import datetime
from pathlib import Path
from typing import Iterator

from tidepool.store import Reading, TideStore


def read_file(path: Path) -> Iterator[Reading]:
    with path.open(encoding="utf-8", newline="") as lines:
        for harbour, taken_at, level in csv.reader(lines, delimiter=";"):
            yield Reading(harbour, datetime.fromisoformat(taken_at), int(level))


def import_file(store: TideStore, path: Path) -> int:
    count = 0
    for reading in read_file(path):
        store.add(reading)
        count += 1
    return count
`;

const FORECAST = `"""When the next high and low water is due."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

#: Principal lunar semidiurnal constituent, in hours.
M2_PERIOD = 12.4206012
#: Principal solar semidiurnal constituent, in hours.
S2_PERIOD = 12.0


@dataclass(frozen=True)
class Constituent:
    """One wave of the tide: its height and how far behind the moon or sun it runs."""

    period_hours: float
    amplitude_cm: float
    phase_degrees: float

    def level_at(self, hours: float) -> float:
        angle = 2 * math.pi * hours / self.period_hours - math.radians(self.phase_degrees)
        return self.amplitude_cm * math.cos(angle)


def level_at(constituents: list[Constituent], epoch: datetime, moment: datetime) -> float:
    hours = (moment - epoch).total_seconds() / 3600
    return sum(wave.level_at(hours) for wave in constituents)


def next_high_water(constituents: list[Constituent], epoch: datetime, after: datetime) -> datetime:
    """The first maximum after a moment, to the minute."""
    step = timedelta(minutes=1)
    before, here = level_at(constituents, epoch, after), level_at(constituents, epoch, after + step)
    moment = after + step
    while True:
        ahead = level_at(constituents, epoch, moment + step)
        if before < here >= ahead:
            return moment
        before, here, moment = here, ahead, moment + step
`;

const MIGRATIONS = `"""The versions of the database, in order. A version is never edited after it was released."""

from __future__ import annotations

import sqlite3

MIGRATIONS = [
    # 1: the first tables
    """
    CREATE TABLE gauges (
        id INTEGER PRIMARY KEY,
        harbour TEXT NOT NULL UNIQUE,
        latitude REAL NOT NULL,
        longitude REAL NOT NULL
    );
    CREATE TABLE readings (
        gauge_id INTEGER NOT NULL REFERENCES gauges (id),
        taken_at TEXT NOT NULL,
        level_cm INTEGER NOT NULL
    );
    """,
    # 2: one reading per gauge and moment, found by its time
    """
    CREATE TABLE readings_new (
        gauge_id INTEGER NOT NULL REFERENCES gauges (id),
        taken_at TEXT NOT NULL,
        level_cm INTEGER NOT NULL,
        PRIMARY KEY (gauge_id, taken_at)
    ) WITHOUT ROWID;
    INSERT OR IGNORE INTO readings_new SELECT gauge_id, taken_at, level_cm FROM readings;
    DROP TABLE readings;
    ALTER TABLE readings_new RENAME TO readings;
    """,
]


class DatabaseTooNew(Exception):
    """The file was written by a newer version of the program."""


def migrate(db: sqlite3.Connection) -> int:
    """Brings a database to the newest version; either all steps happen or none."""
    db.isolation_level = None
    db.execute("BEGIN IMMEDIATE")
    try:
        version = db.execute("PRAGMA user_version").fetchone()[0]
        if version > len(MIGRATIONS):
            raise DatabaseTooNew(f"version {version}, this program knows {len(MIGRATIONS)}")
        for step in MIGRATIONS[version:]:
            for statement in filter(str.strip, step.split(";")):
                db.execute(statement)
        db.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
        db.execute("COMMIT")
    except BaseException:
        db.execute("ROLLBACK")
        raise
    return len(MIGRATIONS)
`;

/** The sessions of this project, oldest first. */
export function tidepool() {
  const project = new Project('/home/dev/projects/tidepool', {
    'tidepool/store.py': STORE,
    'tidepool/importer.py': IMPORTER,
    'tidepool/forecast.py': FORECAST,
    'tests/test_store.py':
      'from datetime import datetime, timezone\n\nimport pytest\n\nfrom tidepool.store import Reading, TideStore\n\n\ndef test_unknown_harbour(tmp_path):\n    store = TideStore(tmp_path / "tides.db")\n    with pytest.raises(KeyError):\n        store.add(Reading("Atlantis", datetime.now(timezone.utc), 12))\n',
  });

  const slow = new Recorder(project, { name: 'tidepool-1', start: '2026-10-07T06:30:00Z', version: '2.1.39' })
    .title('Importing a year of readings takes an hour')
    .prompt(
      'Importing last year (525,600 readings) takes more than an hour. It should be seconds. Please measure before you change anything.',
    )
    .reply(read('tidepool/importer.py'), read('tidepool/store.py'))
    .reply(
      think(
        'add() commits per row: one fsync each. 525,600 × 7 ms is about an hour. Also _gauge_id per row, a query each, cheap in comparison. The user wants a measurement first.',
      ),
      'My suspicion is the commit in `add`: one disk flush per reading. Let me measure it instead of guessing.',
      bash(
        'python -m cProfile -s tottime -m tidepool.importer sample-2000.csv | head -12',
        'Profile the import of 2,000 readings',
        "         30214 function calls in 14.902 seconds\n\n   Ordered by: internal time\n\n   ncalls  tottime  percall  cumtime  percall filename:lineno(function)\n     2000   14.688    0.007   14.688    0.007 {method 'commit' of 'sqlite3.Connection' objects}\n     4000    0.121    0.000    0.121    0.000 {method 'execute' of 'sqlite3.Connection' objects}\n     2000    0.018    0.000   14.871    0.007 store.py:44(add)\n     2000    0.014    0.000    0.024    0.000 importer.py:14(read_file)",
        { seconds: 15.4 },
      ),
    )
    .reply(
      '98.6 % of the time is `commit`: 7.3 ms each, which is one flush to disk. At that rate a year takes 64 minutes, which matches what you see. One transaction per file removes it. I will also add an `add_many` so that callers cannot fall into the same trap.',
      edit(
        'tidepool/store.py',
        '    def latest(self, harbour: str) -> Reading | None:',
        '    def add_many(self, readings: Iterable[Reading]) -> int:\n        """Adds readings in one transaction: all of them or, when one fails, none."""\n        gauge_ids: dict[str, int] = {}\n        count = 0\n        with self._db:\n            for reading in readings:\n                if reading.harbour not in gauge_ids:\n                    gauge_ids[reading.harbour] = self._gauge_id(reading.harbour)\n                self._db.execute(\n                    "INSERT INTO readings (gauge_id, taken_at, level_cm) VALUES (?, ?, ?)",\n                    (gauge_ids[reading.harbour], reading.taken_at.astimezone(timezone.utc).isoformat(), reading.level_cm),\n                )\n                count += 1\n        return count\n\n    def latest(self, harbour: str) -> Reading | None:',
      ),
      edit(
        'tidepool/store.py',
        'from pathlib import Path\n',
        'from pathlib import Path\nfrom typing import Iterable\n',
      ),
      edit(
        'tidepool/importer.py',
        '    count = 0\n    for reading in read_file(path):\n        store.add(reading)\n        count += 1\n    return count\n',
        '    return store.add_many(read_file(path))\n',
      ),
      bash(
        'time python -m tidepool.importer readings-2025.csv',
        'Import the whole year',
        '525600 readings\n\nreal\t0m4.871s\nuser\t0m4.402s\nsys\t0m0.318s',
        { seconds: 4.9 },
      ),
    )
    .reply(
      'From 64 minutes to 4.9 seconds. What changed: one transaction per file, and the gauge is looked up once per harbour instead of once per reading. A side effect worth having: a file with a bad line is now imported not at all instead of half.',
    )
    .turnEnds(96);

  const chinese = new Recorder(project, {
    name: 'tidepool-2',
    start: '2026-10-20T02:15:00Z',
    version: '2.1.39',
    branch: 'database-migrations',
  })
    .title('数据库迁移: versions for the tide database')
    .prompt(
      '数据库的表结构要改：readings 需要主键（gauge_id, taken_at），重复导入同一个文件不应该产生重复数据。请设计一个迁移方案，旧的数据库文件必须能自动升级，不能丢数据。',
    )
    .reply(
      think(
        'The user writes Chinese: answer in Chinese. Needs: schema versions, an ordered migration, transactional, idempotent import. SQLite: user_version pragma inside the transaction works.',
      ),
      '先看一下现在的表结构和所有写入数据库的地方。',
      read('tidepool/store.py'),
      grep('INSERT|CREATE TABLE'),
    )
    .reply(
      '迁移方案如下：\n\n1. **版本号**放在 `PRAGMA user_version` 里，随数据库文件一起保存。\n2. **迁移步骤**按顺序写在 `migrations.py`，发布之后不再修改；第 1 步是现在的表，第 2 步重建 `readings` 并加上主键。\n3. 所有步骤在**一个事务**里执行：要么全部成功，要么数据库保持原样。\n4. 用 `BEGIN IMMEDIATE` 先取得写锁，这样两个进程同时打开旧数据库时只有一个会执行迁移。\n5. 比程序更新的数据库会被拒绝，并给出清楚的错误，而不是悄悄写坏。\n\n重复数据：旧表里的重复行在迁移时保留最先写入的一条；之后的导入用 `INSERT OR IGNORE`。\n\n要注意 `executescript` 会先提交当前事务，所以迁移里不能用它。',
      todo(
        '[ ] 编写 migrations.py',
        '[ ] TideStore 打开数据库时执行迁移',
        '[ ] 导入改为 INSERT OR IGNORE',
        '[ ] 测试：旧数据库升级、失败时回滚、两个进程同时打开',
      ),
    )
    .turnEnds(58)
    .prompt('很好，开始吧。失败时回滚的测试一定要有。', 180)
    .reply(
      write('tidepool/migrations.py', MIGRATIONS),
      edit(
        'tidepool/store.py',
        '        self._db = sqlite3.connect(path)\n        self._db.executescript(SCHEMA)\n',
        '        self._db = sqlite3.connect(path, timeout=30)\n        migrate(self._db)\n',
      ),
      edit(
        'tidepool/store.py',
        'from typing import Iterable\n',
        'from typing import Iterable\n\nfrom tidepool.migrations import migrate\n',
      ),
      write(
        'tests/test_migrations.py',
        'import sqlite3\n\nimport pytest\n\nfrom tidepool import migrations\nfrom tidepool.migrations import DatabaseTooNew, migrate\n\n\ndef old_database(path):\n    db = sqlite3.connect(path)\n    db.executescript(migrations.MIGRATIONS[0])\n    db.execute("PRAGMA user_version = 1")\n    db.execute("INSERT INTO gauges VALUES (1, \'Husum\', 54.47, 9.05)")\n    rows = [(1, "2026-01-01T00:00:00+00:00", 310), (1, "2026-01-01T00:00:00+00:00", 310)]\n    db.executemany("INSERT INTO readings VALUES (?, ?, ?)", rows)\n    db.commit()\n    return db\n\n\ndef test_an_old_database_keeps_its_readings(tmp_path):\n    db = old_database(tmp_path / "tides.db")\n    assert migrate(db) == 2\n    assert db.execute("SELECT * FROM readings").fetchall() == [(1, "2026-01-01T00:00:00+00:00", 310)]\n\n\ndef test_a_failing_step_leaves_the_database_as_it_was(tmp_path, monkeypatch):\n    db = old_database(tmp_path / "tides.db")\n    monkeypatch.setattr(migrations, "MIGRATIONS", [*migrations.MIGRATIONS, "CREATE TABLE broken (;"])\n    with pytest.raises(sqlite3.OperationalError):\n        migrate(db)\n    assert db.execute("PRAGMA user_version").fetchone() == (1,)\n    assert db.execute("SELECT count(*) FROM readings").fetchone() == (2,)\n\n\ndef test_a_newer_database_is_refused(tmp_path):\n    db = sqlite3.connect(tmp_path / "tides.db")\n    db.execute("PRAGMA user_version = 99")\n    with pytest.raises(DatabaseTooNew):\n        migrate(db)\n',
      ),
      bash(
        'python -m pytest -q',
        '运行所有测试',
        '....F                                                                    [100%]\n=================================== FAILURES ===================================\n____________________________ test_unknown_harbour ______________________________\nE   sqlite3.OperationalError: cannot start a transaction within a transaction\ntidepool/store.py:51: OperationalError\n1 failed, 4 passed in 0.31s',
        { fails: true, seconds: 1.1 },
      ),
    )
    .reply(
      think(
        'isolation_level = None set in migrate stays on the connection, so `with self._db` behaves differently... In autocommit mode, `with` does not begin. The failing test: add → commit? Reset isolation level after migrating.',
      ),
      '`migrate` 把连接的 `isolation_level` 改成了 `None`，之后没有恢复，`TideStore` 里的事务行为因此变了。迁移结束后恢复原值。',
      edit(
        'tidepool/migrations.py',
        '    db.isolation_level = None\n    db.execute("BEGIN IMMEDIATE")\n    try:',
        '    isolation_level, db.isolation_level = db.isolation_level, None\n    db.execute("BEGIN IMMEDIATE")\n    try:',
      ),
      edit(
        'tidepool/migrations.py',
        '        db.execute("ROLLBACK")\n        raise\n',
        '        db.execute("ROLLBACK")\n        raise\n    finally:\n        db.isolation_level = isolation_level\n',
      ),
      edit(
        'tidepool/store.py',
        '                self._db.execute(\n                    "INSERT INTO readings',
        '                self._db.execute(\n                    "INSERT OR IGNORE INTO readings',
      ),
      bash(
        'python -m pytest -q',
        '运行所有测试',
        '.....                                                                    [100%]\n5 passed in 0.28s',
      ),
    )
    .reply(
      '数据库迁移完成，五个测试全部通过：\n\n- 旧的数据库文件打开时自动升级到版本 2，重复的读数只保留一条，其余数据不变。\n- 任何一步失败都会回滚，数据库保持原来的版本和内容（有测试）。\n- 同一个文件导入两次不会产生重复数据。\n\n建议升级前在发布说明里提醒用户备份，虽然迁移是在一个事务里完成的。',
    )
    .turnEnds(203);

  const forecast = new Recorder(project, {
    name: 'tidepool-3',
    start: '2026-11-09T15:20:00Z',
    version: '2.1.112',
  })
    .title('High water forecast is an hour off after the clock change')
    .prompt(
      'Since the end of October the forecast for Husum is exactly one hour late. Before that it was right to the minute. next_high_water is the function.',
    )
    .reply(
      'Exactly one hour since the end of October sounds like daylight saving time. Let me see how times come into the forecast.',
      read('tidepool/forecast.py'),
      grep('astimezone|fromisoformat|timezone'),
    )
    .reply(
      think(
        '(moment - epoch).total_seconds(): with both aware and the same tzinfo object (zoneinfo), Python subtracts naive wall times! That is the trap: aware datetimes with the same tzinfo subtract without regard to the offset. So after the DST change, difference is off by one hour. Exactly this bug.',
      ),
      'The arithmetic in `level_at` is the culprit, in a way that is easy to miss: Python subtracts two aware datetimes **by their wall clock** when both carry the same `tzinfo` object. With `ZoneInfo("Europe/Berlin")` on both sides, the hour of the clock change is not in the difference.',
      bash(
        `python - <<'END'\nfrom datetime import datetime, timezone\nfrom zoneinfo import ZoneInfo\nz = ZoneInfo("Europe/Berlin")\na, b = datetime(2026, 10, 24, 12, tzinfo=z), datetime(2026, 10, 26, 12, tzinfo=z)\nprint("same zone:", (b - a).total_seconds() / 3600)\nprint("in UTC:   ", (b.astimezone(timezone.utc) - a.astimezone(timezone.utc)).total_seconds() / 3600)\nEND`,
        'Show the difference across the clock change',
        'same zone: 48.0\nin UTC:    49.0',
      ),
    )
    .reply(
      'Confirmed: 48 hours by the wall clock, 49 in truth. I will convert at the border of the module, so that nothing inside can make the mistake again.',
      edit(
        'tidepool/forecast.py',
        'def level_at(constituents: list[Constituent], epoch: datetime, moment: datetime) -> float:\n    hours = (moment - epoch).total_seconds() / 3600\n',
        'def level_at(constituents: list[Constituent], epoch: datetime, moment: datetime) -> float:\n    # In one zone Python subtracts wall clocks, which leaves out the hour of a clock change.\n    hours = (moment.astimezone(timezone.utc) - epoch.astimezone(timezone.utc)).total_seconds() / 3600\n',
      ),
      edit(
        'tidepool/forecast.py',
        'from datetime import datetime, timedelta\n',
        'from datetime import datetime, timedelta, timezone\n',
      ),
      agent(
        'Search for the same mistake elsewhere',
        'In /home/dev/projects/tidepool, find every place that subtracts or compares datetimes, or stores them, and say whether it could be wrong across a clock change. Report file and line; change nothing.',
        (worker) =>
          worker
            .reply(grep(' - |taken_at >='))
            .reply(read('tidepool/store.py'))
            .reply(read('tidepool/importer.py')),
        'Two places:\n\n1. `tidepool/store.py`, `between`: stored times are UTC text, but `start.isoformat()` and `end.isoformat()` are written in the zone of the caller. The comparison is **between texts**, so `2026-11-09T10:00:00+01:00` sorts after `2026-11-09T09:30:00+00:00` although it is earlier. Results are shifted by the offset.\n2. `tidepool/forecast.py`, `next_high_water`: adds minutes to a local time; harmless now that `level_at` converts, but it returns a wall clock that may not exist in the spring hour.\n\n`importer.py` only parses.',
      ),
    )
    .reply(
      'The agent found a second one, and it is worse because it is silent: `between` compares UTC text with local text. Both borders are now converted before they are compared.',
      edit(
        'tidepool/store.py',
        '(harbour, start.isoformat(), end.isoformat()),',
        '(harbour, start.astimezone(timezone.utc).isoformat(), end.astimezone(timezone.utc).isoformat()),',
      ),
      edit(
        'tidepool/forecast.py',
        '    """The first maximum after a moment, to the minute."""\n',
        '    """The first maximum after a moment, to the minute, in UTC."""\n    after = after.astimezone(timezone.utc)\n',
      ),
      bash(
        'python -m pytest -q',
        'Run all tests',
        '.........                                                                [100%]\n9 passed in 0.40s',
      ),
    )
    .compact(
      'This session is continued from an earlier conversation that ran out of context. Summary of it:\n\n1. Request: the forecast for Husum was one hour late since the end of October. `next_high_water` in tidepool/forecast.py.\n2. Cause: Python subtracts aware datetimes of the same zone by their wall clock; across the clock change an hour is lost. `level_at` now converts both to UTC first.\n3. Second find: `TideStore.between` compared UTC text with local text; both borders are converted now.\n4. `next_high_water` returns UTC. Callers that show it must convert to the zone of the harbour.\n5. State: nine tests pass. Open: a regression test across 25 October 2026, and a look at the page that shows the forecast.\n\nContinue with the open points.',
    )
    .prompt('Please add the regression test now, with the real clock change of this year.', 30)
    .reply(
      write(
        'tests/test_forecast.py',
        'from datetime import datetime, timedelta, timezone\nfrom zoneinfo import ZoneInfo\n\nfrom tidepool.forecast import M2_PERIOD, Constituent, next_high_water\n\nBERLIN = ZoneInfo("Europe/Berlin")\n\n\ndef test_high_water_is_right_across_the_clock_change():\n    epoch = datetime(2026, 10, 24, 12, tzinfo=BERLIN)\n    moon = [Constituent(M2_PERIOD, 150.0, 0.0)]\n    after = datetime(2026, 10, 25, 12, tzinfo=BERLIN)\n    # Highest at the epoch and every M2 period after it; the third one is the first after noon.\n    expected = epoch.astimezone(timezone.utc) + timedelta(hours=3 * M2_PERIOD)\n    found = next_high_water(moon, epoch, after)\n    assert abs(found - expected) <= timedelta(minutes=1)\n',
      ),
      bash(
        'python -m pytest -q',
        'Run all tests',
        '..........                                                               [100%]\n10 passed in 0.44s',
      ),
    )
    .reply(
      'Added, with 25 October 2026 in it. I checked that it fails without the fix (off by exactly 60 minutes) and passes with it. Remaining: the page that shows the forecast must convert to the zone of the harbour, since `next_high_water` now answers in UTC.',
    )
    .turnEnds(120);

  return [slow, chinese, forecast];
}
