//! The token ledger over a tree whose totals are known: whatever becomes of its files, each reply counts once, to the token.

use crate::{dump::assert_sound, index, open};
use han_db::Database;
use han_testkit::{ConfigDir, Transcript, fixtures};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::fs;

/// What becomes of a file. Places are shares of its lines.
#[derive(Clone, Debug)]
enum Fate {
    Keep,
    /// Its lines stand in another order.
    Shuffle(u64),
    /// It lies in another folder as well.
    Copy,
    /// Its first lines lie in one folder and the others in another one.
    Split(prop::sample::Index),
    /// Another session begins with its first lines.
    Fork(prop::sample::Index),
    /// Another session goes on from a summary of it, with its last lines.
    Compact(prop::sample::Index),
}

fn fate() -> impl Strategy<Value = Fate> {
    let place = any::<prop::sample::Index>;
    prop_oneof![
        Just(Fate::Keep),
        any::<u64>().prop_map(Fate::Shuffle),
        Just(Fate::Copy),
        place().prop_map(Fate::Split),
        place().prop_map(Fate::Fork),
        place().prop_map(Fate::Compact),
    ]
}

/// A file of the tree: its path below `projects`, and its lines.
struct Original {
    path: String,
    session: String,
    lines: Vec<String>,
}

fn originals(manifest: &Value) -> Vec<Original> {
    let files = manifest["files"].as_array().unwrap().iter().map(|file| {
        let path = file["path"].as_str().unwrap();
        let bytes = fs::read(fixtures().join("generated").join(path)).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        // Broken lines tell nothing, and would stand in the way of what follows them.
        let lines = text.lines().filter(|line| serde_json::from_str::<Value>(line).is_ok());
        Original {
            path: path.strip_prefix("projects/").unwrap().to_owned(),
            session: file["session"].as_str().unwrap().to_owned(),
            lines: lines.map(str::to_owned).collect(),
        }
    });
    files.collect()
}

impl Original {
    fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap()
    }

    fn text(lines: &[String]) -> String {
        lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect()
    }

    /// Lines as they stand in another session.
    fn as_session(&self, lines: &[String], session: &str) -> String {
        Self::text(lines).replace(&self.session, session)
    }

    /// The files that it becomes: paths and texts.
    fn become_files(&self, number: usize, fate: &Fate) -> Vec<(String, String)> {
        let whole = (self.path.clone(), Self::text(&self.lines));
        let elsewhere = format!("-home-dev-elsewhere/{}", self.name());
        let other = format!("0ede0000-0000-4000-8000-{number:012}");
        let other_path = format!("-home-dev-app/{other}.jsonl");
        match fate {
            Fate::Keep => vec![whole],
            Fate::Shuffle(seed) => {
                let mut lines = self.lines.clone();
                lines.sort_by_key(|line| xxhash_rust::xxh3::xxh3_64_with_seed(line.as_bytes(), *seed));
                vec![(self.path.clone(), Self::text(&lines))]
            }
            Fate::Copy => vec![(elsewhere, whole.1.clone()), whole],
            Fate::Split(place) => {
                let (first, second) = self.lines.split_at(place.index(self.lines.len()));
                vec![(self.path.clone(), Self::text(first)), (elsewhere, Self::text(second))]
            }
            Fate::Fork(place) => {
                let first = &self.lines[..place.index(self.lines.len())];
                vec![(other_path, self.as_session(first, &other)), whole]
            }
            Fate::Compact(place) => {
                let boundary = json!({
                    "type": "system", "subtype": "compact_boundary", "sessionId": other,
                    "uuid": format!("0ede0001-0000-4000-8000-{number:012}"),
                    "timestamp": "2026-03-01T10:00:00.000Z", "content": "Conversation compacted",
                    "compactMetadata": { "trigger": "auto", "preTokens": 100_000 },
                });
                let summary = json!({
                    "type": "user", "isCompactSummary": true, "sessionId": other,
                    "uuid": format!("0ede0002-0000-4000-8000-{number:012}"),
                    "parentUuid": boundary["uuid"], "timestamp": "2026-03-01T10:00:00.000Z",
                    "message": { "role": "user", "content": "It went on like this." },
                });
                let last = &self.lines[place.index(self.lines.len())..];
                let text = format!("{boundary}\n{summary}\n{}", self.as_session(last, &other));
                vec![(other_path, text), whole]
            }
        }
    }
}

/// Replies and tokens of a store.
fn totals(database: &Database) -> [i64; 5] {
    let stats = database.read(|read| read.archive().stats()).unwrap();
    [
        stats.api_replies,
        stats.input_tokens,
        stats.output_tokens,
        stats.cache_read_tokens,
        stats.cache_creation_tokens,
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn shuffled_copied_split_forked_and_compacted_files_cost_what_the_manifest_says(
        fates in prop::collection::vec(fate(), 6), order in any::<u64>(), runs in prop::collection::vec(any::<bool>(), 12),
    ) {
        let manifest = fs::read(fixtures().join("generated/manifest.json")).unwrap();
        let manifest: Value = serde_json::from_slice(&manifest).unwrap();
        let originals = originals(&manifest);
        prop_assert_eq!(originals.len(), fates.len());
        let mut files: Vec<(String, String)> = originals
            .iter()
            .zip(&fates)
            .enumerate()
            .flat_map(|(number, (original, fate))| original.become_files(number, fate))
            .collect();
        files.sort_by_key(|(path, _)| xxhash_rust::xxh3::xxh3_64_with_seed(path.as_bytes(), order));
        let config = ConfigDir::new();
        let database = open(&config);
        for ((path, text), is_indexed) in files.iter().zip(runs) {
            config.write(path, text);
            if is_indexed {
                prop_assert_eq!(index(&database, config.path()).files_failed, 0);
            }
        }
        index(&database, config.path());
        let tokens = &manifest["totals"]["global_tokens"];
        let told = ["input", "output", "cache_read", "cache_creation"].map(|kind| tokens[kind].as_i64().unwrap());
        let replies = manifest["totals"]["global_messages"].as_i64().unwrap();
        prop_assert_eq!(totals(&database), [replies, told[0], told[1], told[2], told[3]]);

        // And so they do when all that can be read again is.
        database.truncate_derived().unwrap();
        index(&database, config.path());
        prop_assert_eq!(totals(&database), [replies, told[0], told[1], told[2], told[3]]);
        assert_sound(&database);
    }
}

/// A session, and another one that began with its lines and whose own file is gone.
fn session_and_fork() -> (ConfigDir, Database, std::path::PathBuf, [i64; 5]) {
    const SESSION: &str = "0ede0003-0000-4000-8000-000000000001";
    const FORK: &str = "0ede0003-0000-4000-8000-000000000002";
    let config = ConfigDir::new();
    let mut lines = Transcript::new(SESSION);
    lines.prompt("hello").reply("good day", 5).prompt("more").reply("of it", 7);
    let file = config.write(&format!("-home-dev-app/{SESSION}.jsonl"), lines.text());
    let fork = lines.resumed_as(FORK).prompt("another way").reply("as you like", 11).take();
    let fork = config.write(&format!("-home-dev-app/{FORK}.jsonl"), fork);
    let database = open(&config);
    index(&database, config.path());
    fs::remove_file(fork).unwrap();
    index(&database, config.path());
    let before = totals(&database);
    assert_eq!(before[..3], [3, 30, 23]);
    (config, database, file, before)
}

#[test]
fn a_ledger_that_is_read_anew_counts_what_it_counted() {
    let (config, database, _, before) = session_and_fork();
    assert!(database.truncate_derived().unwrap() > 0);
    index(&database, config.path());
    assert_eq!(totals(&database), before);
    assert_sound(&database);
}

#[test]
fn a_session_that_stays_books_what_one_that_went_had_booked() {
    let (config, database, file, before) = session_and_fork();
    assert!(database.truncate_derived().unwrap() > 0);
    // It cannot be read anew, but the fork tells all of it.
    fs::remove_file(file).unwrap();
    index(&database, config.path());
    assert_eq!(totals(&database), before);
    assert_sound(&database);
}
