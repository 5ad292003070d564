//! Counters, times and the search index against a plain scan, after whatever happened.

use crate::fixture::{Store, cases, insert_lines_as, line, source_file};
use han_base::{Code, Error, Timestamp};
use han_db::{BulkText, MessageInput, NewMessage, NewRawBlock, Place, SessionFile, Texts, Write};
use proptest::prelude::*;
use rusqlite::Connection;

const SESSIONS: [&str; 3] = ["one", "two", "three"];
const TYPES: [&str; 4] = ["user", "assistant", "system", "unknown"];
const WORDS: [&str; 4] = ["alpha", "beta", "gammaDelta", "針検査"];

#[derive(Clone, Debug)]
enum Operation {
    /// Messages that a caller gives.
    Insert(usize, Vec<Given>),
    /// The same, in a transaction that fails.
    Fail(usize, Vec<Given>),
    /// Lines of one of the session's two files; whether a bulk run reads them.
    Lines(usize, bool, Vec<Told>, bool),
    /// A file is rewritten.
    Reset(usize, bool),
    /// The first time of a file becomes known.
    FillTimes(usize, bool, i64),
    /// The bulk run writes what it has collected.
    Publish,
    /// The bulk run is killed; the next one brings in what it left, a few rows at a time.
    Kill(u32),
}

/// A message: id, type, time, content and tool input.
type Given = (u8, usize, i64, Option<usize>, Option<usize>);

/// A line: id, type, time and content.
type Told = (u8, usize, i64, Option<usize>);

fn operation() -> impl Strategy<Value = Operation> {
    let word = || prop::option::of(0..WORDS.len());
    let given = || prop::collection::vec((0_u8..6, 0..TYPES.len(), 0_i64..50, word(), word()), 0..5);
    let told = prop::collection::vec((0_u8..6, 0..TYPES.len(), 0_i64..50, word()), 0..5);
    let session = || 0..SESSIONS.len();
    prop_oneof![
        3 => (session(), given()).prop_map(|(session, given)| Operation::Insert(session, given)),
        1 => (session(), given()).prop_map(|(session, given)| Operation::Fail(session, given)),
        6 => (session(), any::<bool>(), told, any::<bool>())
            .prop_map(|(session, second, lines, bulk)| Operation::Lines(session, second, lines, bulk)),
        2 => (session(), any::<bool>()).prop_map(|(session, second)| Operation::Reset(session, second)),
        1 => (session(), any::<bool>(), 0_i64..50)
            .prop_map(|(session, second, time)| Operation::FillTimes(session, second, time)),
        1 => Just(Operation::Publish),
        1 => (1_u32..4).prop_map(Operation::Kill),
    ]
}

fn inputs(given: &[Given]) -> Vec<MessageInput> {
    given
        .iter()
        .map(|&(id, message_type, time, content, tool_input)| MessageInput {
            id: format!("m{id}"),
            message_type: TYPES[message_type].into(),
            timestamp: Timestamp::from_millis(time).to_string(),
            content: content.map(|word| WORDS[word].to_owned()),
            tool_input: tool_input.map(|word| WORDS[word].to_owned()),
            ..MessageInput::default()
        })
        .collect()
}

/// A store, and a bulk run that goes on beside everything else.
struct State {
    store: Store,
    bulk: Option<BulkText>,
}

fn start(store: &Store) -> BulkText {
    BulkText::start(store.path()).unwrap().expect("no other run goes on")
}

impl State {
    fn apply(&mut self, operation: &Operation) {
        let file_of = |write: &Write<'_>, session: usize, second: bool| {
            source_file(write, SESSIONS[session], &format!("/{session}-{second}.jsonl"))
        };
        let store = &self.store;
        match operation {
            Operation::Insert(session, given) => {
                store.insert(SESSIONS[*session], &inputs(given)).unwrap();
            }
            Operation::Fail(session, given) => {
                let failed = store.write(|write| {
                    write.messages().upsert(SESSIONS[*session], &inputs(given))?;
                    write.session_files().reset(&file_of(write, *session, false))?;
                    Err::<(), Error>(Error::new(Code::Internal, "test"))
                });
                assert!(failed.is_err());
            }
            Operation::Lines(session, second, told, in_bulk) => {
                let bulk = self.bulk.as_mut().unwrap();
                let stored = store.write(|write| {
                    let texts = if *in_bulk {
                        bulk.begin(write)?;
                        Texts::Bulk(bulk, None)
                    } else {
                        Texts::Now
                    };
                    store_lines(write, file_of(write, *session, *second), told, texts)
                });
                stored.unwrap();
            }
            Operation::Reset(session, second) => {
                store.write(|write| write.session_files().reset(&file_of(write, *session, *second))).unwrap();
            }
            Operation::FillTimes(session, second, time) => store
                .write(|write| write.session_files().fill_times(&file_of(write, *session, *second), *time))
                .unwrap(),
            Operation::Publish => {
                self.bulk.as_mut().unwrap().publish(&mut store.bulk_writer()).unwrap();
            }
            Operation::Kill(rows) => {
                // The lock goes with the run that holds it.
                self.bulk = None;
                let bulk = start(store);
                while !store.write(|write| bulk.catch_up(write, *rows)).unwrap() {}
                self.bulk = Some(bulk);
            }
        }
    }
}

/// Appends lines to a file and stores them.
fn store_lines(
    write: &Write<'_>,
    file: SessionFile,
    told: &[Told],
    texts: Texts<'_>,
) -> han_base::Result<()> {
    let start = file.byte_offset;
    let mut bytes = Vec::new();
    let mut messages: Vec<NewMessage> = Vec::new();
    for &(id, message_type, time, content) in told {
        let text = format!("{id} {message_type} {time}\n");
        let place = Place {
            byte_offset: start + bytes.len() as u64,
            byte_length: text.len() as u64 - 1,
            line_number: file.line_count,
        };
        messages.push(NewMessage {
            message_type: TYPES[message_type],
            content: content.map(|word| WORDS[word].to_owned()),
            tool_input_text: content.map(|word| WORDS[(word + 1) % WORDS.len()].to_owned()),
            ..line(&format!("m{id}"), time, "", place)
        });
        bytes.extend_from_slice(text.as_bytes());
    }
    if bytes.is_empty() {
        return Ok(());
    }
    write.raw_blocks().insert(file.row_id, &NewRawBlock::compress(start, &bytes)?)?;
    insert_lines_as(write, &file, &messages, texts)?;
    write.session_files().advance(&SessionFile { byte_offset: start + bytes.len() as u64, ..file })
}

/// Type, time and the two searched texts of every row, by session.
type Row = (String, i64, String, String);

fn rows(plain: &Connection, session: &str) -> Vec<Row> {
    plain
        .prepare(
            "SELECT message_type, timestamp_ms, coalesce(content, ''), coalesce(tool_input_text, tool_input, '')
             FROM messages WHERE session_row_id = (SELECT row_id FROM sessions WHERE id = ?1)",
        )
        .unwrap()
        .query_map([session], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap()
}

proptest! {
    #![proptest_config(cases(40))]

    #[test]
    fn counters_times_and_index_equal_a_scan(operations in prop::collection::vec(operation(), 1..24)) {
        let store = Store::new();
        for session in SESSIONS {
            store.session(session);
        }
        let bulk = Some(start(&store));
        let mut state = State { store, bulk };
        for operation in &operations {
            state.apply(operation);
        }
        state.apply(&Operation::Publish);
        // A collection that was given up leaves its rows to be caught up with.
        state.apply(&Operation::Kill(100));
        let store = state.store;
        prop_assert!(store.read(|read| read.search().is_complete()).unwrap());
        let plain = store.plain();
        let mut all: Vec<Row> = Vec::new();
        for session in SESSIONS {
            let rows = rows(&plain, session);
            let shown = store.read(|read| read.sessions().overview(session)).unwrap().unwrap();
            let conversation = rows.iter().filter(|row| row.0 == "user" || row.0 == "assistant").count();
            prop_assert_eq!(shown.row_count, rows.len() as i64);
            prop_assert_eq!(shown.message_count, conversation as i64);
            let time = |millis: Option<i64>| millis.map(|millis| Timestamp::from_millis(millis).to_string());
            prop_assert_eq!(shown.started_at, time(rows.iter().map(|row| row.1).min()));
            prop_assert_eq!(shown.ended_at, time(rows.iter().map(|row| row.1).max()));
            all.extend(rows);
        }
        for word in WORDS {
            let expected = all.iter().filter(|row| row.2 == word || row.3 == word).count();
            prop_assert_eq!(store.found(word).len(), expected);
        }
        let stats = store.read(|read| read.archive().stats()).unwrap();
        prop_assert_eq!(stats.messages, all.len() as i64);
        prop_assert_eq!(stats.rows_by_type.iter().map(|row| row.count).sum::<i64>(), all.len() as i64);
        store.assert_sound();
    }
}
