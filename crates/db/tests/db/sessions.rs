//! Sessions: what writing them again keeps, their lists and pages, and what source files tell about them.

use crate::fixture::{Store, at, cases, code, said, session, source_file};
use han_base::{Code, Timestamp};
use han_db::{NewReply, ProjectInput, Session, SessionFacts, SessionFile, SessionFilter, SessionInput};
use proptest::prelude::*;
use std::{cmp::Reverse, collections::BTreeSet};

fn project(store: &Store, slug: &str) -> String {
    let input = ProjectInput {
        slug: slug.into(),
        path: format!("/{slug}"),
        name: slug.into(),
        ..ProjectInput::default()
    };
    store.write(|write| write.projects().upsert(&input)).unwrap().id.unwrap()
}

#[test]
fn what_is_absent_stays_and_the_status_is_overwritten() {
    let store = Store::new();
    let project_id = project(&store, "p");
    let full = SessionInput {
        id: "s".into(),
        project_id: Some(project_id.clone()),
        status: Some("completed".into()),
        transcript_path: Some("/t.jsonl".into()),
        slug: Some("happy-fox".into()),
        source_config_dir: Some("/config".into()),
    };
    let expected = Session {
        id: "s".into(),
        project_id: Some(project_id),
        status: "completed".into(),
        transcript_path: Some("/t.jsonl".into()),
        slug: Some("happy-fox".into()),
        source_config_dir: Some("/config".into()),
        last_indexed_line: None,
    };
    assert_eq!(store.write(|write| write.sessions().upsert(&full)).unwrap(), expected);
    let again = store.write(|write| write.sessions().upsert(&session("s"))).unwrap();
    assert_eq!(again, Session { status: "active".into(), ..expected.clone() });
    let slug = SessionInput { slug: Some("sad-owl".into()), ..session("s") };
    store.write(|write| write.sessions().upsert(&slug)).unwrap();
    assert_eq!(
        store.read(|read| read.sessions().get("s")).unwrap(),
        Some(Session { status: "active".into(), slug: Some("sad-owl".into()), ..expected })
    );
}

#[test]
fn unknown_ids() {
    let store = Store::new();
    let input = SessionInput { project_id: Some("nobody".into()), ..session("s") };
    assert_eq!(code(store.write(|write| write.sessions().upsert(&input))), Code::DbConstraint);
    assert_eq!(store.read(|read| read.sessions().get("s")).unwrap(), None);
    assert_eq!(store.read(|read| read.sessions().overview("s")).unwrap(), None);
    assert_eq!(store.read(|read| read.sessions().last_indexed_line("s")).unwrap(), 0);
    store.write(|write| write.sessions().end("s")).unwrap();
    assert_eq!(store.read(|read| read.sessions().get("s")).unwrap(), None);
}

#[test]
fn an_ended_session_is_completed() {
    let store = Store::new();
    store.session("s");
    store.write(|write| write.sessions().end("s")).unwrap();
    assert_eq!(store.read(|read| read.sessions().get("s")).unwrap().unwrap().status, "completed");
}

#[test]
fn ensuring_a_session_changes_nothing_of_a_known_one() {
    let store = Store::new();
    let (row, new) = store.write(|write| write.sessions().ensure("s")).unwrap();
    assert!(new);
    store.write(|write| write.sessions().end("s")).unwrap();
    assert_eq!(store.write(|write| write.sessions().ensure("s")).unwrap(), (row, false));
    assert_eq!(store.read(|read| read.sessions().get("s")).unwrap().unwrap().status, "completed");
}

#[test]
fn a_list_begins_with_the_newest_message_and_ends_with_sessions_without_one() {
    let store = Store::new();
    let (one, two) = (project(&store, "one"), project(&store, "two"));
    for (id, project_id, status, second) in [
        ("old", &one, "active", Some(1)),
        ("none", &one, "active", None),
        ("new", &two, "completed", Some(9)),
        ("middle", &one, "completed", Some(5)),
        ("none-2", &two, "active", None),
    ] {
        let input =
            SessionInput { project_id: Some(project_id.clone()), status: Some(status.into()), ..session(id) };
        store.write(|write| write.sessions().upsert(&input)).unwrap();
        if let Some(second) = second {
            store.insert(id, &[said(id, &at(second), "text")]).unwrap();
        }
    }
    let list = |project_id: Option<&str>, status: Option<&str>, limit| -> Vec<String> {
        let sessions = store.read(|read| read.sessions().list(project_id, status, limit)).unwrap();
        sessions.into_iter().map(|session| session.id).collect()
    };
    assert_eq!(list(None, None, 100), ["new", "middle", "old", "none-2", "none"]);
    assert_eq!(list(None, None, 2), ["new", "middle"]);
    assert_eq!(list(None, None, 0), [""; 0]);
    assert_eq!(list(Some(&one), None, 100), ["middle", "old", "none"]);
    assert_eq!(list(Some(&one), Some("active"), 100), ["old", "none"]);
    assert_eq!(list(None, Some("completed"), 100), ["new", "middle"]);
    assert_eq!(list(Some("nobody"), None, 100), [""; 0]);
    assert_eq!(list(None, Some("other"), 100), [""; 0]);
}

#[test]
fn the_last_indexed_line_is_that_of_the_main_transcript() {
    let store = Store::new();
    store
        .write(|write| {
            let file = source_file(write, "s", "/s.jsonl");
            write.session_files().advance(&SessionFile { line_count: 7, byte_offset: 70, ..file })
        })
        .unwrap();
    assert_eq!(store.read(|read| read.sessions().last_indexed_line("s")).unwrap(), 6);
    let known = store.write(|write| write.sessions().upsert(&session("s"))).unwrap();
    assert_eq!(known.last_indexed_line, Some(6));
}

#[test]
fn titles_go_by_rank_and_what_is_told_first_stays() {
    let store = Store::new();
    let (row, _) = store.write(|write| write.sessions().ensure("s")).unwrap();
    let tell = |facts: SessionFacts| store.write(|write| write.sessions().add_facts(row, &facts)).unwrap();
    let title =
        |text: &str, rank| SessionFacts { title: Some((text.into(), rank)), ..SessionFacts::default() };
    let shown = || store.read(|read| read.sessions().overview("s")).unwrap().unwrap();
    for (text, rank, expected) in [
        ("summary", 1, "summary"),
        ("newer summary", 1, "newer summary"),
        ("by the user", 3, "by the user"),
        ("by the agent", 2, "by the user"),
        ("by the user again", 3, "by the user again"),
    ] {
        tell(title(text, rank));
        assert_eq!(shown().title.as_deref(), Some(expected));
    }
    tell(SessionFacts { first_prompt: Some("first".into()), ..SessionFacts::default() });
    tell(SessionFacts { first_prompt: Some("second".into()), ..SessionFacts::default() });
    assert_eq!(shown().first_prompt.as_deref(), Some("first"));
    assert_eq!(shown().title.as_deref(), Some("by the user again"));

    let rows: Vec<i64> = ["agent", "main", "late-agent"]
        .iter()
        .map(|name| {
            store
                .write(|write| write.projects().row_for_folder(name, &format!("/{name}"), name, None))
                .unwrap()
        })
        .collect();
    for (is_main, project_row, expected) in
        [(false, rows[0], "agent"), (true, rows[1], "main"), (false, rows[2], "main")]
    {
        tell(SessionFacts { is_main, project_row: Some(project_row), ..SessionFacts::default() });
        assert_eq!(shown().project_name.as_deref(), Some(expected));
    }
    tell(SessionFacts { is_main: true, ..SessionFacts::default() });
    assert_eq!(shown().project_path.as_deref(), Some("/main"));
}

#[test]
fn an_overview_books_each_reply_once() {
    let store = Store::new();
    let reply = |id: &str, output_tokens| NewReply {
        message_id: id.into(),
        input_tokens: 10,
        output_tokens,
        cache_read_tokens: 100,
        cache_creation_tokens: 1000,
        ..NewReply::default()
    };
    store
        .write(|write| {
            let (row, _) = write.sessions().ensure("s")?;
            let (other, _) = write.sessions().ensure("other")?;
            write.replies().book(row, None, &[reply("a", 1)])?;
            // The same reply grows, is repeated as it began, and stands in another session too.
            write.replies().book(row, None, &[reply("a", 7)])?;
            write.replies().book(row, None, &[reply("a", 3)])?;
            write.replies().book(other, None, &[reply("a", 7)])?;
            write.replies().book(row, None, &[NewReply { request_id: "r".into(), ..reply("a", 2) }])?;
            write.replies().book(other, None, &[reply("b", 4)])
        })
        .unwrap();
    let tokens = |id: &str| {
        let shown = store.read(|read| read.sessions().overview(id)).unwrap().unwrap();
        [shown.input_tokens, shown.output_tokens, shown.cache_read_tokens, shown.cache_creation_tokens]
    };
    assert_eq!(tokens("s"), [20, 9, 200, 2000]);
    assert_eq!(tokens("other"), [10, 4, 100, 1000]);
    let stats = store.read(|read| read.archive().stats()).unwrap();
    assert_eq!((stats.api_replies, stats.output_tokens), (3, 13));
}

#[test]
fn sessions_are_found_by_the_beginning_of_their_id() {
    let store = Store::new();
    for (id, second) in
        [("ab-1", 1), ("ab-2", 2), ("aB-3", 3), ("a%b", 4), ("a_b", 5), ("ab\u{10FFFF}", 6), ("é1", 7)]
    {
        store.session(id);
        store.insert(id, &[said(id, &at(second), "text")]).unwrap();
    }
    let find = |prefix: &str, limit| store.read(|read| read.sessions().find(prefix, limit)).unwrap();
    assert_eq!(find("ab", 10), ["ab\u{10FFFF}", "ab-2", "ab-1"]);
    assert_eq!(find("ab-", 1), ["ab-2"]);
    assert_eq!(find("a%", 10), ["a%b"]);
    assert_eq!(find("a_", 10), ["a_b"]);
    assert_eq!(find("é", 10), ["é1"]);
    assert_eq!(find("ab\u{10FFFF}", 10), ["ab\u{10FFFF}"]);
    assert_eq!(find("\u{10FFFF}", 10), [""; 0]);
    assert_eq!(find("", 10).len(), 7);
    assert_eq!(find("ab-1 ", 10), [""; 0]);
}

#[test]
fn a_page_takes_filters_and_only_its_own_cursors() {
    let store = Store::new();
    project(&store, "p");
    let row = store.write(|write| write.projects().row_for_folder("p", "/p", "p", None)).unwrap();
    for (id, from, until) in [("a", 10, 20), ("b", 30, 40), ("c", 50, 60)] {
        store.session(id);
        let messages = [said(&format!("{id}1"), &at(from), "x"), said(&format!("{id}2"), &at(until), "x")];
        store.insert(id, &messages).unwrap();
    }
    store.session("silent");
    store
        .write(|write| {
            let (b, _) = write.sessions().ensure("b")?;
            write.sessions().add_facts(b, &SessionFacts { project_row: Some(row), ..SessionFacts::default() })
        })
        .unwrap();
    let page = |filter: SessionFilter| -> Vec<String> {
        let page = store.read(|read| read.sessions().page(&filter, None, 100)).unwrap();
        page.items.into_iter().map(|session| session.id).collect()
    };
    let time = |second| Timestamp::parse(&at(second));
    let all = SessionFilter::default();
    assert_eq!(page(all.clone()), ["c", "b", "a", "silent"]);
    assert_eq!(page(SessionFilter { since: time(40), ..all.clone() }), ["c", "b"]);
    assert_eq!(page(SessionFilter { since: time(41), ..all.clone() }), ["c"]);
    assert_eq!(page(SessionFilter { until: time(30), ..all.clone() }), ["a"]);
    assert_eq!(page(SessionFilter { since: time(15), until: time(31), ..all.clone() }), ["b", "a"]);
    assert_eq!(page(SessionFilter { project: Some("p".into()), ..all.clone() }), ["b"]);
    assert_eq!(page(SessionFilter { project: Some("q".into()), ..all.clone() }), [""; 0]);
    for cursor in ["", "s", "x0.0", "szz.0", "m0.0", "s0", "\0"] {
        let page = store.read(|read| read.sessions().page(&all, Some(cursor), 1));
        assert_eq!(code(page), Code::InvalidCursor, "{cursor:?}");
    }
    // Forged, but of the right form: an answer, whatever it is.
    for cursor in ["s0.0", "s8000000000000000.7fffffffffffffff", "sffffffffffffffff.ffffffffffffffff"] {
        store.read(|read| read.sessions().page(&all, Some(cursor), 1)).unwrap();
    }
}

proptest! {
    #![proptest_config(cases(24))]

    /// Times are few, so that most tie, and some are absent.
    #[test]
    fn pages_hold_each_session_once_whatever_is_added(
        times in prop::collection::vec((prop::option::of(0_i64..3), 0_usize..3), 0..14),
        added in prop::collection::vec(prop::option::of(0_i64..3), 0..4),
        limit in 1_usize..5,
        filter_by_project in any::<bool>(),
    ) {
        let store = Store::new();
        let projects = ["one", "two"].map(|slug| project(&store, slug));
        let write = |id: &str, second: Option<i64>, project_id: Option<&String>| {
            let input = SessionInput { project_id: project_id.cloned(), ..session(id) };
            store.write(|write| write.sessions().upsert(&input)).unwrap();
            if let Some(second) = second {
                store.insert(id, &[said(id, &at(second), "x")]).unwrap();
            }
        };
        let mut expected = Vec::new();
        for (row, (second, project)) in times.iter().enumerate() {
            let id = format!("known-{row}");
            write(&id, *second, projects.get(*project));
            if !filter_by_project || *project == 0 {
                expected.push((*second, row, id));
            }
        }
        expected.sort_by_key(|row| Reverse((row.0, row.1)));
        let filter = SessionFilter {
            project: filter_by_project.then(|| "one".to_owned()),
            ..SessionFilter::default()
        };
        let mut shown: Vec<String> = Vec::new();
        let mut cursor = None;
        let mut additions = added.iter().enumerate();
        loop {
            let page = store.read(|read| read.sessions().page(&filter, cursor.as_deref(), limit)).unwrap();
            prop_assert!(page.items.len() <= limit);
            prop_assert!(page.next_cursor.is_none() || page.items.len() == limit);
            shown.extend(page.items.into_iter().map(|session| session.id));
            if let Some((number, second)) = additions.next() {
                write(&format!("added-{number}"), *second, projects.first());
            }
            cursor = page.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        let distinct: BTreeSet<&String> = shown.iter().collect();
        prop_assert_eq!(distinct.len(), shown.len());
        let known: Vec<&String> = shown.iter().filter(|id| id.starts_with("known")).collect();
        prop_assert_eq!(known, expected.iter().map(|row| &row.2).collect::<Vec<_>>());
    }
}
