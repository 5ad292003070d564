//! Messages that stand in several files or several times in one.

use crate::{
    dump::{assert_same_tables, assert_sound, dump},
    index, open,
    oracle::hits,
};
use han_db::{ArchiveStats, Database};
use han_indexer::{Unwatched, verify};
use han_testkit::{ConfigDir, Transcript};

const FIRST: &str = "5e550001-0000-4000-8000-000000000001";
const SECOND: &str = "5e550002-0000-4000-8000-000000000002";

fn stats(database: &Database) -> ArchiveStats {
    database.read(|read| read.archive().stats()).unwrap()
}

fn rows_of(database: &Database, session: &str) -> i64 {
    database.read(|read| read.sessions().overview(session)).unwrap().unwrap().row_count
}

#[test]
fn a_resumed_session_has_its_full_history_and_costs_nothing_twice() {
    let config = ConfigDir::new();
    let mut lines = Transcript::new(FIRST);
    lines.prompt("question").reply("answer", 40);
    config.write(&format!("-home-dev-app/{FIRST}.jsonl"), lines.text());
    let mut resumed = lines.resumed_as(SECOND);
    resumed.prompt("more").reply("detail", 2);
    config.write(&format!("-home-dev-app/{SECOND}.jsonl"), resumed.text());

    let database = open(&config);
    index(&database, config.path());
    assert_eq!((rows_of(&database, FIRST), rows_of(&database, SECOND)), (2, 4));
    let stats = stats(&database);
    assert_eq!((stats.messages, stats.api_replies, stats.output_tokens), (6, 2, 42));
    assert_eq!(hits(&database, "answer"), 2, "the search finds the message in both sessions");
    let booked = |session: &str| {
        database.read(|read| read.sessions().overview(session)).unwrap().unwrap().output_tokens
    };
    assert_eq!((booked(FIRST), booked(SECOND)), (40, 2), "the older session keeps what it booked");
    assert_sound(&database);
}

#[test]
fn a_copy_that_stops_inside_a_reply_takes_the_greatest_usage() {
    let part = |text: &str| serde_json::json!({ "type": "text", "text": text });
    for copy_is_older in [false, true] {
        let config = ConfigDir::new();
        let mut lines = Transcript::new(FIRST);
        lines.prompt("question").reply_part(&part("first"), 7, 3);
        let mut copy = lines.clone().resumed_as(SECOND);
        copy.prompt("go on");
        lines.reply_part(&part("second"), 7, 90);
        let files = [(FIRST, lines), (SECOND, copy)];
        for (session, lines) in
            if copy_is_older { files.into_iter().rev().collect() } else { Vec::from(files) }
        {
            config.write(&format!("-home-dev-app/{session}.jsonl"), lines.text());
        }
        let database = open(&config);
        index(&database, config.path());
        let stats = stats(&database);
        assert_eq!((stats.api_replies, stats.output_tokens, stats.input_tokens), (1, 90, 10));
        assert_eq!((rows_of(&database, FIRST), rows_of(&database, SECOND)), (3, 3));
    }
}

#[test]
fn the_same_line_twice_in_a_file_counts_once() {
    let config = ConfigDir::new();
    let mut lines = Transcript::new(FIRST);
    let question = lines.prompt("question").take();
    let answer = lines.reply("answer", 5).take();
    config.write(&format!("-home-dev-app/{FIRST}.jsonl"), format!("{question}{answer}{question}{answer}"));
    let database = open(&config);
    index(&database, config.path());
    let stats = stats(&database);
    assert_eq!((stats.messages, stats.api_replies, stats.output_tokens), (2, 1, 5));
    assert_eq!(hits(&database, "question"), 1);

    // The same once more, in a later run.
    config.append(&format!("-home-dev-app/{FIRST}.jsonl"), &question);
    let report = index(&database, config.path());
    assert_eq!((report.messages_indexed, report.bytes_read), (0, question.len() as u64));
    assert_eq!(rows_of(&database, FIRST), 2);
    assert_sound(&database);
}

#[test]
fn different_lines_with_one_id_are_all_kept() {
    let config = ConfigDir::new();
    let mut lines = Transcript::new(FIRST);
    let first = lines.prompt("first wording").take();
    let other = first.replace("first wording", "other wording");
    config.write(&format!("-home-dev-app/{FIRST}.jsonl"), format!("{first}{other}"));
    let database = open(&config);
    index(&database, config.path());
    assert_eq!((rows_of(&database, FIRST), hits(&database, "wording")), (2, 2));
}

#[test]
fn lines_without_an_id_at_the_same_place_of_two_files_are_both_kept() {
    let title =
        |text: &str| format!("{{\"type\":\"ai-title\",\"aiTitle\":\"{text}\",\"sessionId\":\"{FIRST}\"}}\n");
    let path = |folder: &str| format!("-home-dev-{folder}/{FIRST}.jsonl");
    let config = ConfigDir::new();
    config.write(&path("app"), title("one way") + &title("further"));
    config.write(&path("old"), title("another") + &title("further"));
    // The same bytes at the same place are the same line.
    config.write(&path("copy"), title("one way") + &title("further"));
    let database = open(&config);
    index(&database, config.path());
    assert_eq!(rows_of(&database, FIRST), 3);
    assert_eq!(
        (hits(&database, "one way"), hits(&database, "another"), hits(&database, "further")),
        (1, 1, 1)
    );

    // Whoever wrote the row of a line that two have, the other has it when that one is rewritten.
    for folder in ["app", "copy", "old"] {
        config.write(&path(folder), title("changed") + &title("further"));
        index(&database, config.path());
        let folder = ConfigDir::new();
        let clean = open(&folder);
        index(&clean, config.path());
        let tables = ["session_files", "messages", "raw"];
        assert_same_tables(&dump(&database, config.path()), &dump(&clean, config.path()), &tables);
        assert_sound(&database);
        let report = verify(&database, &[], &Unwatched).unwrap();
        assert_eq!((report.files.len(), report.files_different), (3, 0));
    }
}

#[test]
fn an_agents_file_and_its_session_are_one_session() {
    let config = ConfigDir::new();
    let mut main = Transcript::new(FIRST);
    main.prompt("start an agent").reply("started", 1);
    config.write(&format!("-home-dev-app/{FIRST}.jsonl"), main.text());
    let mut agent = Transcript::new(FIRST).of_agent("a1b2c3");
    // Ids of their own.
    let text = agent.prompt("look around").reply("seen", 2).text().replace("5e550001-0000", "5e550001-a6e7");
    let text = text.replace("msg_5e550001", "msg_agent");
    config.write(&format!("-home-dev-app/{FIRST}/subagents/agent-a1b2c3.jsonl"), text);
    let database = open(&config);
    index(&database, config.path());
    let session = database.read(|read| read.sessions().overview(FIRST)).unwrap().unwrap();
    assert_eq!((session.row_count, session.agent_count, session.output_tokens), (4, 1, 3));
    assert!(session.transcript_path.unwrap().ends_with(&format!("{FIRST}.jsonl")));
    let dump = dump(&database, config.path());
    let of_agent = dump["messages"].iter().filter(|row| row.contains("|\"a1b2c3\"|")).count();
    assert_eq!(of_agent, 2);
}
