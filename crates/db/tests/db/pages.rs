//! Every list that can grow comes in pages: together they are the list, rows that come meanwhile change nothing, and no
//! page sorts or scans.

use crate::{
    file_changes::change,
    fixture::{Store, at, code, said, source_file},
    orchestrations::orchestrate,
};
use han_base::{Code, Page, Result};
use han_db::{
    AsyncHookQueueInputNative, ConfigDirInput, GeneratedSessionSummaryInput, HookExecutionFilter,
    HookExecutionState, NativeTaskInput, NewBrokenLine, PendingHookInput, ProjectInput, QueuedHookInput,
    Read, RepoInput, SessionFileValidationInput, ValidatingHook, Write,
};
use std::fmt::Debug;

const HOOK: ValidatingHook<'_> = ValidatingHook { plugin_name: "lint", hook_name: "check", directory: "/w" };

/// Numbers that arrive in another order than that of their names.
const ARRIVAL: [u32; 7] = [3, 1, 6, 0, 5, 2, 4];

/// Walks through the pages of a list, three rows at a time.
fn walk<T>(store: &Store, page: impl Fn(&Read<'_>, Option<&str>, usize) -> Result<Page<T>>) -> Vec<T> {
    let mut rows = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let next = store.read(|read| page(read, cursor.as_deref(), 3)).unwrap();
        assert!(next.items.len() == 3 || !next.has_more());
        rows.extend(next.items);
        cursor = next.next_cursor;
        if cursor.is_none() {
            return rows;
        }
    }
}

/// Fails unless the pages of a list make up the `list`, of at least seven rows, and foreign cursors are refused.
fn assert_paged<T: Debug + PartialEq>(
    store: &Store,
    list: impl Fn(&Read<'_>) -> Result<Vec<T>>,
    page: impl Fn(&Read<'_>, Option<&str>, usize) -> Result<Page<T>>,
) {
    let all = store.read(&list).unwrap();
    assert!(all.len() >= 7, "{}", all.len());
    assert_eq!(walk(store, &page), all);
    for foreign in ["", "x", "z1.1", "z1.61"] {
        assert_eq!(code(store.read(|read| page(read, Some(foreign), 3))), Code::InvalidCursor);
    }
    let whole = store.read(|read| page(read, None, all.len())).unwrap();
    assert_eq!((whole.items.len(), whole.has_more()), (all.len(), false));
}

fn fill(store: &Store, add: impl Fn(&Write<'_>, u32)) {
    store
        .write(|write| {
            for number in ARRIVAL {
                add(write, number);
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn repos_and_projects_by_name() {
    let store = Store::new();
    fill(&store, |write, number| {
        // Two of each name, which is the hard part.
        let name = format!("é {}", number / 2);
        let remote = format!("r{number}");
        let repo =
            write.repos().upsert(&RepoInput { remote, name: name.clone(), default_branch: None }).unwrap();
        for (slug, repo_id) in [(format!("p{number}"), repo.id), (format!("q{number}"), None)] {
            let input =
                ProjectInput { slug, repo_id, path: "/p".into(), name: name.clone(), ..Default::default() };
            write.projects().upsert(&input).unwrap();
        }
    });
    assert_paged(&store, |read| read.repos().list(), |read, cursor, limit| read.repos().page(cursor, limit));
    assert_paged(
        &store,
        |read| read.projects().list(None),
        |read, cursor, limit| read.projects().page(None, cursor, limit),
    );
    let repo = store.read(|read| read.repos().get_by_remote("r1")).unwrap().unwrap().id;
    let of_repo = walk(&store, |read, cursor, limit| read.projects().page(repo.as_deref(), cursor, limit));
    assert_eq!(of_repo.into_iter().map(|project| project.slug).collect::<Vec<_>>(), ["p1"]);
    assert_eq!(walk(&store, |read, cursor, limit| read.projects().page(Some("no"), cursor, limit)), []);

    // A row before the cursor does not come; one behind it does, and nothing comes twice.
    let first = store.read(|read| read.repos().page(None, 3)).unwrap();
    for name in ["a", "z"] {
        let input = RepoInput { remote: name.into(), name: name.into(), default_branch: None };
        store.write(|write| write.repos().upsert(&input)).unwrap();
    }
    let rest = store.read(|read| read.repos().page(first.next_cursor.as_deref(), 100)).unwrap();
    let names: Vec<String> = rest.items.iter().map(|repo| repo.remote.clone()).collect();
    assert_eq!((names.len(), names.contains(&"a".into()), names.contains(&"z".into())), (4, false, false));
}

#[test]
fn config_dirs_as_they_were_registered() {
    let store = Store::new();
    fill(&store, |write, number| {
        write
            .config_dirs()
            .register(&ConfigDirInput { path: format!("/{number}"), ..Default::default() })
            .unwrap();
    });
    assert_paged(
        &store,
        |read| read.config_dirs().list(),
        |read, cursor, limit| read.config_dirs().page(cursor, limit),
    );
}

#[test]
fn hooks_in_order_of_arrival() {
    let store = Store::new();
    store.session("s");
    let orchestration = orchestrate(&store, None).id;
    let other = orchestrate(&store, None).id;
    fill(&store, |write, number| {
        let hook_name = number.to_string();
        for orchestration_id in [&orchestration, &other] {
            let orchestration_id = orchestration_id.clone();
            let waiting = QueuedHookInput {
                orchestration_id: orchestration_id.clone(),
                hook_name: hook_name.clone(),
                ..Default::default()
            };
            write.queued_hooks().add(&waiting).unwrap();
            let session_id = Some("s".to_owned());
            let pending = PendingHookInput {
                orchestration_id,
                session_id,
                hook_name: hook_name.clone(),
                ..Default::default()
            };
            let id = write.hook_executions().queue(&pending).unwrap();
            if number == 5 {
                write.hook_executions().set_status(&id, "running").unwrap();
            }
        }
        let beside = AsyncHookQueueInputNative { session_id: "s".into(), hook_name, ..Default::default() };
        write.async_hooks().enqueue(&beside).unwrap();
    });
    assert_paged(
        &store,
        |read| read.queued_hooks().list(&orchestration),
        |read, cursor, limit| read.queued_hooks().page(&orchestration, cursor, limit),
    );
    assert_paged(
        &store,
        |read| read.async_hooks().list_pending("s"),
        |read, cursor, limit| read.async_hooks().page_of_pending("s", cursor, limit),
    );
    let oldest = HookExecutionFilter { oldest_first: true, ..Default::default() };
    assert_paged(
        &store,
        |read| read.hook_executions().list_of_orchestration(&orchestration),
        |read, cursor, limit| {
            let filter = HookExecutionFilter { orchestration_id: Some(&orchestration), ..oldest };
            read.hook_executions().page(filter, cursor, limit)
        },
    );
    assert_paged(
        &store,
        |read| read.hook_executions().list_pending(),
        |read, cursor, limit| {
            let filter = HookExecutionFilter { only: Some(HookExecutionState::Pending), ..oldest };
            read.hook_executions().page(filter, cursor, limit)
        },
    );
    assert_paged(
        &store,
        |read| read.hook_executions().list_unfinished("s"),
        |read, cursor, limit| {
            let only = Some(HookExecutionState::Unfinished);
            let filter = HookExecutionFilter { session_id: Some("s"), only, ..oldest };
            read.hook_executions().page(filter, cursor, limit)
        },
    );
    let newest = walk(&store, |read, cursor, limit| {
        read.hook_executions().page(HookExecutionFilter::default(), cursor, limit)
    });
    let mut oldest = walk(&store, |read, cursor, limit| read.hook_executions().page(oldest, cursor, limit));
    oldest.reverse();
    assert_eq!((newest.len(), &newest), (14, &oldest));
}

#[test]
fn validations_by_file() {
    let store = Store::new();
    store.session("s");
    fill(&store, |write, number| {
        let file_path = format!("/{number}");
        for hook_name in ["check", "other"] {
            let input = SessionFileValidationInput {
                session_id: "s".into(),
                file_path: file_path.clone(),
                plugin_name: "lint".into(),
                hook_name: hook_name.into(),
                directory: "/w".into(),
                ..Default::default()
            };
            write.file_validations().record(&input).unwrap();
        }
        for hash in ["old", "new"] {
            write.file_changes().record(&change("s", &file_path, Some(hash))).unwrap();
        }
    });
    let sorted = |read: &Read<'_>, hook| {
        let mut rows = match hook {
            Some(hook) => read.file_validations().of_hook("s", hook)?,
            None => read.file_validations().of_session("s")?,
        };
        rows.sort_by(|a, b| (&a.file_path, &a.hook_name).cmp(&(&b.file_path, &b.hook_name)));
        Ok(rows)
    };
    for hook in [None, Some(HOOK)] {
        assert_paged(
            &store,
            |read| sorted(read, hook),
            |read, cursor, limit| read.file_validations().page("s", hook, cursor, limit),
        );
    }
    assert_paged(
        &store,
        |read| read.file_validations().statuses("s", HOOK),
        |read, cursor, limit| read.file_validations().page_of_statuses("s", HOOK, cursor, limit),
    );
    let nobody =
        walk(&store, |read, cursor, limit| read.file_validations().page("nobody", None, cursor, limit));
    assert_eq!(nobody, []);
}

#[test]
fn tasks_of_agents_by_time() {
    let store = Store::new();
    store.session("s");
    fill(&store, |write, number| {
        let input = NativeTaskInput {
            id: number.to_string(),
            session_id: "s".into(),
            timestamp: at(i64::from(number / 2)),
            ..Default::default()
        };
        write.native_tasks().create(&input).unwrap();
    });
    assert_paged(
        &store,
        |read| read.native_tasks().list("s"),
        |read, cursor, limit| read.native_tasks().page("s", cursor, limit),
    );
}

#[test]
fn broken_lines_by_file_and_place() {
    let store = Store::new();
    fill(&store, |write, number| {
        let file = source_file(write, "s", &format!("/{}", number % 3));
        let line = NewBrokenLine {
            byte_offset: u64::from(number) * 10,
            byte_length: 10,
            line_number: u64::from(number),
            reason: Code::LineNotJson,
        };
        write.broken_lines().insert(file.row_id, &line).unwrap();
    });
    assert_paged(
        &store,
        |read| read.broken_lines().list(100),
        |read, cursor, limit| read.broken_lines().page(cursor, limit),
    );
}

#[test]
fn sessions_without_summaries_last_message_first() {
    let store = Store::new();
    for number in ARRIVAL {
        let session_id = format!("s{number}");
        store.session(&session_id);
        store.session(&format!("empty {number}"));
        let message = said(&format!("m{number}"), &at(i64::from(number / 2)), "word");
        store.insert(&session_id, &[message]).unwrap();
    }
    let input = GeneratedSessionSummaryInput { session_id: "s5".into(), ..Default::default() };
    store.write(|write| write.generated_summaries().upsert(&input)).unwrap();
    assert_paged(
        &store,
        |read| read.generated_summaries().missing(100),
        |read, cursor, limit| read.generated_summaries().page_of_missing(cursor, limit),
    );
}

/// The plans of the statements behind pages, as they stand in their modules.
#[test]
fn pages_are_read_from_an_index_in_order() {
    let store = Store::new();
    let connection = store.plain();
    for sql in [
        "SELECT * FROM repos WHERE (name, row_id) > ('a', 1) ORDER BY name, row_id LIMIT 3",
        "SELECT * FROM projects WHERE (name, row_id) > ('a', 1) ORDER BY name, row_id LIMIT 3",
        "SELECT * FROM projects LEFT JOIN repos ON repos.row_id = projects.repo_row_id
         WHERE repo_row_id = (SELECT row_id FROM repos WHERE id = 'r') AND (projects.name, projects.row_id) > ('a', 1)
         ORDER BY projects.name, projects.row_id LIMIT 3",
        "SELECT * FROM file_validations WHERE session_row_id = 1 AND (file_path, row_id) > ('a', 1)
         ORDER BY file_path, row_id LIMIT 3",
        "SELECT * FROM file_validations WHERE session_row_id = 1 AND plugin_name = 'p' AND hook_name = 'h'
         AND directory = 'd' AND (file_path, row_id) > ('a', 1) ORDER BY file_path, row_id LIMIT 3",
        "SELECT max(row_id) FROM file_changes WHERE session_row_id = 1 AND file_path >= 'a'
         GROUP BY file_path ORDER BY file_path LIMIT 3",
        "SELECT * FROM native_tasks WHERE session_row_id = (SELECT row_id FROM sessions WHERE id = 's')
         AND (created_at_ms, row_id) > (1, 1) ORDER BY created_at_ms, row_id LIMIT 3",
        "SELECT * FROM orchestrations JOIN queued_hooks ON orchestration_row_id = orchestrations.row_id
         WHERE orchestrations.id = 'o' AND queued_hooks.row_id > 1 ORDER BY queued_hooks.row_id LIMIT 3",
        "SELECT * FROM async_hooks WHERE session_row_id = (SELECT row_id FROM sessions WHERE id = 's')
         AND status IN ('pending', 'running') AND status = 'pending' AND row_id > 1 ORDER BY row_id LIMIT 3",
        "SELECT * FROM hook_executions WHERE orchestration_row_id = 1 AND row_id > 1 ORDER BY row_id LIMIT 3",
        "SELECT * FROM hook_executions WHERE status = 'pending' AND row_id > 1 ORDER BY row_id LIMIT 3",
        "SELECT * FROM session_files CROSS JOIN broken_lines ON session_files.row_id = session_file_row_id
         WHERE (file_path, broken_lines.byte_offset) > ('a', 1) ORDER BY file_path, broken_lines.byte_offset LIMIT 3",
    ] {
        let plan: Vec<String> = connection
            .prepare(&format!("EXPLAIN QUERY PLAN {sql}"))
            .unwrap()
            .query_map([], |row| row.get(3))
            .unwrap()
            .collect::<std::result::Result<_, _>>()
            .unwrap();
        let plan = plan.join("; ");
        assert!(!plan.contains("TEMP B-TREE") && !plan.contains("SCAN"), "{sql}: {plan}");
    }
}

/// Figures of tasks are read from an index alone, whatever they are asked of.
#[test]
fn figures_of_tasks_read_no_other_tasks() {
    let store = Store::new();
    let connection = store.plain();
    let figures =
        "count(*), count(completed_at_ms), avg(confidence), count(*) FILTER (WHERE outcome = 'success')";
    for (condition, index) in [
        ("", "tasks_figures "),
        ("task_type = 't' AND", "tasks_figures_of_type"),
        ("outcome = 'o' AND", "tasks_figures_of_outcome"),
        ("task_type = 't' AND outcome = 'o' AND", "tasks_figures_of_"),
    ] {
        let sql =
            format!("EXPLAIN QUERY PLAN SELECT {figures} FROM tasks WHERE {condition} started_at_ms >= 1");
        let plan: String = connection.query_row(&sql, [], |row| row.get(3)).unwrap();
        assert!(plan.contains("COVERING INDEX") && plan.contains(index), "{plan}");
    }
}

#[test]
fn truncating_finds_what_refers_to_a_session_by_index() {
    let store = Store::new();
    for table in ["frustration_events", "async_hooks"] {
        let sql = format!("EXPLAIN QUERY PLAN SELECT 1 FROM {table} WHERE session_row_id = 1");
        let plan: String = store.plain().query_row(&sql, [], |row| row.get(3)).unwrap();
        assert!(plan.contains("_by_session"), "{plan}");
    }
}
