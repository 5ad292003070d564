//! Search over what is stored: order, filters, cursors, and that the index follows every change.

use crate::fixture::{Store, at, cases, code, insert_lines, line, said, source_file};
use han_base::{Code, Timestamp};
use han_db::{MessageInput, Place, ProjectInput, SearchFilter, SearchHit, SearchOrder, SessionInput};
use proptest::prelude::*;
use std::collections::BTreeSet;

fn hits(store: &Store, query: &str, filter: &SearchFilter) -> Vec<SearchHit> {
    let page = store.read(|read| read.search().page(query, filter, None, 1000)).unwrap();
    assert_eq!(page.next_cursor, None);
    page.items
}

fn ids(store: &Store, query: &str, filter: &SearchFilter) -> Vec<String> {
    hits(store, query, filter).into_iter().map(|hit| hit.message_id).collect()
}

fn newest() -> SearchFilter {
    SearchFilter { order: SearchOrder::Newest, ..SearchFilter::default() }
}

#[test]
fn the_compatible_search_gives_whole_messages_newest_first() {
    let store = Store::new();
    store.session("s");
    store.session("t");
    // The best match is the oldest, so that rank and time differ.
    store
        .insert("s", &[said("a", &at(1), "needle needle"), said("b", &at(9), "needle in much other hay")])
        .unwrap();
    store
        .insert(
            "t",
            &[said("c", &at(5), "a needle"), said("d", &at(5), "a needle"), said("e", &at(7), "hay")],
        )
        .unwrap();
    let search = |query: &str, session_id: Option<&str>, limit| -> String {
        let found = store.read(|read| read.search().messages(query, session_id, limit)).unwrap();
        found.into_iter().map(|message| message.id).collect()
    };
    assert_eq!(search("needle", None, 50), "bdca");
    assert_eq!(search("needle", None, 2), "bd");
    assert_eq!(search("needle", None, 0), "");
    assert_eq!(search("needle", Some("t"), 50), "dc");
    assert_eq!(search("needle", Some("nobody"), 50), "");
    assert_eq!(search("nothing", None, 50), "");
    assert_eq!(ids(&store, "needle", &SearchFilter::default())[0], "a");
    let found = store.read(|read| read.search().messages("other", None, 1)).unwrap();
    assert_eq!(found, [store.read(|read| read.messages().get("b")).unwrap().unwrap()]);
}

#[test]
fn expanded_expressions_of_callers_work() {
    let store = Store::new();
    store.session("s");
    store
        .insert(
            "s",
            &[
                said("a", &at(1), "a strategy for version control"),
                said("b", &at(2), "the git strategy"),
                said("c", &at(3), "git"),
            ],
        )
        .unwrap();
    assert_eq!(store.found("(\"vcs\" OR \"version control\" OR \"git\") \"strategy\""), ["a", "b"]);
}

#[test]
fn every_filter_holds_in_both_orders() {
    let store = Store::new();
    store
        .write(|write| {
            for (slug, session) in [("one", "s"), ("two", "t")] {
                let project = write.projects().upsert(&ProjectInput {
                    slug: slug.into(),
                    path: format!("/{slug}"),
                    name: "same".into(),
                    ..ProjectInput::default()
                })?;
                write.sessions().upsert(&SessionInput {
                    id: session.into(),
                    project_id: project.id,
                    ..SessionInput::default()
                })?;
            }
            Ok(())
        })
        .unwrap();
    store.session("u");
    let row = |id: &str, second, role: &str, agent_id: Option<&str>| MessageInput {
        role: Some(role.into()),
        agent_id: agent_id.map(str::to_owned),
        ..said(id, &at(second), "needle")
    };
    store.insert("s", &[row("a", 1, "user", None), row("b", 2, "assistant", None)]).unwrap();
    store.insert("t", &[row("c", 3, "user", Some("x")), row("d", 4, "assistant", Some("y"))]).unwrap();
    store.insert("u", &[row("e", 5, "system", None)]).unwrap();
    let text = |text: &str| Some(text.to_owned());
    let time = |second| Timestamp::parse(&at(second));
    let all = SearchFilter::default();
    for (filter, expected) in [
        (all.clone(), "abcde"),
        (SearchFilter { session_id: text("t"), ..all.clone() }, "cd"),
        (SearchFilter { session_id: text("nobody"), ..all.clone() }, ""),
        (SearchFilter { project: text("one"), ..all.clone() }, "ab"),
        (SearchFilter { project: text("/two"), ..all.clone() }, "cd"),
        (SearchFilter { project: text("same"), ..all.clone() }, "abcd"),
        (SearchFilter { project: text("nobody"), ..all.clone() }, ""),
        (SearchFilter { speaker: text("user"), ..all.clone() }, "ac"),
        (SearchFilter { speaker: text("tool"), ..all.clone() }, ""),
        (SearchFilter { agent_id: text(""), ..all.clone() }, "abe"),
        (SearchFilter { agent_id: text("y"), ..all.clone() }, "d"),
        (SearchFilter { since: time(3), ..all.clone() }, "cde"),
        (SearchFilter { until: time(3), ..all.clone() }, "ab"),
        (
            SearchFilter {
                since: time(2),
                until: time(5),
                project: text("same"),
                speaker: text("assistant"),
                ..all.clone()
            },
            "bd",
        ),
    ] {
        let found: BTreeSet<String> = ids(&store, "needle", &filter).into_iter().collect();
        assert_eq!(found.into_iter().collect::<String>(), expected, "{filter:?}");
        let filter = SearchFilter { order: SearchOrder::Newest, ..filter };
        let newest_first = ids(&store, "needle", &filter).concat();
        assert_eq!(newest_first, expected.chars().rev().collect::<String>(), "{filter:?}");
    }
}

#[test]
fn a_hit_tells_where_it_stands() {
    let store = Store::new();
    store.session("s");
    let input = MessageInput {
        tool_name: Some("Bash".into()),
        tool_input: Some("run inputword now".into()),
        agent_id: Some("agent".into()),
        ..said("m", &at(1), "é🧷 the contentword")
    };
    store.insert("s", &[input]).unwrap();
    let hit = hits(&store, "contentword", &SearchFilter::default()).remove(0);
    assert_eq!((hit.message_id.as_str(), hit.session_id.as_str()), ("m", "s"));
    assert_eq!((hit.tool_name.as_deref(), hit.agent_id.as_deref()), (Some("Bash"), Some("agent")));
    assert_eq!(
        (hit.timestamp, hit.message_type.as_str(), hit.speaker.as_deref()),
        (at(1), "user", Some("user"))
    );
    assert!(hit.score > 0.0);
    assert_eq!(hit.snippet, "é🧷 the contentword");
    assert_eq!(hit.highlights, [8, 19]);
    let hit = hits(&store, "inputword", &SearchFilter::default()).remove(0);
    assert_eq!((hit.snippet.as_str(), hit.highlights.as_slice()), ("run inputword now", [4, 13].as_slice()));
    assert_eq!(hits(&store, "input:contentword", &SearchFilter::default()), []);
}

#[test]
fn what_was_said_ranks_before_what_a_tool_was_given() {
    let store = Store::new();
    store.session("s");
    let tool = MessageInput { content: None, tool_input: Some("needle".into()), ..said("tool", &at(1), "") };
    let inputs =
        [tool, said("said", &at(2), "needle"), said("other", &at(3), "hay"), said("more", &at(3), "hay")];
    store.insert("s", &inputs).unwrap();
    assert_eq!(ids(&store, "needle", &SearchFilter::default()), ["said", "tool"]);
}

#[test]
fn a_query_without_a_word_finds_nothing() {
    let store = Store::new();
    store.session("s");
    store.insert("s", &[said("m", &at(1), "?! word \"\" ()")]).unwrap();
    for query in ["", " ", "?!", "\"\"", "()", "-word", "NOT word", "* ^ +", "\0"] {
        assert_eq!(hits(&store, query, &SearchFilter::default()), [], "{query:?}");
        assert_eq!(store.found(query), [""; 0], "{query:?}");
    }
}

#[test]
fn a_cursor_belongs_to_its_order() {
    let store = Store::new();
    store.session("s");
    store.insert("s", &[said("a", &at(1), "word"), said("b", &at(2), "word")]).unwrap();
    let all = SearchFilter::default();
    let page = |filter: &SearchFilter, cursor: &str| {
        store.read(|read| read.search().page("word", filter, Some(cursor), 1))
    };
    let cursor = store.read(|read| read.search().page("word", &all, None, 1)).unwrap().next_cursor.unwrap();
    assert_eq!(page(&all, &cursor).unwrap().items.len(), 1);
    assert_eq!(code(page(&newest(), &cursor)), Code::InvalidCursor);
    for cursor in ["", "r", "rx.y", "n0.0", "s0.0"] {
        assert_eq!(code(page(&all, cursor)), Code::InvalidCursor, "{cursor:?}");
    }
    // Forged, but of the right form: an answer, whatever it is.
    for cursor in
        ["ffffffffffffffff.ffffffffffffffff", "7fffffffffffffff.7fffffffffffffff", "8000000000000000.0"]
    {
        page(&all, &format!("r{cursor}")).unwrap();
        page(&newest(), &format!("n{cursor}")).unwrap();
    }
}

#[test]
fn changed_text_is_found_by_its_new_words_only() {
    let store = Store::new();
    store.session("s");
    let input = MessageInput { tool_input: Some("toolword".into()), ..said("m", &at(1), "oldword") };
    store.insert("s", &[input]).unwrap();
    assert_eq!(store.found("oldword toolword"), ["m"]);
    store
        .insert("s", &[MessageInput { tool_input: Some("ignored".into()), ..said("m", &at(1), "newword") }])
        .unwrap();
    assert_eq!([store.found("oldword").len(), store.found("ignored").len()], [0, 0]);
    assert_eq!(store.found("newword toolword"), ["m"]);
    // Without content, what is known stays.
    store.insert("s", &[MessageInput { content: None, ..said("m", &at(1), "") }]).unwrap();
    assert_eq!(store.found("newword toolword"), ["m"]);
    // Twice in one batch: the last holds.
    store.insert("s", &[said("m", &at(1), "between"), said("m", &at(1), "last")]).unwrap();
    assert_eq!([store.found("between").len(), store.found("newword").len()], [0, 0]);
    assert_eq!(store.found("last"), ["m"]);
    // Text comes to a message that had none.
    store.insert("s", &[MessageInput { content: None, ..said("late", &at(1), "") }]).unwrap();
    store.insert("s", &[said("late", &at(1), "finally")]).unwrap();
    assert_eq!(store.found("finally"), ["late"]);
    store.assert_sound();
}

#[test]
fn vacuum_keeps_rows_and_words_together() {
    let store = Store::new();
    store
        .write(|write| {
            let one = source_file(write, "s", "/1");
            let two = source_file(write, "s", "/2");
            for number in 0..200_u64 {
                let file = if number % 3 == 0 { &two } else { &one };
                let place = Place { byte_offset: number, byte_length: 1, line_number: number };
                insert_lines(
                    write,
                    file,
                    &[line(&format!("m{number}"), 1, &format!("word{number}"), place)],
                )?;
            }
            // Gaps that a renumbering would close.
            write.session_files().reset(&one)
        })
        .unwrap();
    store.plain().execute_batch("VACUUM").unwrap();
    for number in 0..200 {
        let found =
            store.read(|read| read.search().page(&format!("word{number}"), &newest(), None, 10)).unwrap();
        let ids: Vec<String> = found.items.into_iter().map(|hit| hit.message_id).collect();
        let expected = if number % 3 == 0 { vec![format!("m{number}")] } else { Vec::new() };
        assert_eq!(ids, expected);
    }
    store.assert_sound();
}

/// What a person may type, and what nobody does.
fn typed() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        3 => Just("word ".to_owned()),
        4 => prop::sample::select(vec![
            " AND ", " OR ", " NOT ", "-", "(", ")", "\"", "*", "content:", "input:", "NEAR(", "^", "+", ":", "{", "}",
            "getUser", "a_b", "針", "検査", "é", "🧷", "\0", "'", "\\", ";", "%",
        ]).prop_map(str::to_owned),
        1 => any::<String>(),
    ];
    prop::collection::vec(piece, 0..20).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(cases(3))]

    #[test]
    fn nothing_typed_is_an_error(queries in prop::collection::vec(typed(), 200)) {
        let store = Store::new();
        store.session("s");
        let inputs = [said("a", &at(1), "word 針 検査 é getUserName"), said("b", &at(2), "word a b 🧷")];
        store.insert("s", &inputs).unwrap();
        for query in queries {
            for filter in [SearchFilter::default(), SearchFilter { session_id: Some("s".into()), ..newest() }] {
                let found = store.read(|read| read.search().page(&query, &filter, None, 10));
                prop_assert!(found.is_ok(), "{query:?}: {found:?}");
            }
        }
    }
}

/// Texts whose ranks tie, and the order of which does not depend on what else there is.
const TEXTS: [&str; 3] = ["needle", "needle in hay", "a needle in very much more hay"];

proptest! {
    #![proptest_config(cases(32))]

    #[test]
    fn pages_hold_each_hit_once_whatever_is_added(
        rows in prop::collection::vec((0..TEXTS.len(), 0_i64..3, any::<bool>()), 0..16),
        added in prop::collection::vec((0..TEXTS.len(), 0_i64..3), 0..6),
        limit in 1_usize..5,
        newest_first in any::<bool>(),
        filtered in any::<bool>(),
    ) {
        let store = Store::new();
        store.session("s");
        store.session("t");
        let mut expected = Vec::new();
        for (row, &(text, second, in_first)) in rows.iter().enumerate() {
            let id = format!("known-{row}");
            store.insert(if in_first { "s" } else { "t" }, &[said(&id, &at(second), TEXTS[text])]).unwrap();
            if in_first || !filtered {
                // Shorter texts are better, of one length those that came first; the newest are those that came last.
                expected.push((if newest_first { (-second, -(row as i64)) } else { (text as i64, row as i64) }, id));
            }
        }
        expected.sort();
        let filter = SearchFilter {
            order: if newest_first { SearchOrder::Newest } else { SearchOrder::Rank },
            session_id: filtered.then(|| "s".to_owned()),
            ..SearchFilter::default()
        };
        let mut shown = Vec::new();
        let mut cursor = None;
        let mut additions = added.chunks(2).enumerate();
        loop {
            let page = store.read(|read| read.search().page("needle", &filter, cursor.as_deref(), limit)).unwrap();
            prop_assert!(page.items.len() == limit || page.next_cursor.is_none());
            shown.extend(page.items.into_iter().map(|hit| hit.message_id));
            if let Some((number, texts)) = additions.next() {
                for (index, &(text, second)) in texts.iter().enumerate() {
                    store.insert("s", &[said(&format!("added-{number}-{index}"), &at(second), TEXTS[text])]).unwrap();
                }
            }
            cursor = page.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        let distinct: BTreeSet<&String> = shown.iter().collect();
        prop_assert_eq!(distinct.len(), shown.len());
        if !newest_first {
            prop_assert!(shown.iter().all(|id| id.starts_with("known")));
        }
        shown.retain(|id| id.starts_with("known"));
        prop_assert_eq!(shown, expected.into_iter().map(|row| row.1).collect::<Vec<_>>());
    }
}
