//! Trees of transcripts against the twin, and against the manifest of the generator that wrote them.

use crate::{
    dump::{assert_sound, indexed_bytes},
    index,
    twin::{TwinFile, TwinLedger, TwinRecord},
};
use han_db::{Database, MessageFilter, SearchFilter, SessionFilter};
use han_indexer::discover_config_dir;
use han_testkit::fixtures;
use serde_json::Value;
use std::{
    collections::{BTreeMap, HashMap, HashSet, hash_map::Entry},
    env, fs,
    path::{Path, PathBuf},
};

/// Places of needles that are indexed; needles in other places stand in fields that repeat text.
const INDEXED_PLACES: &[&str] =
    &["user_text", "assistant_text", "thinking", "tool_input", "tool_result", "summary"];

/// Words of the corpus, beside the needles, that searches are compared for.
const SAMPLED_WORDS: usize = 60;

#[test]
fn the_generated_tree_is_stored_as_its_manifest_says() {
    check_tree(&fixtures().join("generated"));
}

#[test]
fn published_transcripts_are_stored_as_the_twin_reads_them() {
    check_tree(&fixtures().join("transcripts"));
}

/// `HAN_CORPUS` names trees with a manifest, separated as in `PATH`.
#[test]
fn trees_named_by_the_environment_are_stored_as_their_manifests_say() {
    for tree in named_by("HAN_CORPUS") {
        check_tree(&tree);
    }
}

/// `HAN_TRANSCRIPTS` names config folders with real transcripts, separated as in `PATH`.
#[test]
fn transcripts_named_by_the_environment_are_stored_as_the_twin_reads_them() {
    for tree in named_by("HAN_TRANSCRIPTS") {
        check_tree(&tree);
    }
}

/// A tree as the twin sees it. A line that a session holds twice counts once.
struct Expected {
    files: BTreeMap<PathBuf, TwinFile>,
    ledger: TwinLedger,
    sessions: HashSet<String>,
    /// Indexes of the records of each file that have a row.
    rows: BTreeMap<PathBuf, Vec<usize>>,
}

impl Expected {
    fn read(tree: &Path) -> Self {
        let mut expected = Self {
            files: BTreeMap::new(),
            ledger: TwinLedger::default(),
            sessions: HashSet::new(),
            rows: BTreeMap::new(),
        };
        let mut known: HashMap<(String, String), (PathBuf, String)> = HashMap::new();
        for source in discover_config_dir(tree).unwrap().files {
            let file = TwinFile::read(&source.path);
            let mut rows = Vec::new();
            for (at, record) in file.records.iter().enumerate() {
                record.reply.iter().for_each(|reply| expected.ledger.book(reply));
                let Some(uuid) = &record.uuid else {
                    rows.push(at);
                    continue;
                };
                let this = (source.path.clone(), record.raw.clone());
                match known.entry((file.session_id.clone(), uuid.clone())) {
                    Entry::Vacant(vacant) => {
                        vacant.insert(this);
                        rows.push(at);
                    }
                    // A file that gives one id to several lines loses none of them.
                    Entry::Occupied(first) if first.get().0 == this.0 && first.get().1 != this.1 => {
                        rows.push(at);
                    }
                    Entry::Occupied(_) => {}
                }
            }
            if !file.records.is_empty() || !file.broken_lines.is_empty() {
                expected.sessions.insert(file.session_id.clone());
            }
            expected.rows.insert(source.path.clone(), rows);
            expected.files.insert(source.path, file);
        }
        expected
    }

    fn records(&self) -> impl Iterator<Item = &TwinRecord> {
        self.rows.iter().flat_map(|(path, rows)| rows.iter().map(|at| &self.files[path].records[*at]))
    }
}

fn check_tree(tree: &Path) {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::open(&folder.path().join("han.db")).unwrap();
    let report = index(&database, tree);
    let expected = Expected::read(tree);
    assert!(!expected.files.is_empty(), "{} holds transcripts", tree.display());
    assert_eq!(report.files_failed, 0, "{:?}", report.results);
    assert_eq!(report.files_seen as usize, expected.files.len());
    assert_eq!(report.messages_indexed as usize, expected.records().count());
    assert_eq!(
        report.bytes_read as usize,
        expected.files.values().map(|file| file.indexed_bytes).sum::<usize>()
    );

    check_rows(&database, &expected);
    check_broken_lines(&database, &expected);
    check_bytes(&database, &expected);
    check_ledger(&database, &expected);
    check_words(&database, &expected);
    if tree.join("manifest.json").exists() {
        let manifest = serde_json::from_slice(&fs::read(tree.join("manifest.json")).unwrap()).unwrap();
        check_manifest(&database, &expected, tree, &manifest);
    }
    assert_sound(&database);

    let again = index(&database, tree);
    assert_eq!(
        (again.files_unchanged, again.results),
        (report.files_seen, Vec::new()),
        "nothing is read twice"
    );
}

/// Every record is a row with its type, and gives back its line byte for byte.
fn check_rows(database: &Database, expected: &Expected) {
    let mut lines: HashMap<(&str, String, u64), &TwinRecord> = HashMap::new();
    for (path, rows) in &expected.rows {
        let file = &expected.files[path];
        for at in rows {
            let record = &file.records[*at];
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            lines.insert((&file.session_id, name, record.line_number), record);
        }
    }
    let filter = MessageFilter { with_raw: true, ..MessageFilter::default() };
    let mut ids = HashSet::new();
    for session in &expected.sessions {
        let mut cursor = None;
        loop {
            let page = database
                .read(|read| read.messages().page(session, &filter, cursor.as_deref(), 1000))
                .unwrap();
            for message in page.items {
                let place = (
                    session.as_str(),
                    message.source_file_name.unwrap(),
                    message.line_number.cast_unsigned(),
                );
                let record = lines.remove(&place).unwrap_or_else(|| panic!("no record stands at {place:?}"));
                assert_eq!(message.raw_json.as_deref(), Some(record.raw.as_str()), "{place:?}");
                assert!(
                    message.message_type == record.record_type || message.message_type == "unknown",
                    "{place:?} is {}, not {}",
                    message.message_type,
                    record.record_type
                );
                if let Some(uuid) =
                    record.uuid.as_ref().filter(|uuid| ids.insert((session.clone(), (*uuid).clone())))
                {
                    assert_eq!(&message.id, uuid, "the first line with an id has it");
                }
            }
            cursor = page.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
    }
    assert!(lines.is_empty(), "{} records have no row", lines.len());
}

fn check_broken_lines(database: &Database, expected: &Expected) {
    let mut found: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for line in database.read(|read| read.broken_lines().list(100_000)).unwrap() {
        found.entry(line.file_path).or_default().push(line.line_number.cast_unsigned());
    }
    let expected: BTreeMap<String, Vec<u64>> = expected
        .files
        .iter()
        .filter(|(_, file)| !file.broken_lines.is_empty())
        .map(|(path, file)| (path.to_string_lossy().into_owned(), file.broken_lines.clone()))
        .collect();
    assert_eq!(found, expected);
}

/// The stored blocks are the file, up to the end of its last whole line.
fn check_bytes(database: &Database, expected: &Expected) {
    for (path, bytes) in indexed_bytes(database) {
        let file = &expected.files[Path::new(&path)];
        assert!(bytes == file.bytes[..file.indexed_bytes], "the bytes of {path}");
    }
}

fn check_ledger(database: &Database, expected: &Expected) {
    let stats = database.read(|read| read.archive().stats()).unwrap();
    let (replies, tokens) = expected.ledger.totals();
    let found =
        [stats.input_tokens, stats.output_tokens, stats.cache_read_tokens, stats.cache_creation_tokens];
    assert_eq!(
        (stats.api_replies.cast_unsigned() as usize, found.map(i64::cast_unsigned)),
        (replies, tokens)
    );
    assert_eq!(stats.sessions.cast_unsigned() as usize, expected.sessions.len());

    // What the sessions booked is the whole.
    let sessions = database.read(|read| read.sessions().page(&SessionFilter::default(), None, 1000)).unwrap();
    if sessions.next_cursor.is_none() {
        assert_eq!(
            sessions.items.iter().map(|session| session.output_tokens).sum::<i64>(),
            stats.output_tokens
        );
        assert_eq!(sessions.items.iter().map(|session| session.row_count).sum::<i64>(), stats.messages);
    }
}

/// Words that always stand alone are found in exactly the records that hold them.
fn check_words(database: &Database, expected: &Expected) {
    let texts: Vec<String> = expected.records().map(|record| record.text.to_lowercase()).collect();
    let mut words: BTreeMap<&str, usize> = BTreeMap::new();
    let mut parts_of_others: HashSet<&str> = HashSet::new();
    let mut joined_others: HashSet<String> = HashSet::new();
    for text in &texts {
        let mut seen = HashSet::new();
        for word in text.split(|character: char| character.is_ascii_whitespace()) {
            let plain = word.trim_matches(|character: char| matches!(character, ',' | '.' | '!' | '?' | ';'));
            if plain.len() >= 5 && plain.bytes().all(|byte| byte.is_ascii_lowercase()) {
                if seen.insert(plain) {
                    *words.entry(plain).or_default() += 1;
                }
            } else {
                // The search finds identifiers by their parts too, and `note_main` as `notemain`.
                joined_others.insert(word.chars().filter(char::is_ascii_lowercase).collect());
                parts_of_others.extend(word.split(|character: char| !character.is_ascii_lowercase()));
            }
        }
    }
    parts_of_others.extend(joined_others.iter().map(String::as_str));
    let others: String = parts_of_others.iter().flat_map(|part| [part, "\n"]).collect();
    let step = (words.len() / SAMPLED_WORDS / 3).max(1);
    let mut compared = 0;
    for (word, count) in words.into_iter().step_by(step) {
        if compared < SAMPLED_WORDS && !others.contains(word) {
            assert_eq!(hits(database, word), count, "{word}");
            compared += 1;
        }
    }
    assert!(compared > 5, "{compared} words were compared");
}

fn check_manifest(database: &Database, expected: &Expected, tree: &Path, manifest: &Value) {
    let totals = &manifest["totals"];
    let stats = database.read(|read| read.archive().stats()).unwrap();
    assert_eq!(stats.files, totals["files"].as_i64().unwrap());
    assert_eq!(stats.sessions, totals["sessions"].as_i64().unwrap());
    assert_eq!(stats.messages, totals["lines"].as_i64().unwrap());
    assert_eq!(stats.api_replies, totals["global_messages"].as_i64().unwrap());
    let tokens = &totals["global_tokens"];
    for (name, found) in [
        ("input", stats.input_tokens),
        ("output", stats.output_tokens),
        ("cache_read", stats.cache_read_tokens),
        ("cache_creation", stats.cache_creation_tokens),
    ] {
        assert_eq!(Some(found), tokens[name].as_i64(), "{name} tokens");
    }
    let types: BTreeMap<&str, i64> =
        stats.rows_by_type.iter().map(|row| (row.message_type.as_str(), row.count)).collect();
    assert_eq!(types, counts(&totals["types"]));

    let connection = rusqlite::Connection::open(database.path()).unwrap();
    check_sessions(&connection, manifest);
    check_blocks(&connection, expected, totals);
    let mut by_type = connection
        .prepare(
            "SELECT message_type, count(*) FROM messages JOIN session_files ON session_files.row_id = session_file_row_id
             WHERE file_path = ?1 GROUP BY message_type",
        )
        .unwrap();
    for file in manifest["files"].as_array().unwrap() {
        let path = tree.canonicalize().unwrap().join(file["path"].as_str().unwrap());
        let found: BTreeMap<String, i64> = by_type
            .query_map([path.to_string_lossy()], |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap()
            .collect::<rusqlite::Result<_>>()
            .unwrap();
        let found: BTreeMap<&str, i64> = found.iter().map(|(name, count)| (name.as_str(), *count)).collect();
        assert_eq!(found, counts(&file["types"]), "{}", path.display());
        let twin = &expected.files[&path];
        assert_eq!(twin.session_id, file["session"].as_str().unwrap());
        let waiting = usize::from(twin.indexed_bytes < twin.bytes.len());
        assert_eq!(twin.broken_lines.len() + waiting, file["bad_lines"].as_u64().unwrap_or(0) as usize);
    }

    for needle in manifest["needles"].as_array().unwrap() {
        let text = needle["text"].as_str().unwrap();
        let folded = text.to_lowercase();
        let records =
            expected.records().filter(|record| record.text.to_lowercase().contains(&folded)).count();
        let query = format!("\"{}\"", text.replace('"', " "));
        assert_eq!(hits(database, &query), records, "{text}");
        // `zqloud` and `ZQLOUD` are one word for the search.
        let is_indexed = counts(&needle["lines_by_place"]).keys().all(|place| INDEXED_PLACES.contains(place));
        if is_indexed && folded != "zqloud" {
            assert_eq!(Some(records as u64), needle["lines"].as_u64(), "{text}");
        }
    }
}

/// Files, lines and folder of each session, and its calls of tools by name, as the manifest tells them.
fn check_sessions(connection: &rusqlite::Connection, manifest: &Value) {
    let number =
        |sql: &str, session: &str| -> i64 { connection.query_row(sql, [session], |row| row.get(0)).unwrap() };
    for session in manifest["sessions"].as_array().unwrap() {
        let id = session["session"].as_str().unwrap();
        let files = "SELECT count(*) FROM session_files JOIN sessions ON sessions.row_id = session_row_id WHERE id = ?1";
        assert_eq!(Some(number(files, id)), session["files"].as_i64(), "files of {id}");
        assert_eq!(
            Some(number("SELECT row_count FROM sessions WHERE id = ?1", id)),
            session["lines"].as_i64(),
            "lines of {id}"
        );
        let (slug, path): (String, String) = connection
            .query_row(
                "SELECT projects.slug, projects.path FROM sessions
                 JOIN projects ON projects.row_id = project_row_id WHERE sessions.id = ?1",
                [id],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .unwrap();
        // Folders whose paths differ in signs only share a name; the second gets a suffix.
        let told = session["slug"].as_str().unwrap();
        assert!(slug == told || slug.starts_with(&format!("{told}~")), "{slug} of {id}");
        assert_eq!(Some(path.as_str()), session["cwd"].as_str(), "folder of {id}");
        let calls = "SELECT name, count(*) FROM tool_calls JOIN sessions ON sessions.row_id = session_row_id
                     WHERE sessions.id = ?1 AND name IS NOT NULL GROUP BY name";
        let mut calls = connection.prepare(calls).unwrap();
        let found: BTreeMap<String, i64> = calls
            .query_map([id], |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap()
            .collect::<rusqlite::Result<_>>()
            .unwrap();
        let found: BTreeMap<&str, i64> = found.iter().map(|(name, count)| (name.as_str(), *count)).collect();
        assert_eq!(found, counts(&session["tools"]), "calls of {id}");
    }
}

/// Calls, results and compactions in all: of the whole tree each once, however many sessions copied it.
fn check_blocks(connection: &rusqlite::Connection, expected: &Expected, totals: &Value) {
    let number = |sql: &str| -> i64 { connection.query_row(sql, [], |row| row.get(0)).unwrap() };
    let of = |object: &Value, name: &str| object.get(name).and_then(Value::as_i64).unwrap_or(0);
    let calls = "SELECT count(*) FROM tool_calls WHERE name IS NOT NULL";
    assert_eq!(number(calls), of(&totals["blocks"], "assistant/tool_use"));
    let answered = "SELECT count(*) FROM tool_calls WHERE is_error IS NOT NULL";
    assert_eq!(number(answered), of(&totals["blocks"], "user/tool_result"));
    let boundaries = of(&totals["subtypes"], "system/compact_boundary");
    let compactions = "SELECT count(*) FROM compactions JOIN messages ON messages.session_row_id = compactions.session_row_id
                         AND messages.message_type = 'system' AND messages.id = unhex(replace(message_id, '-', ''))";
    assert_eq!(number(compactions), boundaries);
    let broken: i64 = expected.files.values().map(|file| file.broken_lines.len() as i64).sum();
    let waiting = expected.files.values().filter(|file| file.indexed_bytes < file.bytes.len()).count() as i64;
    assert_eq!(broken + waiting, of(totals, "bad_lines"));
    let files: u64 = expected.files.values().map(|file| file.bytes.len() as u64).sum();
    assert_eq!(Some(files), totals["bytes"].as_u64());
}

fn counts(object: &Value) -> BTreeMap<&str, i64> {
    object.as_object().unwrap().iter().map(|(name, count)| (name.as_str(), count.as_i64().unwrap())).collect()
}

/// Rows that a search finds, over all pages.
pub(crate) fn hits(database: &Database, query: &str) -> usize {
    let mut found = HashSet::new();
    let mut count = 0;
    let mut cursor = None;
    loop {
        let page = database
            .read(|read| read.search().page(query, &SearchFilter::default(), cursor.as_deref(), 1000))
            .unwrap();
        count += page.items.len();
        found.extend(page.items.into_iter().map(|hit| (hit.session_id, hit.message_id)));
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(count, found.len(), "{query}: no hit comes twice");
    count
}

/// The folders that a variable of the environment names; none when it is missing.
fn named_by(variable: &str) -> Vec<PathBuf> {
    env::var_os(variable).map(|value| env::split_paths(&value).collect()).unwrap_or_default()
}
