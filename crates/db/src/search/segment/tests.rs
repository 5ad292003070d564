//! Segments against FTS5 itself: the same bytes for the same texts, the same answers after any history.

use super::{Postings, Segment, SegmentBuilder, Vocabulary, remove_unpublished};
use crate::tokenizer;
use han_base::Code;
use proptest::prelude::*;
use rusqlite::{Connection, Row, params};
use std::{collections::BTreeMap, path::Path};
use tempfile::TempDir;

type Text = (Option<String>, Option<String>);

fn text(content: &str) -> Text {
    (Some(content.to_owned()), None)
}

/// An index like that of the migrations, over a table of texts.
struct Store {
    folder: TempDir,
    connection: Connection,
}

impl Store {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let connection = connect(&folder.path().join("store.db"));
        connection
            .execute_batch(
                "PRAGMA journal_mode = WAL;
                 CREATE TABLE message_texts (row_id INTEGER PRIMARY KEY, content TEXT, tool_input TEXT);
                 CREATE VIRTUAL TABLE messages_fts USING fts5 (
                   content, tool_input, content = 'message_texts', content_rowid = 'row_id', tokenize = 'han');
                 INSERT INTO messages_fts (messages_fts, rank) VALUES ('rank', 'bm25(1.0, 0.5)');
                 CREATE VIRTUAL TABLE vocabulary USING fts5vocab(messages_fts, 'row');
                 CREATE VIRTUAL TABLE instances USING fts5vocab(messages_fts, 'instance');",
            )
            .expect("a schema");
        Self { folder, connection }
    }

    /// All texts in one segment that FTS5 wrote.
    fn of_fts5(texts: &BTreeMap<i64, Text>) -> Self {
        let store = Self::new();
        store.configure("hashsize", 1 << 30);
        store.execute("BEGIN");
        for (&row, text) in texts {
            store_text(&store.connection, row, text);
            index_text(&store.connection, row, text);
        }
        store.execute("COMMIT");
        store
    }

    fn path(&self) -> std::path::PathBuf {
        self.folder.path().join("store.db")
    }

    fn execute(&self, sql: &str) {
        self.connection.execute_batch(sql).expect(sql);
    }

    fn configure(&self, command: &str, value: i64) {
        self.connection
            .execute("INSERT INTO messages_fts (messages_fts, rank) VALUES (?1, ?2)", params![command, value])
            .expect(command);
    }

    fn is_sound(&self) -> rusqlite::Result<usize> {
        self.connection
            .execute("INSERT INTO messages_fts (messages_fts, rank) VALUES ('integrity-check', 1)", [])
    }

    fn rows<T>(&self, sql: &str, read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>) -> Vec<T> {
        rows(&self.connection, sql, read)
    }

    fn found(&self, expression: &str) -> Vec<(i64, f64)> {
        found(&self.connection, expression)
    }

    /// How many rows the shadow tables have.
    fn shadow_rows(&self) -> Vec<i64> {
        self.rows(
            "SELECT count(*) FROM messages_fts_data UNION ALL SELECT count(*) FROM messages_fts_idx
             UNION ALL SELECT count(*) FROM messages_fts_docsize",
            |row| row.get(0),
        )
    }

    /// What is in the shadow tables, without the ids of segments and where they stand.
    fn shadow_content(&self) -> Vec<(i64, Vec<u8>, i64)> {
        self.rows(
            "SELECT id & 0x1fffffffff, block, 0 FROM messages_fts_data WHERE id != 10
             UNION ALL SELECT -1, term, pgno FROM messages_fts_idx
             UNION ALL SELECT -2, sz, id FROM messages_fts_docsize ORDER BY 1, 2, 3",
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
    }

    fn write_segment(&self, segment: &mut Segment, pages: usize) {
        loop {
            self.execute("BEGIN");
            let done = segment.write_pages(&self.connection, pages).expect("pages written");
            self.execute("COMMIT");
            if done {
                return;
            }
        }
    }

    fn add_segment(&self, segment: Segment) {
        let mut segment = segment;
        self.write_segment(&mut segment, 3);
        self.execute("BEGIN");
        segment.publish(&self.connection).expect("published");
        self.execute("COMMIT");
    }
}

/// Ids of all segments that have pages.
const SEGMENTS: &str = "SELECT DISTINCT id >> 37 FROM messages_fts_data WHERE id >> 37";

fn connect(path: &Path) -> Connection {
    let connection = Connection::open(path).expect("a database");
    connection.execute_batch("PRAGMA synchronous = OFF").expect("a pragma");
    tokenizer::register(&connection).expect("the tokenizer");
    connection
}

fn rows<T>(connection: &Connection, sql: &str, read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>) -> Vec<T> {
    connection
        .prepare(sql)
        .and_then(|mut statement| statement.query_map([], read)?.collect())
        .expect("rows of a query")
}

fn found(connection: &Connection, expression: &str) -> Vec<(i64, f64)> {
    connection
        .prepare("SELECT rowid, rank FROM messages_fts WHERE messages_fts MATCH ?1 ORDER BY rank, rowid")
        .and_then(|mut statement| {
            statement.query_map([expression], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
        })
        .expect(expression)
}

fn store_text(connection: &Connection, row: i64, (content, tool_input): &Text) {
    if content.is_some() || tool_input.is_some() {
        connection
            .prepare_cached("INSERT INTO message_texts VALUES (?1, ?2, ?3)")
            .and_then(|mut statement| statement.execute(params![row, content, tool_input]))
            .expect("stored");
    }
}

fn index_text(connection: &Connection, row: i64, (content, tool_input): &Text) {
    if content.is_some() || tool_input.is_some() {
        connection
            .prepare_cached("INSERT INTO messages_fts (rowid, content, tool_input) VALUES (?1, ?2, ?3)")
            .and_then(|mut statement| statement.execute(params![row, content, tool_input]))
            .expect("indexed");
    }
}

fn unindex_text(connection: &Connection, row: i64, (content, tool_input): &Text) {
    connection
        .execute(
            "INSERT INTO messages_fts (messages_fts, rowid, content, tool_input) VALUES ('delete', ?1, ?2, ?3)",
            params![row, content, tool_input],
        )
        .expect("removed from the index");
    connection.execute("DELETE FROM message_texts WHERE row_id = ?1", [row]).expect("removed");
}

/// A segment of texts in batches of `size`, sealed at different times; two of three go on with one vocabulary.
fn segment_of<'t>(texts: impl IntoIterator<Item = (&'t i64, &'t Text)>, size: usize) -> Segment {
    let texts: Vec<_> = texts.into_iter().collect();
    let mut builder = SegmentBuilder::new();
    let mut vocabulary = Vocabulary::new();
    for (number, batch) in texts.chunks(size).enumerate() {
        let goes_on = number % 3 > 0;
        let mut postings =
            if goes_on { Postings::with(std::mem::take(&mut vocabulary)) } else { Postings::new() };
        for (index, (_, (content, tool_input))) in batch.iter().enumerate() {
            postings.add(content.as_deref(), tool_input.as_deref());
            if number % 4 == 1 && index == size / 2 {
                postings.seal();
            }
        }
        let rows: Vec<i64> = batch.iter().map(|(row, _)| **row).collect();
        assert_eq!(postings.documents(), rows.len());
        if goes_on {
            vocabulary = postings.end();
        } else if number % 2 == 0 {
            postings.seal();
        }
        builder.append(&postings, &rows);
    }
    builder.finish()
}

fn assert_same_bytes(texts: &BTreeMap<i64, Text>, batch: usize) {
    let theirs = Store::of_fts5(texts);
    let ours = Store::new();
    for (&row, text) in texts {
        store_text(&ours.connection, row, text);
    }
    ours.add_segment(segment_of(texts, batch));
    assert!(ours.shadow_content() == theirs.shadow_content());
    ours.is_sound().expect("a sound index");
}

/// Words of which few are common and most are rare.
fn sentences(count: i64, words: u64) -> BTreeMap<i64, Text> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    (1..=count)
        .map(|row| {
            let words: Vec<String> = (0..random() % words)
                .map(|_| {
                    let rank = 1_u64 << (random() % 18);
                    format!("w{:x}", random() % rank)
                })
                .collect();
            let tool_input = (row % 3 == 0).then(|| format!("path{} the word", row % 50));
            (row, (Some(words.join(" ")), tool_input))
        })
        .collect()
}

#[test]
fn many_texts_give_the_bytes_of_fts5() {
    let texts = sentences(20_000, 60);
    assert_same_bytes(&texts, 700);
    let with_gaps = texts.into_iter().map(|(row, text)| (row * row, text)).collect();
    assert_same_bytes(&with_gaps, 20_000);
}

#[test]
fn large_texts_and_texts_of_one_word_give_the_bytes_of_fts5() {
    let mut texts = sentences(300, 20_000);
    texts.extend((1000..40_000).map(|row| (row, text("the"))));
    texts.insert(50_000, text(&"the ".repeat(200_000)));
    let unique: Vec<String> = (0..100_000).map(|number| format!("unique{number}")).collect();
    texts.insert(50_001, text(&unique.join(" ")));
    texts.extend((0..5000).map(|row| (60_000 + row, text(&format!("{:064}", row * row)))));
    assert_same_bytes(&texts, 5000);
}

/// Rows far apart need many bytes in the index of a posting list, so that it gets several pages and a root.
#[test]
fn a_posting_list_of_thousands_of_pages_gives_the_bytes_of_fts5() {
    let text = text(&"zq ".repeat(4100));
    let texts: BTreeMap<i64, Text> = (1..1500).map(|row| (row << 40, text.clone())).collect();
    assert_same_bytes(&texts, 100);

    let store = Store::new();
    for (&row, text) in &texts {
        store_text(&store.connection, row, text);
    }
    store.add_segment(segment_of(&texts, 100));
    let heights = store
        .rows("SELECT id >> 31 & 31 FROM messages_fts_data WHERE id >> 36 & 1 ORDER BY id", |row| {
            row.get::<_, i64>(0)
        });
    assert_eq!(heights, [0, 0, 0, 1], "a root over three leaves");
    for row in [1_i64, 2, 700, 1499] {
        let hits = store.rows(
            &format!(
                "SELECT rowid FROM messages_fts WHERE messages_fts MATCH 'zq' AND rowid >= {} LIMIT 1",
                row << 40
            ),
            |hit| hit.get::<_, i64>(0),
        );
        assert_eq!(hits, [row << 40]);
    }
}

#[test]
fn texts_without_tokens_are_in_the_index_and_rows_without_text_are_not() {
    let texts: BTreeMap<i64, Text> =
        [(1, text("")), (2, (None, None)), (5, (None, Some(" 🧷 ".into()))), (6, (None, None))].into();
    assert_same_bytes(&texts, 2);
    let store = Store::new();
    store.add_segment(segment_of(&texts, 4));
    assert_eq!(store.shadow_rows(), [2, 0, 2]);
    assert_eq!(store.rows("SELECT id FROM messages_fts_docsize", |row| row.get::<_, i64>(0)), [1, 5]);

    let nothing = SegmentBuilder::new();
    assert!(nothing.is_empty());
    assert_eq!(nothing.bytes(), 0);
    let before = store.shadow_content();
    store.add_segment(nothing.finish());
    assert!(store.shadow_content() == before);
}

#[test]
fn every_connection_sees_a_published_segment() {
    let store = Store::new();
    let other = connect(&store.path());
    let early = text("early bird");
    store_text(&store.connection, 1, &early);
    index_text(&store.connection, 1, &early);
    // Both connections know the structure now.
    assert_eq!(store.found("bird").len(), 1);
    assert_eq!(found(&other, "bird").len(), 1);

    let texts: BTreeMap<i64, Text> = (10..500).map(|row| (row, text("bird in the hand"))).collect();
    for (&row, text) in &texts {
        store_text(&store.connection, row, text);
    }
    let mut segment = segment_of(&texts, 100);
    store.write_segment(&mut segment, 1);
    store.execute("BEGIN");
    let late = text("late bird");
    store_text(&store.connection, 5, &late);
    index_text(&store.connection, 5, &late);
    assert_eq!(store.found("bird").len(), 2);
    segment.publish(&store.connection).expect("published");
    assert_eq!(store.found("bird").len(), 492);
    assert_eq!(found(&other, "bird").len(), 1);
    let last = text("last bird");
    store_text(&store.connection, 6, &last);
    index_text(&store.connection, 6, &last);
    store.execute("COMMIT");
    assert_eq!(store.found("bird").len(), 493);
    assert_eq!(found(&other, "bird").len(), 493);
    store.is_sound().expect("a sound index");

    // The other connection goes on writing.
    other.execute_batch("BEGIN IMMEDIATE").expect("begun");
    unindex_text(&other, 20, &texts[&20]);
    other.execute_batch("COMMIT").expect("committed");
    assert_eq!(store.found("bird").len(), 492);
    store.is_sound().expect("a sound index");
}

#[test]
fn a_segment_that_is_rolled_back_leaves_nothing() {
    let store = Store::new();
    let texts: BTreeMap<i64, Text> = (1..2000).map(|row| (row, text("one two three"))).collect();
    let before = store.shadow_content();
    let mut segment = segment_of(&texts, 100);
    store.execute("BEGIN");
    assert!(segment.write_pages(&store.connection, usize::MAX).expect("written"));
    segment.publish(&store.connection).expect("published");
    store.execute("ROLLBACK");
    assert!(store.shadow_content() == before);
    assert!(store.found("two").is_empty());
    for (&row, text) in &texts {
        store_text(&store.connection, row, text);
    }
    store.add_segment(segment_of(&texts, 100));
    assert_eq!(store.found("two").len(), texts.len());
    store.is_sound().expect("a sound index");
}

#[test]
fn what_a_killed_run_left_is_removed() {
    let store = Store::new();
    let first = sentences(500, 40);
    for (&row, text) in &first {
        store_text(&store.connection, row, text);
    }
    store.add_segment(segment_of(&first, 100));
    let rows_before = store.shadow_rows();

    let second: BTreeMap<i64, Text> =
        (1000..4000).map(|row| (row, text(&"all of this ".repeat(20)))).collect();
    for pages in [1, 5, usize::MAX] {
        let mut segment = segment_of(&second, 100);
        store.execute("BEGIN");
        segment.write_pages(&store.connection, pages).expect("written");
        store.execute("COMMIT");
    }
    assert!(store.shadow_rows() > rows_before);
    store.is_sound().expect("a sound index with pages of no use in it");
    assert!(store.found("this").is_empty());
    // FTS5 writes and merges next to them.
    for row in 5000..5010 {
        let text = text(&"between ".repeat(2000));
        store_text(&store.connection, row, &text);
        index_text(&store.connection, row, &text);
    }
    store.is_sound().expect("a sound index with pages of no use in it");
    for row in 5000..5010 {
        unindex_text(&store.connection, row, &text(&"between ".repeat(2000)));
    }
    store.configure("merge", -10_000);

    let other = connect(&store.path());
    // A few pages at a time.
    let mut steps = 0;
    while !remove_unpublished(&other, 2).expect("removed") {
        steps += 1;
        store.is_sound().expect("a sound index while pages of no use go");
    }
    assert!(steps > 0);
    assert_eq!(store.rows(SEGMENTS, |row| row.get::<_, i64>(0)).len(), 1);
    store.execute("INSERT INTO messages_fts (messages_fts) VALUES ('optimize')");
    assert_same_answers(&store, &Store::of_fts5(&first));

    for (&row, text) in &second {
        store_text(&store.connection, row, text);
    }
    store.add_segment(segment_of(&second, 100));
    assert_eq!(store.found("this").len(), second.len());
    assert!(remove_unpublished(&store.connection, 1).expect("nothing to remove"));
    store.is_sound().expect("a sound index");
    assert_eq!(store.rows(SEGMENTS, |row| row.get::<_, i64>(0)).len(), 2);
}

#[test]
fn misuse_is_refused() {
    let store = Store::new();
    let texts: BTreeMap<i64, Text> = (1..3000).map(|row| (row, text(&"some words ".repeat(20)))).collect();
    let refused = |mut segment: Segment, pages: usize| {
        segment.write_pages(&store.connection, pages).expect("written");
        store.execute("BEGIN");
        let code = segment.publish(&store.connection).expect_err("refused").code();
        store.execute("ROLLBACK");
        code
    };
    assert_eq!(refused(segment_of(&texts, 100), 1), Code::Internal);
    let mut segment = segment_of(&texts, 100);
    store.write_segment(&mut segment, 100);
    assert_eq!(segment.publish(&store.connection).expect_err("no transaction").code(), Code::Internal);

    // A row twice.
    store.add_segment(segment_of(&texts, 100));
    assert_eq!(refused(segment_of(&texts, 100), usize::MAX), Code::DbConstraint);

    // Pages that somebody removed.
    let others = BTreeMap::from([(5000, text("other"))]);
    let mut segment = segment_of(&others, 1);
    store.write_segment(&mut segment, 100);
    assert!(remove_unpublished(&store.connection, u32::MAX).expect("removed"));
    store.execute("BEGIN");
    assert_eq!(segment.publish(&store.connection).expect_err("no pages").code(), Code::DbCorrupt);
    store.execute("ROLLBACK");

    // A structure that is none.
    store.execute("BEGIN; UPDATE messages_fts_data SET block = x'00000000ff' WHERE id = 10");
    assert_eq!(remove_unpublished(&store.connection, 1).expect_err("damaged").code(), Code::DbCorrupt);
    store.execute("ROLLBACK");
    for (&row, text) in &texts {
        store_text(&store.connection, row, text);
    }
    store.is_sound().expect("a sound index");
}

#[test]
#[should_panic = "rows ascend"]
fn rows_must_ascend_from_batch_to_batch() {
    let mut postings = Postings::new();
    postings.add(Some("text"), None);
    let mut builder = SegmentBuilder::new();
    builder.append(&postings, &[7]);
    builder.append(&postings, &[7]);
}

#[test]
#[should_panic = "one row for each document"]
fn every_document_needs_a_row() {
    let mut postings = Postings::new();
    postings.add(None, None);
    SegmentBuilder::new().append(&postings, &[]);
}

/// One step in the life of an index.
#[derive(Clone, Debug)]
enum Step {
    Insert(Vec<Text>),
    /// Texts with the distance of their row from the one before, and how the segment is made and written.
    Segment {
        texts: Vec<(Text, i64)>,
        batch: usize,
        pages: usize,
        elsewhere: bool,
        insert_before: Option<Text>,
    },
    Abandon {
        texts: Vec<Text>,
        pages: usize,
    },
    Delete(prop::sample::Index),
    Reuse(Text),
    Merge(i64),
    Search,
    Clean,
    Optimize,
    Rebuild,
}

fn a_text() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        8 => "[a-d]{1,2}".prop_map(String::from),
        3 => Just("the".to_owned()),
        2 => "(get|set)(User|Name){1,2}",
        1 => "[xy]{64}|[xy]{70}",
        1 => "[索引針検査é🧷ß]{1,4}",
        1 => "[a-z_]{1,30}",
    ];
    prop_oneof![
        12 => proptest::collection::vec(word.clone(), 0..30).prop_map(|words| words.join(" ")),
        1 => (word, 1..3000_usize).prop_map(|(word, count)| format!("{word} ").repeat(count)),
    ]
}

fn any_text() -> impl Strategy<Value = Text> {
    (proptest::option::weighted(0.9, a_text()), proptest::option::weighted(0.3, a_text()))
}

fn step() -> impl Strategy<Value = Step> {
    let segment = (
        proptest::collection::vec((any_text(), prop_oneof![8 => Just(1_i64), 1 => 1..1000_i64]), 0..60),
        1..30_usize,
        prop_oneof![1..5_usize, Just(1000)],
        any::<bool>(),
        proptest::option::of(any_text()),
    );
    prop_oneof![
        4 => proptest::collection::vec(any_text(), 1..20).prop_map(Step::Insert),
        6 => segment.prop_map(|(texts, batch, pages, elsewhere, insert_before)| Step::Segment {
            texts, batch, pages, elsewhere, insert_before
        }),
        1 => (proptest::collection::vec(any_text(), 1..20), 1..4_usize)
            .prop_map(|(texts, pages)| Step::Abandon { texts, pages }),
        4 => any::<prop::sample::Index>().prop_map(Step::Delete),
        1 => any_text().prop_map(Step::Reuse),
        3 => prop_oneof![-5..5_i64, Just(-1000), Just(1000)].prop_map(Step::Merge),
        2 => Just(Step::Search),
        1 => Just(Step::Clean),
        1 => Just(Step::Optimize),
        1 => Just(Step::Rebuild),
    ]
}

const EXPRESSIONS: [&str; 14] = [
    "a",
    "the",
    "the OR a",
    "a AND b NOT the",
    "\"a b\"",
    "\"the the\"",
    "a + b",
    "a*",
    "get*",
    "getUserName",
    "tool_input : a",
    "content : the",
    "索引",
    "NEAR(a the, 3)",
];

fn assert_same_answers(ours: &Store, theirs: &Store) {
    ours.is_sound().expect("a sound index");
    let vocabulary = |store: &Store| {
        store.rows("SELECT term, doc, cnt FROM vocabulary", |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?))
        })
    };
    assert_eq!(vocabulary(ours), vocabulary(theirs));
    let instances = |store: &Store| {
        store.rows("SELECT term, doc, col, offset FROM instances", |row| {
            let (term, row_id, column): (String, i64, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
            Ok((term, row_id, column, row.get::<_, i64>(3)?))
        })
    };
    assert_eq!(instances(ours), instances(theirs));
    for expression in EXPRESSIONS {
        assert_eq!(ours.found(expression), theirs.found(expression), "{expression}");
    }
}

/// Runs the steps on an index, and keeps what must be in it.
fn live(store: &Store, steps: &[Step]) -> BTreeMap<i64, Text> {
    let elsewhere = connect(&store.path());
    let mut known: BTreeMap<i64, Text> = BTreeMap::new();
    let mut next_row = 1;
    for step in steps {
        match step {
            Step::Insert(texts) => {
                store.execute("BEGIN");
                for text in texts {
                    store_text(&store.connection, next_row, text);
                    index_text(&store.connection, next_row, text);
                    known.insert(next_row, text.clone());
                    next_row += 1;
                }
                store.execute("COMMIT");
            }
            Step::Segment { texts, batch, pages, elsewhere: is_elsewhere, insert_before } => {
                let mut new = BTreeMap::new();
                for (text, distance) in texts {
                    next_row += distance;
                    store_text(&store.connection, next_row, text);
                    new.insert(next_row, text.clone());
                }
                next_row += 1;
                let connection = if *is_elsewhere { &elsewhere } else { &store.connection };
                let mut segment = segment_of(&new, *batch);
                while !segment.write_pages(connection, *pages).expect("written") {}
                connection.execute_batch("BEGIN IMMEDIATE").expect("begun");
                if let Some(text) = insert_before {
                    store_text(connection, next_row, text);
                    index_text(connection, next_row, text);
                    new.insert(next_row, text.clone());
                    next_row += 1;
                }
                segment.publish(connection).expect("published");
                connection.execute_batch("COMMIT").expect("committed");
                known.append(&mut new);
            }
            Step::Abandon { texts, pages } => {
                let texts: BTreeMap<i64, Text> = (next_row..).zip(texts.iter().cloned()).collect();
                segment_of(&texts, 10).write_pages(&elsewhere, *pages).expect("written");
            }
            Step::Delete(index) => {
                if !known.is_empty() {
                    let row = *index.get(&known.keys().copied().collect::<Vec<_>>());
                    let text = known.remove(&row).expect("a text");
                    if text != (None, None) {
                        unindex_text(&store.connection, row, &text);
                    }
                }
            }
            Step::Reuse(text) => {
                // The newest row goes, and a segment takes its number.
                if let Some((row, old)) = known.pop_last() {
                    if old != (None, None) {
                        unindex_text(&store.connection, row, &old);
                    }
                    store_text(&store.connection, row, text);
                    known.insert(row, text.clone());
                    store.add_segment(segment_of(&BTreeMap::from([(row, text.clone())]), 1));
                }
            }
            Step::Merge(pages) => store.configure("merge", *pages),
            Step::Search => {
                assert_eq!(found(&elsewhere, "the"), store.found("the"));
            }
            Step::Clean => while !remove_unpublished(&elsewhere, 1).expect("cleaned") {},
            Step::Optimize => store.execute("INSERT INTO messages_fts (messages_fts) VALUES ('optimize')"),
            Step::Rebuild => store.execute("INSERT INTO messages_fts (messages_fts) VALUES ('rebuild')"),
        }
        store.is_sound().unwrap_or_else(|error| panic!("{error} after {step:?}"));
    }
    known.retain(|_, text| *text != (None, None));
    known
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_history_ends_like_one_of_fts5_alone(steps in proptest::collection::vec(step(), 1..25)) {
        let ours = Store::new();
        let known = live(&ours, &steps);
        let theirs = Store::of_fts5(&known);
        assert_same_answers(&ours, &theirs);
        ours.execute("INSERT INTO messages_fts (messages_fts) VALUES ('optimize')");
        assert_same_answers(&ours, &theirs);
        assert!(remove_unpublished(&ours.connection, u32::MAX).expect("cleaned"));
        assert_same_answers(&ours, &theirs);
    }

    #[test]
    fn any_texts_give_the_bytes_of_fts5(
        texts in proptest::collection::btree_map(1..100_000_i64, any_text(), 0..60),
        batch in 1..20_usize,
    ) {
        assert_same_bytes(&texts, batch);
    }
}
