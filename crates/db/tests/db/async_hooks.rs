//! Hooks beside sessions: one that waits for each key, order of arrival, and each hook for one taker only.

use crate::{
    fixture::{Store, code},
    queued_hooks::{all, taken_by_two},
};
use han_base::{Code, id::is_uuid_like};
use han_db::{AsyncHookKey, AsyncHookQueueEntry, AsyncHookQueueInputNative, Database};

const KEY: AsyncHookKey<'_> = AsyncHookKey { session_id: "s", cwd: "/p", plugin: "lint", hook_name: "check" };

fn input(key: AsyncHookKey<'_>, file_paths: &[&str]) -> AsyncHookQueueInputNative {
    AsyncHookQueueInputNative {
        session_id: key.session_id.into(),
        cwd: key.cwd.into(),
        plugin: key.plugin.into(),
        hook_name: key.hook_name.into(),
        file_paths: file_paths.iter().copied().map(str::to_owned).collect(),
        command: "run".into(),
    }
}

fn enqueue(database: &Database, key: AsyncHookKey<'_>, file_paths: &[&str]) -> String {
    database.write(|write| write.async_hooks().enqueue(&input(key, file_paths))).unwrap()
}

fn pending(store: &Store, session_id: &str) -> Vec<AsyncHookQueueEntry> {
    store.read(|read| read.async_hooks().list_pending(session_id)).unwrap()
}

fn is_empty(store: &Store, session_id: &str) -> bool {
    store.read(|read| read.async_hooks().is_empty(session_id)).unwrap()
}

/// The status in the table, and whether begin and end are known.
fn state(store: &Store, id: &str) -> (String, bool, bool) {
    let sql = "SELECT status, started_at_ms IS NOT NULL, completed_at_ms IS NOT NULL FROM async_hooks WHERE id = ?1";
    store.plain().query_row(sql, [id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap()
}

#[test]
fn a_hook_waits_with_all_that_was_said_of_it() {
    let store = Store::new();
    store.session("s");
    assert!(is_empty(&store, "s") && is_empty(&store, "nobody"));
    let id = enqueue(&store, KEY, &["a \"b\".rs", "ü.rs", "a \"b\".rs"]);
    assert!(is_uuid_like(&id) && !is_empty(&store, "s"));
    let waiting = pending(&store, "s");
    let expected = AsyncHookQueueEntry {
        id,
        session_id: "s".into(),
        cwd: "/p".into(),
        plugin: "lint".into(),
        hook_name: "check".into(),
        file_paths: vec!["a \"b\".rs".into(), "ü.rs".into()],
        command: "run".into(),
        status: "pending".into(),
        created_at: waiting[0].created_at.clone(),
    };
    assert_eq!(waiting, [expected]);
    assert_eq!(pending(&store, "nobody"), []);
}

#[test]
fn of_an_unknown_session_is_an_error() {
    let store = Store::new();
    let result = store.write(|write| write.async_hooks().enqueue(&input(KEY, &[])));
    assert_eq!(code(result), Code::DbConstraint);
    assert_eq!(store.read(|read| read.sessions().get("s")).unwrap(), None);
}

#[test]
fn one_hook_of_a_key_waits_and_has_the_files_of_those_before() {
    let store = Store::new();
    store.session("s");
    store.session("t");
    let first = enqueue(&store, KEY, &["a", "b"]);
    let others = [
        AsyncHookKey { session_id: "t", ..KEY },
        AsyncHookKey { cwd: "/q", ..KEY },
        AsyncHookKey { plugin: "test", ..KEY },
        AsyncHookKey { hook_name: "format", ..KEY },
    ];
    for key in others {
        enqueue(&store, key, &["x"]);
    }
    let second = enqueue(&store, KEY, &["c", "b"]);
    assert_eq!(state(&store, &first), ("cancelled".into(), false, true));
    let waiting = pending(&store, "s");
    assert_eq!(waiting.len(), 4);
    assert_eq!((&waiting[3].id, waiting[3].file_paths.join(" ").as_str()), (&second, "a b c"));
    assert!(waiting[..3].iter().all(|hook| hook.file_paths == ["x"]));
    // One that runs is another matter: the next waits behind it.
    store.write(|write| write.async_hooks().drain("s")).unwrap();
    enqueue(&store, KEY, &["d"]);
    assert_eq!(pending(&store, "s")[0].file_paths, ["d"]);
}

#[test]
fn a_queue_is_drained_in_order_of_arrival_and_runs_then() {
    let store = Store::new();
    store.session("s");
    store.session("t");
    let names: Vec<String> = (0..20).map(|number| format!("hook {}", 99 - number)).collect();
    let ids: Vec<String> =
        names.iter().map(|name| enqueue(&store, AsyncHookKey { hook_name: name, ..KEY }, &[])).collect();
    enqueue(&store, AsyncHookKey { session_id: "t", ..KEY }, &[]);
    // The clock says nothing about the order.
    store.plain().execute("UPDATE async_hooks SET created_at_ms = 1000 - row_id", []).unwrap();
    let drained = store.write(|write| write.async_hooks().drain("s")).unwrap();
    assert_eq!(
        drained.iter().map(|hook| &hook.hook_name).collect::<Vec<_>>(),
        names.iter().collect::<Vec<_>>()
    );
    assert!(drained.iter().all(|hook| hook.status == "pending"));
    assert_eq!(state(&store, &ids[0]), ("running".into(), true, false));
    assert_eq!((pending(&store, "s"), is_empty(&store, "s")), (vec![], false));
    assert_eq!(store.write(|write| write.async_hooks().drain("s")).unwrap(), []);
    assert_eq!(pending(&store, "t").len(), 1);
}

#[test]
fn every_hook_is_drained_once_by_whoever_drains_first() {
    let store = Store::new();
    store.session("s");
    let add = |name: &str| drop(enqueue(&store, AsyncHookKey { hook_name: name, ..KEY }, &[]));
    let taken = taken_by_two(&store, add, |database| {
        let drained = database.write(|write| write.async_hooks().drain("s")).unwrap();
        drained.into_iter().map(|hook| hook.hook_name).collect()
    });
    assert_eq!(taken, all());
}

#[test]
fn cancelling_what_waits_gives_its_files_back() {
    let store = Store::new();
    store.session("s");
    let id = enqueue(&store, KEY, &["b", "a"]);
    let kept = enqueue(&store, AsyncHookKey { cwd: "/q", ..KEY }, &["c"]);
    let cancel = |key| store.write(|write| write.async_hooks().cancel_pending(key)).unwrap();
    assert_eq!([cancel(KEY), cancel(KEY)], [vec!["b", "a"], vec![]]);
    assert_eq!(cancel(AsyncHookKey { session_id: "nobody", ..KEY }), [""; 0]);
    assert_eq!(state(&store, &id), ("cancelled".into(), false, true));
    assert_eq!(pending(&store, "s")[0].id, kept);
}

#[test]
fn a_hook_ends_well_or_not_or_is_cancelled() {
    let store = Store::new();
    store.session("s");
    let [good, bad, stopped] =
        ["good", "bad", "stopped"].map(|name| enqueue(&store, AsyncHookKey { hook_name: name, ..KEY }, &[]));
    store
        .write(|write| {
            let hooks = write.async_hooks();
            hooks.drain("s")?;
            hooks.complete(&good, true, Some("fine"), None)?;
            hooks.complete(&bad, false, None, Some("broken"))?;
            hooks.cancel(&stopped)?;
            hooks.cancel("nobody")?;
            hooks.complete("nobody", true, None, None)
        })
        .unwrap();
    assert_eq!(state(&store, &good), ("completed".into(), true, true));
    assert_eq!(state(&store, &bad), ("failed".into(), true, true));
    assert_eq!(state(&store, &stopped), ("cancelled".into(), true, true));
    let told: Vec<(Option<String>, Option<String>)> = store
        .plain()
        .prepare("SELECT result, error FROM async_hooks ORDER BY row_id LIMIT 2")
        .unwrap()
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(told, [(Some("fine".into()), None), (None, Some("broken".into()))]);
    assert!(is_empty(&store, "s"));
}

#[test]
fn clearing_counts_what_waited_and_ran() {
    let store = Store::new();
    store.session("s");
    store.session("t");
    enqueue(&store, AsyncHookKey { hook_name: "runs", ..KEY }, &[]);
    store.write(|write| write.async_hooks().drain("s")).unwrap();
    enqueue(&store, KEY, &[]);
    let other = enqueue(&store, AsyncHookKey { session_id: "t", ..KEY }, &[]);
    let clear = |session_id| store.write(|write| write.async_hooks().clear(session_id)).unwrap();
    assert_eq!([clear("s"), clear("s"), clear("nobody")], [2, 0, 0]);
    assert!(is_empty(&store, "s"));
    assert_eq!(pending(&store, "t")[0].id, other);
}

#[test]
fn a_damaged_row_is_an_error_and_nothing_is_taken() {
    let store = Store::new();
    store.session("s");
    let id = enqueue(&store, KEY, &["a"]);
    store.plain().execute("UPDATE async_hooks SET file_paths = 'no json'", []).unwrap();
    assert_eq!(code(store.write(|write| write.async_hooks().drain("s"))), Code::DbCorrupt);
    assert_eq!(code(store.write(|write| write.async_hooks().enqueue(&input(KEY, &[])))), Code::DbCorrupt);
    assert_eq!(state(&store, &id), ("pending".into(), false, false));
}
