//! Usage of models and calls of tools, by any group and filter: equal to a plain scan of the rows.

use crate::fixture::{Store, cases, source_file};
use han_base::{Code, Timestamp};
use han_db::{
    CallFigures, MessageId, ModelUsage, NewEdit, NewReply, NewToolCall, NewToolResult, ProjectInput,
    SessionInput, TokenUsage, UsageFilter, UsageGroup, UsageKey, Write,
};
use proptest::prelude::*;
use rusqlite::{Connection, params};
use std::collections::BTreeMap;

const MINUTE_MS: i64 = 60_000;
const SESSIONS: [&str; 3] = ["one", "two", "three"];
const MODELS: [Option<&str>; 3] = [None, Some("claude-haiku-4-5"), Some("other")];
const AGENTS: [Option<&str>; 3] = [None, Some("a1"), Some("b2")];

/// A store with three sessions, two of them in project `app`.
fn store() -> Store {
    let store = Store::new();
    store
        .write(|write| {
            let project = write.projects().upsert(&ProjectInput {
                slug: "-home-ann-app".into(),
                path: "/home/ann/app".into(),
                name: "app".into(),
                ..ProjectInput::default()
            })?;
            for (index, id) in SESSIONS.iter().enumerate() {
                let project_id = (index < 2).then(|| project.id.clone()).flatten();
                write.sessions().upsert(&SessionInput {
                    id: (*id).into(),
                    project_id,
                    ..SessionInput::default()
                })?;
            }
            Ok(())
        })
        .unwrap();
    store
}

fn book(write: &Write<'_>, session: &str, reply: NewReply) -> han_base::Result<()> {
    let file = source_file(write, session, &format!("/{session}.jsonl"));
    write.replies().book(file.session_row, Some(file.row_id), &[reply])
}

fn usage(store: &Store, group: UsageGroup, filter: &UsageFilter, model: Option<&str>) -> Vec<ModelUsage> {
    store.read(|read| read.activity().usage(group, filter, model)).unwrap()
}

#[derive(Clone, Debug)]
struct Reply {
    session: usize,
    id: u8,
    model: usize,
    agent: usize,
    minute: i64,
    tokens: i64,
}

fn replies() -> impl Strategy<Value = Vec<Reply>> {
    let reply = (0..3_usize, 0_u8..12, 0..3_usize, 0..3_usize, -200_i64..3000, 0_i64..50).prop_map(
        |(session, id, model, agent, minute, tokens)| Reply { session, id, model, agent, minute, tokens },
    );
    prop::collection::vec(reply, 1..40)
}

/// Sums by key and model, as a scan of all replies gives them.
fn scanned(
    plain: &Connection,
    group: UsageGroup,
    filter: &UsageFilter,
    model: Option<&str>,
) -> BTreeMap<(UsageKey, String), TokenUsage> {
    let mut statement = plain
        .prepare(
            "SELECT replies.timestamp_ms, sessions.row_id, project_row_id, agent_id, coalesce(model, ''), input_tokens,
               output_tokens, cache_read_tokens, cache_creation_tokens, cache_hour_tokens, web_search_requests,
               web_fetch_requests
             FROM replies JOIN sessions ON sessions.row_id = session_row_id
             LEFT JOIN projects ON projects.row_id = project_row_id
             WHERE (?1 IS NULL OR timestamp_ms >= ?1) AND (?2 IS NULL OR timestamp_ms < ?2)
               AND (?3 IS NULL OR projects.name = ?3) AND (?4 IS NULL OR sessions.id = ?4)
               AND (?5 IS NULL OR coalesce(model, '') = ?5)",
        )
        .unwrap();
    let mut rows = statement
        .query(params![
            filter.since.map(Timestamp::as_millis),
            filter.until.map(Timestamp::as_millis),
            filter.project,
            filter.session_id,
            model
        ])
        .unwrap();
    let mut sums: BTreeMap<(UsageKey, String), TokenUsage> = BTreeMap::new();
    while let Some(row) = rows.next().unwrap() {
        let model: String = row.get(4).unwrap();
        let key = match group {
            UsageGroup::Day => UsageKey::Day(row.get::<_, i64>(0).unwrap().div_euclid(24 * 60 * MINUTE_MS)),
            UsageGroup::Model => UsageKey::Model(model.clone()),
            UsageGroup::Project => UsageKey::Project(row.get(2).unwrap()),
            UsageGroup::Session => UsageKey::Session(row.get(1).unwrap()),
            UsageGroup::Agent => UsageKey::Agent(row.get(3).unwrap()),
        };
        sums.entry((key, model)).or_default().add(&TokenUsage {
            reply_count: 1,
            input_tokens: row.get(5).unwrap(),
            output_tokens: row.get(6).unwrap(),
            cache_read_tokens: row.get(7).unwrap(),
            cache_creation_tokens: row.get(8).unwrap(),
            cache_hour_tokens: row.get(9).unwrap(),
            web_search_requests: row.get(10).unwrap(),
            web_fetch_requests: row.get(11).unwrap(),
        });
    }
    sums
}

fn assert_equal_to_a_scan(
    store: &Store,
    filter: &UsageFilter,
    model: Option<&str>,
) -> Result<(), TestCaseError> {
    let plain = store.plain();
    for group in
        [UsageGroup::Day, UsageGroup::Model, UsageGroup::Project, UsageGroup::Session, UsageGroup::Agent]
    {
        if group == UsageGroup::Agent && filter.session_id.is_none() {
            continue;
        }
        let told: BTreeMap<_, _> = usage(store, group, filter, model)
            .into_iter()
            .map(|told| ((told.key, told.model), told.usage))
            .collect();
        prop_assert_eq!(told, scanned(&plain, group, filter, model), "{:?} {:?} {:?}", group, filter, model);
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases(60))]

    #[test]
    fn usage_equals_a_scan_by_any_group_and_filter(
        replies in replies(),
        spans in prop::collection::vec((prop::option::of(-220_i64..3020), prop::option::of(-220_i64..3020)), 4),
        reset in prop::option::of(0..3_usize),
    ) {
        let store = store();
        store.write(|write| {
            for Reply { session, id, model, agent, minute, tokens } in &replies {
                book(write, SESSIONS[*session], NewReply {
                    message_id: format!("r{id}"),
                    agent_id: AGENTS[*agent].map(Into::into),
                    model: MODELS[*model].map(Into::into),
                    timestamp_ms: minute * MINUTE_MS + tokens,
                    input_tokens: *tokens,
                    output_tokens: 2 * tokens,
                    cache_read_tokens: 3 * tokens,
                    cache_creation_tokens: 5 * tokens,
                    cache_hour_tokens: *tokens,
                    web_search_requests: tokens % 2,
                    web_fetch_requests: tokens % 3,
                    ..NewReply::default()
                })?;
            }
            if let Some(session) = reset {
                let file = source_file(write, SESSIONS[session], &format!("/{}.jsonl", SESSIONS[session]));
                write.session_files().reset(&file)?;
            }
            Ok(())
        }).unwrap();
        let at = |minute: i64| Timestamp::from_millis(minute * MINUTE_MS);
        for (index, (since, until)) in spans.into_iter().enumerate() {
            // Whole hours too, for those are where ends go wrong.
            for cut in [1, 60] {
                let filter = UsageFilter {
                    since: since.map(|minute| at(minute.div_euclid(cut) * cut)),
                    until: until.map(|minute| at(minute.div_euclid(cut) * cut)),
                    project: (index % 2 == 1).then(|| "app".into()),
                    session_id: (index > 1).then(|| SESSIONS[index % 3].into()),
                };
                assert_equal_to_a_scan(&store, &filter, None)?;
                assert_equal_to_a_scan(&store, &filter, Some(MODELS[index % 3].unwrap_or_default()))?;
            }
        }
        assert_equal_to_a_scan(&store, &UsageFilter::default(), None)?;
    }
}

#[test]
fn keys_are_called_by_their_names() {
    let store = store();
    store
        .write(|write| {
            for (index, session) in SESSIONS.iter().enumerate() {
                let reply = NewReply {
                    message_id: format!("r{index}"),
                    timestamp_ms: 86_400_000,
                    model: MODELS[index].map(Into::into),
                    agent_id: AGENTS[index].map(Into::into),
                    output_tokens: 1,
                    ..NewReply::default()
                };
                book(write, session, reply)?;
            }
            Ok(())
        })
        .unwrap();
    let labels = |group, session: Option<&str>| {
        let filter = UsageFilter { session_id: session.map(Into::into), ..UsageFilter::default() };
        let found = usage(&store, group, &filter, None);
        let label = |told: &ModelUsage| store.read(|read| read.activity().usage_label(&told.key)).unwrap();
        found.iter().map(label).collect::<Vec<_>>()
    };
    assert_eq!(labels(UsageGroup::Day, None)[0].date.as_deref(), Some("1970-01-02"));
    let models: Vec<_> = labels(UsageGroup::Model, None).into_iter().map(|label| label.model).collect();
    assert_eq!(models, MODELS.map(|model| model.map(String::from)));
    let projects: Vec<_> =
        labels(UsageGroup::Project, None).into_iter().map(|label| label.project_name).collect();
    // The two sessions of the project used different models.
    assert_eq!(projects, [None, Some("app".into()), Some("app".into())]);
    let sessions: Vec<_> =
        labels(UsageGroup::Session, None).into_iter().map(|label| label.session_id.unwrap()).collect();
    assert_eq!(sessions, SESSIONS);
    assert_eq!(labels(UsageGroup::Agent, Some("two"))[0].agent_id.as_deref(), Some("a1"));
}

#[test]
fn agents_are_told_of_one_session_only() {
    let told = store().read(|read| read.activity().usage(UsageGroup::Agent, &UsageFilter::default(), None));
    assert_eq!(told.unwrap_err().code(), Code::InvalidArgument);
}

fn call(id: &str, name: &str, minute: i64) -> NewToolCall {
    NewToolCall {
        id: id.into(),
        message_id: MessageId::new(&format!("m-{id}")),
        agent_id: None,
        name: name.into(),
        subagent_type: (name == "Task").then(|| "Explore".into()),
        file_paths: vec![],
        input: None,
        timestamp_ms: minute * MINUTE_MS,
        edit: None,
        result: None,
    }
}

fn edit(id: &str, path: &str, minute: i64, lines: i64) -> NewToolCall {
    let edit = NewEdit { action: "modified", lines_added: lines, lines_removed: 1, files_changed: 1 };
    NewToolCall { file_paths: vec![path.into()], edit: Some(edit), ..call(id, "Edit", minute) }
}

fn answer(id: &str, minute: i64, is_error: bool) -> NewToolResult {
    NewToolResult {
        call_id: id.into(),
        message_id: MessageId::new(&format!("n-{id}")),
        agent_id: None,
        is_error,
        content: None,
        timestamp_ms: minute * MINUTE_MS,
        edit: None,
    }
}

#[test]
fn calls_tell_tools_errors_agents_and_files() {
    let store = store();
    let calls = [
        edit("e1", "/a", 0, 5),
        edit("e2", "/b", 61, 7),
        edit("e3", "/a", 62, 2),
        edit("e4", "/c", 63, 100),
        call("t1", "Task", 64),
    ];
    let results =
        [answer("e1", 1, false), answer("e2", 62, false), answer("e3", 63, false), answer("e4", 64, true)];
    store
        .write(|write| {
            for session in ["one", "three"] {
                let file = source_file(write, session, &format!("/{session}.jsonl"));
                write.tool_calls().book(file.session_row, Some(file.row_id), &calls, &results)?;
            }
            Ok(())
        })
        .unwrap();
    let figures =
        |filter: &UsageFilter, limit| store.read(|read| read.activity().call_figures(filter, limit)).unwrap();
    let all = figures(&UsageFilter::default(), 10);
    assert_eq!((all.call_count, all.error_count, all.file_count), (5, 1, 2));
    assert_eq!((all.lines_added, all.lines_removed), (14, 3));
    let edits = &all.tools[0];
    assert_eq!(
        (
            edits.name.as_str(),
            edits.call_count,
            edits.result_count,
            edits.error_count,
            edits.total_duration_ms
        ),
        ("Edit", 4, 4, 1, 4 * MINUTE_MS)
    );
    assert_eq!((all.agents[0].subagent_type.as_str(), all.agents[0].count), ("Explore", 1));
    let touched: Vec<_> =
        all.files.iter().map(|file| (file.path.as_str(), file.change_count, file.lines_added)).collect();
    assert_eq!(touched, [("/a", 2, 7), ("/b", 1, 7)]);
    assert_eq!(all.files[0].last_changed_at, "1970-01-01T01:02:00.000Z");

    let few = figures(&UsageFilter::default(), 1);
    assert_eq!((few.tools.len(), few.files.len(), few.file_count), (1, 1, 2));
    // A copy counts in the session that holds it, and nowhere else.
    let of = |session: &str| UsageFilter { session_id: Some(session.into()), ..UsageFilter::default() };
    assert_eq!(figures(&of("three"), 10), all);
    assert_eq!(figures(&of("unknown"), 10), CallFigures::default());
    let project = UsageFilter { project: Some("app".into()), ..UsageFilter::default() };
    assert_eq!(figures(&project, 10), all);
    let at = |minute: i64| Some(Timestamp::from_millis(minute * MINUTE_MS));
    let span = UsageFilter { since: at(61), until: at(63), ..UsageFilter::default() };
    assert_eq!(figures(&span, 10).call_count, 2);
    let empty = UsageFilter { since: at(63), until: at(61), ..UsageFilter::default() };
    assert_eq!(figures(&empty, 10), CallFigures::default());
}
