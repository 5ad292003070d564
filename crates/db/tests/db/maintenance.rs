//! Backup, integrity and repair, sizes, vacuum, checkpoint, export, and transcripts that are given back.

use crate::fixture::{Store, at, code, insert_lines, line, said, session, source_file};
use han_base::Code;
use han_db::{
    BackupOptions, CheckpointMode, Database, ExportChunk, FileStamp, GeneratedSessionSummaryInput,
    IntegrityOptions, IntegrityReport, MaintenanceProgress, NewRawBlock, Observer, Place, RestoreOptions,
    SearchFilter, SessionFile, Unwatched, VacuumOptions,
};
use parking_lot::Mutex;
use rusqlite::Connection;
use std::{
    fs,
    io::{Read as _, Seek as _, SeekFrom, Write as _},
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

/// Ends the work when a phase has begun, and notes what it was told.
#[derive(Default)]
struct Ends {
    at: &'static str,
    told: Mutex<Vec<MaintenanceProgress>>,
    ended: Mutex<Option<Instant>>,
}

impl Ends {
    fn at(phase: &'static str) -> Self {
        Self { at: phase, ..Self::default() }
    }
}

impl Observer for Ends {
    fn progress(&self, progress: &MaintenanceProgress) {
        if progress.phase == self.at {
            self.ended.lock().get_or_insert_with(Instant::now);
        }
        self.told.lock().push(progress.clone());
    }

    fn is_cancelled(&self) -> bool {
        self.ended.lock().is_some()
    }
}

/// A store with sessions of messages, two of which have a generated summary.
fn filled(sessions: usize, messages: usize) -> Store {
    let store = Store::new();
    for number in 0..sessions {
        let name = format!("s{number}");
        store.session(&name);
        let rows: Vec<_> = (0..messages)
            .map(|row| {
                let text = format!("word{} zebra getUserName filler text of {row} {number}", row % 97);
                said(&format!("{name}-{row}"), &at(row as i64), &text)
            })
            .collect();
        store.insert(&name, &rows).unwrap();
        if number < 2 {
            let summary = GeneratedSessionSummaryInput {
                session_id: name,
                summary_text: "mended the ferry".into(),
                topics: vec!["ships".into()],
                ..GeneratedSessionSummaryInput::default()
            };
            store.write(|write| write.generated_summaries().upsert(&summary)).unwrap();
        }
    }
    store
}

/// All rows of a database as lines.
fn dump(database: &Database) -> String {
    let mut bytes = Vec::new();
    database
        .export(&[], &Unwatched, |chunk| {
            bytes.extend(chunk.bytes);
            ControlFlow::Continue(())
        })
        .unwrap();
    String::from_utf8(bytes).unwrap()
}

fn backup(store: &Database, target: &Path) -> han_base::Result<han_db::BackupReport> {
    store.backup(target, BackupOptions::default(), &Unwatched)
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_backup_is_a_database_of_its_own() {
    let store = filled(3, 50);
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("copy.db");
    let report = backup(&store, &target).unwrap();
    assert_eq!(report.path, target.to_str().unwrap());
    assert_eq!(report.bytes, fs::metadata(&target).unwrap().len() as i64);
    assert!(report.verified && report.pages > 0 && report.rows >= 153, "{report:?}");
    assert_eq!(names(folder.path()), ["copy.db"]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&target).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let copy = Database::open(&target).unwrap();
    assert_eq!(dump(&copy), dump(&store));
    assert!(copy.check_integrity(IntegrityOptions::default(), &Unwatched).unwrap().ok);
    assert_eq!(copy.read(|read| read.search().messages("user name", None, 1000)).unwrap().len(), 150);
    copy.write(|write| write.sessions().upsert(&session("new"))).unwrap();
}

#[test]
fn a_backup_never_takes_the_place_of_a_file_unasked() {
    let store = filled(1, 5);
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("copy.db");
    fs::write(&target, "mine").unwrap();
    assert_eq!(code(backup(&store, &target)), Code::FileExists);
    assert_eq!(fs::read(&target).unwrap(), b"mine");
    let over = BackupOptions { overwrite: true, ..BackupOptions::default() };
    store.backup(&target, over, &Unwatched).unwrap();
    assert_eq!(dump(&Database::open(&target).unwrap()), dump(&store));

    fs::create_dir(folder.path().join("folder")).unwrap();
    assert_eq!(code(store.backup(&folder.path().join("folder"), over, &Unwatched)), Code::NotAFile);
    assert_eq!(code(backup(&store, &folder.path().join("none/copy.db"))), Code::FileNotFound);
    // The log of another database would be read as a part of the copy.
    fs::write(folder.path().join("other.db-wal"), "log").unwrap();
    assert_eq!(code(backup(&store, &folder.path().join("other.db"))), Code::DbBusy);
    // The database itself, under any name.
    for target in [store.path().to_owned(), store.beside("han.db-wal"), store.beside("./han.db")] {
        assert_eq!(code(store.backup(&target, over, &Unwatched)), Code::InvalidArgument, "{target:?}");
    }
    #[cfg(unix)]
    {
        let link = folder.path().join("link.db");
        std::os::unix::fs::symlink(store.path(), &link).unwrap();
        assert_eq!(code(store.backup(&link, over, &Unwatched)), Code::InvalidArgument);
    }
    store.assert_sound();
}

#[cfg(target_os = "linux")]
#[test]
fn a_backup_into_a_folder_that_takes_none_leaves_nothing() {
    use std::os::unix::fs::PermissionsExt;
    let store = filled(1, 5);
    // No user may make anything here.
    let refused = code(backup(&store, Path::new("/proc/copy.db")));
    assert!(matches!(refused, Code::FileUnwritable | Code::FileNotFound), "{refused:?}");
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o500)).unwrap();
    if fs::write(folder.path().join("probe"), "").is_ok() {
        eprintln!("skipped: this user may write what is read-only");
        return;
    }
    assert_eq!(code(backup(&store, &folder.path().join("copy.db"))), Code::FileUnwritable);
    assert_eq!(names(folder.path()), [""; 0]);
}

#[test]
fn a_cancelled_backup_leaves_nothing() {
    let store = filled(2, 3000);
    for phase in ["copy", "verify"] {
        let folder = tempfile::tempdir().unwrap();
        let ends = Ends::at(phase);
        let result = store.backup(&folder.path().join("copy.db"), BackupOptions::default(), &ends);
        if let (Ok(_), "verify") = (&result, phase) {
            // It was over before it was asked again.
            continue;
        }
        assert_eq!(code(result), Code::Cancelled, "{phase}");
        assert_eq!(names(folder.path()), [""; 0], "{phase}");
    }
}

#[test]
fn progress_of_a_backup_goes_up_to_all_pages() {
    let store = filled(2, 2000);
    let folder = tempfile::tempdir().unwrap();
    let ends = Ends::at("never");
    let report = store.backup(&folder.path().join("copy.db"), BackupOptions::default(), &ends).unwrap();
    let told: Vec<_> = ends.told.lock().iter().filter(|told| told.phase == "copy").cloned().collect();
    assert!(!told.is_empty());
    assert!(told.windows(2).all(|pair| pair[0].done <= pair[1].done));
    assert!(told.iter().all(|told| told.total as i64 == report.pages && told.unit == "pages"));
}

#[test]
fn a_backup_of_a_damaged_database_is_refused() {
    let store = filled(2, 500);
    damage(&store, "messages_by_session");
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("copy.db");
    assert_eq!(code(backup(&store, &target)), Code::DbCorrupt);
    assert_eq!(names(folder.path()), [""; 0]);
    // What can be saved is saved on request.
    let as_it_is = BackupOptions { verify: false, ..BackupOptions::default() };
    assert!(!store.backup(&target, as_it_is, &Unwatched).unwrap().verified);
    assert!(target.exists());
}

#[test]
fn a_backup_equals_one_committed_state_while_others_write() {
    let store = filled(1, 2000);
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        // Each transaction writes one message to each of two sessions, so a state in between would show.
        for writer in 0..2 {
            let (store, done) = (&store, &done);
            scope.spawn(move || {
                // A handle of its own, as another process has.
                let database = Database::open(store.path()).unwrap();
                let pair = [format!("a{writer}"), format!("b{writer}")];
                for name in &pair {
                    database.write(|write| write.sessions().upsert(&session(name))).unwrap();
                }
                let mut number = 0;
                while !done.load(Ordering::Relaxed) {
                    database
                        .write(|write| {
                            for name in &pair {
                                let row = said(&format!("{name}-{number}"), &at(number), "word");
                                write.messages().upsert(name, &[row])?;
                            }
                            Ok(())
                        })
                        .unwrap();
                    number += 1;
                }
            });
        }
        let folder = tempfile::tempdir().unwrap();
        for round in 0..5 {
            thread::sleep(Duration::from_millis(30));
            let target = folder.path().join(format!("copy{round}.db"));
            backup(&store, &target).unwrap();
            let copy = Database::open(&target).unwrap();
            assert!(copy.check_integrity(IntegrityOptions::default(), &Unwatched).unwrap().ok);
            for writer in 0..2 {
                let count = |name: String| copy.read(|read| read.messages().count(&name)).unwrap();
                assert_eq!(count(format!("a{writer}")), count(format!("b{writer}")));
            }
        }
        done.store(true, Ordering::Relaxed);
    });
    store.assert_sound();
}

/// Writes nonsense over the first page of a tree.
fn damage(store: &Store, tree: &str) {
    store.checkpoint(CheckpointMode::Truncate).unwrap();
    let (page, bytes): (u64, u64) = store
        .plain()
        .query_row(
            "SELECT pageno, pgsize FROM dbstat WHERE name = ?1 AND pagetype = 'leaf' ORDER BY pageno LIMIT 1",
            [tree],
            |row| Ok((row.get::<_, i64>(0)? as u64, row.get::<_, i64>(1)? as u64)),
        )
        .unwrap();
    let mut file = fs::OpenOptions::new().read(true).write(true).open(store.path()).unwrap();
    file.seek(SeekFrom::Start((page - 1) * bytes + 8)).unwrap();
    let mut cells = [0; 64];
    file.read_exact(&mut cells).unwrap();
    for byte in &mut cells {
        *byte ^= 0x5A;
    }
    file.seek(SeekFrom::Start((page - 1) * bytes + 8)).unwrap();
    file.write_all(&cells).unwrap();
}

fn integrity(database: &Database, repair: bool) -> IntegrityReport {
    database.check_integrity(IntegrityOptions { repair, quick: false }, &Unwatched).unwrap()
}

/// The names of parts that are not in order.
fn wrong(report: &IntegrityReport) -> Vec<String> {
    report.parts.iter().filter(|part| !part.ok).map(|part| part.name.clone()).collect()
}

#[test]
fn what_is_in_order_is_said_to_be() {
    let store = filled(3, 100);
    let report = integrity(&store, true);
    assert!(report.ok, "{report:?}");
    assert_eq!(
        (report.status.as_str(), report.schema_version),
        ("complete", i64::from(han_db::SCHEMA_VERSION))
    );
    let parts: Vec<&str> = report.parts.iter().map(|part| part.name.as_str()).collect();
    let indexes = ["search index messages_fts", "search index generated_summaries_fts"];
    assert_eq!(parts, [&["tables", "references", "counters"][..], &indexes].concat());
    assert!(report.parts.iter().all(|part| part.problems.is_empty() && !part.repaired));
    assert!(report.longest_write_lock_ms <= 0.0);
    assert!(integrity(&Store::new(), false).ok, "an empty one");
}

/// A change behind the store's back, and the part that is wrong then.
const REPAIRABLE: [(&str, &str); 9] = [
    ("UPDATE sessions SET row_count = row_count + 1 WHERE id = 's1'", "counters"),
    ("UPDATE activity_hours SET row_count = row_count + 1", "counters"),
    ("UPDATE messages SET content = 'other' WHERE row_id = 3", "search index messages_fts"),
    ("DELETE FROM messages_fts_docsize WHERE id = 7", "search index messages_fts"),
    ("INSERT INTO messages_fts_docsize VALUES (7000000, x'0100')", "search index messages_fts"),
    ("UPDATE messages_fts_docsize SET sz = x'0100' WHERE id = 7", "search index messages_fts"),
    ("UPDATE messages_fts_data SET block = x'0101' WHERE id = 1", "search index messages_fts"),
    ("DELETE FROM messages_fts_data WHERE id > 1000", "search index messages_fts"),
    ("UPDATE generated_summaries SET summary_text = 'other'", "search index generated_summaries_fts"),
];

#[test]
fn what_is_wrong_is_told_by_its_part_and_made_anew() {
    for (change, part) in REPAIRABLE {
        let store = filled(3, 200);
        let before = dump(&store);
        let changed = store.plain().execute(change, []).unwrap();
        assert!(changed > 0, "{change}");
        let report = integrity(&store, false);
        assert_eq!(wrong(&report), [part], "{change}: {report:?}");
        let told = report.parts.iter().find(|told| told.name == part).unwrap();
        assert!(!told.problems.is_empty() && !told.repaired && !report.ok);

        let repaired = integrity(&store, true);
        assert!(repaired.ok, "{change}: {repaired:?}");
        let told = repaired.parts.iter().find(|told| told.name == part).unwrap();
        assert!(told.repaired && told.ok && repaired.longest_write_lock_ms > 0.0);
        assert!(integrity(&store, false).ok, "{change}");
        store.assert_sound();
        if !change.contains("'other'") {
            assert_eq!(dump(&store), before, "{change}");
            assert_eq!(store.found("zebra").len(), 600, "{change}");
        }
    }
}

#[test]
fn flipped_bytes_of_the_search_index_are_found_and_mended() {
    for tree in ["messages_fts_data", "messages_fts_docsize"] {
        let store = filled(3, 400);
        let blocks: i64 =
            store.plain().query_row("SELECT max(id) FROM messages_fts_data", [], |row| row.get(0)).unwrap();
        // Words of another row: nothing that SQLite itself would stumble over.
        let flip = match tree {
            "messages_fts_data" => format!(
                "UPDATE messages_fts_data SET block =
                   CAST(substr(block, 1, 300) || x'7B' || substr(block, 302) AS BLOB) WHERE id = {blocks}"
            ),
            _ => "UPDATE messages_fts_docsize SET sz = x'0300' WHERE id IN (3, 4, 5)".to_owned(),
        };
        store.plain().execute(&flip, []).unwrap();
        let report = integrity(&store, true);
        assert_eq!(report.parts.iter().filter(|part| part.repaired).count(), 1, "{report:?}");
        assert!(report.ok, "{tree}: {report:?}");
        assert_eq!(store.found("zebra").len(), 1200, "{tree}");
    }
}

#[test]
fn an_index_that_lost_an_entry_is_found_and_made_anew() {
    let store = filled(2, 100);
    let plain = store.plain();
    // Taken out of the schema for a while, the index does not follow its rows.
    plain.execute_batch("PRAGMA writable_schema = ON").unwrap();
    let sql: String = plain
        .query_row("SELECT sql FROM sqlite_schema WHERE name = 'messages_by_session'", [], |row| row.get(0))
        .unwrap();
    let root: i64 = plain
        .query_row("SELECT rootpage FROM sqlite_schema WHERE name = 'messages_by_session'", [], |row| {
            row.get(0)
        })
        .unwrap();
    plain.execute("DELETE FROM sqlite_schema WHERE name = 'messages_by_session'", []).unwrap();
    drop(plain);
    let plain = store.plain();
    plain.execute("UPDATE messages SET timestamp_ms = 1780000001000 WHERE row_id = 5", []).unwrap();
    plain.execute_batch("PRAGMA writable_schema = ON").unwrap();
    plain
        .execute(
            "INSERT INTO sqlite_schema (type, name, tbl_name, rootpage, sql)
             VALUES ('index', 'messages_by_session', 'messages', ?1, ?2)",
            rusqlite::params![root, sql],
        )
        .unwrap();
    drop(plain);

    let database = Database::open(store.path()).unwrap();
    let report = integrity(&database, false);
    assert!(wrong(&report).contains(&"tables".to_owned()), "{report:?}");
    let repaired = integrity(&database, true);
    assert!(repaired.ok, "{repaired:?}");
    assert!(integrity(&database, false).ok);
}

#[test]
fn damaged_pages_are_told_and_do_not_end_the_check() {
    for tree in ["messages_by_session", "messages", "messages_fts_data"] {
        let store = filled(3, 400);
        damage(&store, tree);
        // What was read before is in memory.
        let database = Database::open(store.path()).unwrap();
        for repair in [false, true] {
            let report = integrity(&database, repair);
            assert!(!report.parts.is_empty());
            let problems: Vec<_> = report.parts.iter().flat_map(|part| &part.problems).collect();
            assert!(!problems.is_empty(), "{tree}: {report:?}");
            assert!(repair || !report.ok, "{tree}");
        }
    }
}

#[test]
fn rows_that_refer_to_nothing_are_told_and_left() {
    let store = filled(1, 5);
    let plain = store.plain();
    plain
        .execute_batch("PRAGMA foreign_keys = OFF; UPDATE generated_summaries SET session_row_id = 77")
        .unwrap();
    drop(plain);
    let report = integrity(&store, true);
    assert_eq!(wrong(&report), ["references"]);
    let told = &report.parts[1];
    assert_eq!(told.problems, ["1 rows of generated_summaries refer to rows of sessions that do not exist"]);
    assert!(!told.repaired);
}

#[test]
fn a_check_keeps_nobody_from_writing() {
    let store = filled(3, 2000);
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let checking = scope.spawn(|| {
            let report = integrity(&store, false);
            done.store(true, Ordering::Relaxed);
            report
        });
        let other = Database::open(store.path()).unwrap();
        let mut longest = Duration::ZERO;
        let mut number = 0;
        while !done.load(Ordering::Relaxed) {
            let begun = Instant::now();
            let row = said(&format!("late-{number}"), &at(number), "word");
            other.write(|write| write.messages().upsert("s1", &[row])).unwrap();
            longest = longest.max(begun.elapsed());
            number += 1;
        }
        assert!(checking.join().unwrap().ok);
        assert!(number > 3, "{number} writes, the longest {longest:?}");
    });
    assert!(integrity(&store, false).ok);
}

#[test]
fn a_check_that_is_cancelled_says_what_it_knows() {
    let store = filled(3, 3000);
    let ends = Ends::at("search index");
    let report = store.check_integrity(IntegrityOptions::default(), &ends).unwrap();
    if report.status == "complete" {
        // It was over before it was asked again.
        return;
    }
    assert_eq!(report.status, "partial");
    assert!(!report.ok && report.parts.len() >= 3, "{report:?}");
    let since = ends.ended.lock().unwrap().elapsed();
    assert!(since < Duration::from_millis(500), "{since:?}");
}

#[test]
fn a_repair_that_is_cancelled_is_finished_by_the_next() {
    let store = filled(3, 3000);
    store.plain().execute("DELETE FROM messages_fts_docsize WHERE id = 7", []).unwrap();
    let ends = Ends::at("repair");
    let report = store.check_integrity(IntegrityOptions { repair: true, quick: true }, &ends).unwrap();
    assert_eq!(report.status, "partial");
    // Rows may be written meanwhile, and those that wait are no damage.
    store.insert("s0", &[said("late", &at(9), "zebra")]).unwrap();
    assert!(
        integrity(&store, true).parts.iter().all(|part| part.ok || part.name.starts_with("search index"))
    );
    assert!(integrity(&store, true).ok);
}

#[test]
fn figures_are_those_of_the_file() {
    let store = filled(3, 300);
    let stats = store.stats().unwrap();
    let plain = store.plain();
    let number = |sql: &str| plain.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(stats.page_bytes, number("PRAGMA page_size"));
    assert_eq!(stats.pages, number("PRAGMA page_count"));
    assert_eq!(stats.free_bytes, stats.free_pages * stats.page_bytes);
    assert_eq!(stats.schema_version, i64::from(han_db::SCHEMA_VERSION));
    assert_eq!((stats.journal_mode.as_str(), stats.unindexed_rows), ("wal", 0));
    assert_eq!(stats.file_bytes, fs::metadata(store.path()).unwrap().len() as i64);
    assert!(stats.wal_bytes > 0 && stats.wal_frames == (stats.wal_bytes - 32) / (stats.page_bytes + 24));

    let report = store.sizes(&Unwatched).unwrap();
    let pages: i64 = report.sizes.iter().map(|size| size.pages).sum();
    assert_eq!(pages + stats.free_pages, stats.pages, "every page is somebody's");
    assert!(report.sizes.is_sorted_by(|first, second| first.bytes >= second.bytes));
    for size in &report.sizes {
        assert_eq!(size.bytes, size.pages * stats.page_bytes, "{}", size.name);
        if size.kind == "table" {
            let rows = number(&format!("SELECT count(*) FROM \"{}\"", size.name));
            assert_eq!(size.rows, rows, "{}", size.name);
        }
    }
    let index = report.sizes.iter().find(|size| size.name == "messages_by_session").unwrap();
    assert_eq!((index.kind.as_str(), index.table.as_str(), index.rows), ("index", "messages", 900));
}

#[test]
fn measuring_and_exporting_can_be_cancelled() {
    let store = filled(1, 10);
    let ended = Ends::at("never");
    *ended.ended.lock() = Some(Instant::now());
    assert_eq!(code(store.sizes(&ended)), Code::Cancelled);
    assert_eq!(code(store.export(&[], &ended, |_| ControlFlow::Continue(()))), Code::Cancelled);
    assert_eq!(code(store.vacuum(&VacuumOptions::default(), &ended)), Code::Cancelled);
    assert_eq!(code(backup(&store, Path::new("/"))), Code::NotAFile);
}

/// Defect 28: a vacuum that renumbers rows makes the search index name other rows than it means.
#[test]
fn defect_28_a_vacuum_keeps_row_ids_and_gives_space_back() {
    let store = Store::new();
    store
        .write(|write| {
            let one = source_file(write, "s", "/1");
            let two = source_file(write, "s", "/2");
            for number in 0..3000_u64 {
                let file = if number % 3 == 0 { &two } else { &one };
                let place = Place { byte_offset: number, byte_length: 1, line_number: number };
                let text = format!("zebra {number} {}", "much text ".repeat(30));
                insert_lines(write, file, &[line(&format!("m{number}"), 1, &text, place)])?;
            }
            // Gaps that a renumbering would close.
            write.session_files().reset(&one)
        })
        .unwrap();
    let ids = |store: &Store| -> Vec<(i64, String)> {
        store
            .plain()
            .prepare("SELECT row_id, CAST(id AS TEXT) FROM messages ORDER BY row_id")
            .unwrap()
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap()
            .collect::<rusqlite::Result<_>>()
            .unwrap()
    };
    let found = || {
        let page =
            store.read(|read| read.search().page("zebra", &SearchFilter::default(), None, 1000)).unwrap();
        page.items.into_iter().map(|hit| hit.message_id).collect::<Vec<_>>()
    };
    let before = (ids(&store), found());
    assert_eq!(before.1.len(), 1000);
    let report = store.vacuum(&VacuumOptions::default(), &Unwatched).unwrap();
    assert!(report.bytes_after < report.bytes_before, "{report:?}");
    assert_eq!((report.free_pages_after, report.shrunk), (0, true), "{report:?}");
    assert_eq!((ids(&store), found()), before);
    assert!(integrity(&store, false).ok);
}

#[test]
fn a_checkpoint_moves_the_log_and_waits_for_nobody() {
    let store = filled(2, 200);
    let report = store.checkpoint(CheckpointMode::Truncate).unwrap();
    assert!(report.complete && report.wal_bytes_after == 0 && report.wal_bytes_before > 0, "{report:?}");
    assert_eq!(report.frames_moved, report.frames_in_log);

    store.insert("s0", &[said("one", &at(1), "word")]).unwrap();
    // Somebody reads a state that the log holds.
    let reader = store.plain();
    reader.execute_batch("BEGIN; SELECT count(*) FROM sessions").unwrap();
    let _: i64 = reader.query_row("SELECT count(*) FROM sessions", [], |row| row.get(0)).unwrap();
    store.insert("s0", &[said("two", &at(2), "word")]).unwrap();
    let begun = Instant::now();
    let report = store.checkpoint(CheckpointMode::Truncate).unwrap();
    assert!(!report.complete && begun.elapsed() < Duration::from_secs(3), "{report:?}");
    let report = store.checkpoint(CheckpointMode::Passive).unwrap();
    assert!(!report.complete && report.frames_moved < report.frames_in_log, "{report:?}");
    store.insert("s0", &[said("three", &at(3), "word")]).unwrap();
    drop(reader);
    assert!(store.checkpoint(CheckpointMode::Passive).unwrap().complete);
}

#[test]
fn an_export_has_every_row_of_one_state() {
    let store = filled(2, 2000);
    let mut chunks = Vec::new();
    store
        .export(&["messages".into(), "sessions".into()], &Unwatched, |chunk| {
            if chunks.is_empty() {
                store.insert("s0", &[said("late", &at(1), "word")]).unwrap();
            }
            chunks.push(chunk);
            ControlFlow::Continue(())
        })
        .unwrap();
    assert!(chunks.len() > 1 && chunks.iter().all(|chunk: &ExportChunk| chunk.bytes.ends_with(b"\n")));
    assert_eq!(chunks.last().unwrap().rows, 4002);
    let text = String::from_utf8(chunks.into_iter().flat_map(|chunk| chunk.bytes).collect()).unwrap();
    let lines: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |table: &str| lines.iter().filter(|line| line["table"] == table).collect::<Vec<_>>();
    assert_eq!((of("sessions").len(), of("messages").len(), lines.len()), (2, 4000, 4002));
    assert_eq!(of("messages")[0]["row"]["content"], "word0 zebra getUserName filler text of 0 0");
    assert_eq!(of("sessions")[0]["row"]["row_count"], 2000);

    let unknown = store.export(&["nothing".into()], &Unwatched, |_| ControlFlow::Continue(()));
    assert_eq!(code(unknown), Code::InvalidArgument);
    let mut taken = 0;
    store
        .export(&[], &Unwatched, |_| {
            taken += 1;
            ControlFlow::Break(())
        })
        .unwrap();
    assert_eq!(taken, 1, "it ends when nobody takes more");
}

/// Stores a transcript in blocks of ten bytes.
fn store_transcript(store: &Store, session_id: &str, file_path: &str, bytes: &[u8]) {
    store
        .write(|write| {
            let file = source_file(write, session_id, file_path);
            for (number, piece) in bytes.chunks(10).enumerate() {
                let block = NewRawBlock::compress(number as u64 * 10, piece)?;
                write.raw_blocks().insert(file.row_id, &block)?;
            }
            let modified_at_ns = 1_780_000_000_123_456_789;
            write.session_files().advance(&SessionFile {
                byte_offset: bytes.len() as u64,
                seen: FileStamp { size: bytes.len() as u64, modified_at_ns, ..file.seen },
                ..file
            })
        })
        .unwrap();
}

#[test]
fn transcripts_come_back_byte_for_byte() {
    let store = Store::new();
    let lines = b"{\"type\":\"user\"}\r\n\xFF\xFE broken\0\n{\"type\":\"assistant\"} without an end";
    for (session_id, path, bytes) in [
        ("a", "/home/ann/.claude/projects/-home-ann/a.jsonl", &lines[..]),
        ("a", "/home/ann/.claude/projects/-home-ann/a/subagents/agent-1.jsonl", b"{}\n"),
        ("b", "/mnt/other/projects/-home-ann/a.jsonl", b"other\n"),
        ("c", "/srv/loose.jsonl", b"loose\n"),
        ("d", "/x/projects/../../../../etc/evil.jsonl", b"evil\n"),
        ("e", "/home/ann/.claude/projects/-home-ann/empty.jsonl", b""),
    ] {
        store_transcript(&store, session_id, path, bytes);
    }
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("deep/back");
    let report = store.restore_transcripts(&target, &RestoreOptions::default(), &Unwatched).unwrap();
    assert_eq!((report.files_restored, report.files_failed), (6, 0), "{report:?}");
    assert_eq!(fs::read(target.join("projects/-home-ann/a.jsonl")).unwrap(), lines);
    assert_eq!(fs::read(target.join("projects/-home-ann/a/subagents/agent-1.jsonl")).unwrap(), b"{}\n");
    assert_eq!(fs::read(target.join("config-2/projects/-home-ann/a.jsonl")).unwrap(), b"other\n");
    assert_eq!(fs::read(target.join("projects/-home-ann/empty.jsonl")).unwrap(), b"");
    let inside = |path: &str| PathBuf::from(path).starts_with(&target);
    assert!(report.transcripts.iter().all(|transcript| inside(&transcript.restored_path)), "{report:?}");
    assert_eq!(names(folder.path()), ["deep"]);
    let modified = fs::metadata(target.join("projects/-home-ann/a.jsonl")).unwrap().modified().unwrap();
    let since = modified.duration_since(std::time::UNIX_EPOCH).unwrap();
    assert_eq!(since.as_millis(), 1_780_000_000_123);

    // Again: what is there stays, and what differs is never written over.
    fs::write(target.join("projects/-home-ann/a.jsonl"), "mine").unwrap();
    let again = store.restore_transcripts(&target, &RestoreOptions::default(), &Unwatched).unwrap();
    assert_eq!((again.files_restored, again.files_unchanged, again.files_failed), (0, 5, 1), "{again:?}");
    let failed = again.transcripts.iter().find(|transcript| transcript.status == "failed").unwrap();
    assert!(failed.error.as_ref().unwrap().starts_with("[FILE_EXISTS]"));
    assert_eq!(fs::read(target.join("projects/-home-ann/a.jsonl")).unwrap(), b"mine");

    let one = RestoreOptions { session_ids: vec!["b".into()], only_missing: true };
    let report = store.restore_transcripts(&folder.path().join("one"), &one, &Unwatched).unwrap();
    assert_eq!(report.files_restored, 1);
    assert!(folder.path().join("one/config-2/projects/-home-ann/a.jsonl").exists());
    let unknown = RestoreOptions { session_ids: vec!["zzz".into()], only_missing: false };
    assert_eq!(code(store.restore_transcripts(&target, &unknown, &Unwatched)), Code::SessionNotFound);
}

#[test]
fn a_transcript_whose_bytes_are_damaged_is_not_given_back() {
    let store = Store::new();
    store_transcript(&store, "a", "/c/projects/p/a.jsonl", &[b'x'; 100]);
    store_transcript(&store, "b", "/c/projects/p/b.jsonl", &[b'y'; 100]);
    store.plain().execute("DELETE FROM raw_blocks WHERE row_id = 4", []).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let report = store.restore_transcripts(folder.path(), &RestoreOptions::default(), &Unwatched).unwrap();
    assert_eq!((report.files_restored, report.files_failed), (1, 1), "{report:?}");
    assert!(report.transcripts[0].error.as_ref().unwrap().starts_with("[DB_CORRUPT]"), "{report:?}");
    assert_eq!(names(&folder.path().join("projects/p")), ["b.jsonl"]);
    let cancelled = Ends::at("never");
    *cancelled.ended.lock() = Some(Instant::now());
    let partial = store.restore_transcripts(folder.path(), &RestoreOptions::default(), &cancelled).unwrap();
    assert_eq!((partial.status.as_str(), partial.transcripts.len()), ("partial", 0));
}

/// A plain connection sees what a backup must not lose.
#[test]
fn a_backup_holds_what_only_the_log_has_yet() {
    let store = filled(1, 10);
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("copy.db");
    assert!(store.stats().unwrap().wal_bytes > 0);
    backup(&store, &target).unwrap();
    let rows: i64 = Connection::open(&target)
        .unwrap()
        .query_row("SELECT count(*) FROM messages", [], |row| row.get(0))
        .unwrap();
    assert_eq!(rows, 10);
}
