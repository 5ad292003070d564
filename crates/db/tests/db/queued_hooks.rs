//! Queues of orchestrations: order of arrival, and each hook for one taker only.

use crate::{
    fixture::{Store, code},
    orchestrations::orchestrate,
};
use han_base::{Code, Result, id::is_uuid_like};
use han_db::{Database, QueuedHook, QueuedHookInput};
use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

fn add(database: &Database, orchestration_id: &str, hook_name: &str) -> Result<String> {
    let input = QueuedHookInput {
        orchestration_id: orchestration_id.into(),
        plugin: "lint".into(),
        hook_name: hook_name.into(),
        directory: "/p".into(),
        if_changed: Some(r#"["**/*.rs"]"#.into()),
        command: "run".into(),
    };
    database.write(|write| write.queued_hooks().add(&input))
}

fn names(hooks: Vec<QueuedHook>) -> Vec<String> {
    hooks.into_iter().map(|hook| hook.hook_name).collect()
}

#[test]
fn a_queue_is_in_order_of_arrival_even_within_a_millisecond() {
    let store = Store::new();
    let [first, other] = [orchestrate(&store, None), orchestrate(&store, None)];
    let expected: Vec<String> = (0..20).map(|number| format!("hook {}", 99 - number)).collect();
    for name in &expected {
        assert!(is_uuid_like(&add(&store, &first.id, name).unwrap()));
    }
    add(&store, &other.id, "another").unwrap();
    // The clock says nothing about the order.
    store.plain().execute("UPDATE queued_hooks SET queued_at_ms = 1000 - row_id", []).unwrap();
    let queue = store.read(|read| read.queued_hooks().list(&first.id)).unwrap();
    assert_eq!(queue[0].orchestration_id, first.id);
    assert_eq!(queue[0].if_changed.as_deref(), Some(r#"["**/*.rs"]"#));
    assert_eq!(names(queue), expected);
    assert_eq!(store.read(|read| read.queued_hooks().list("nobody")).unwrap(), []);
}

#[test]
fn emptying_a_queue_counts_what_went_and_leaves_the_others() {
    let store = Store::new();
    let [first, other] = [orchestrate(&store, None), orchestrate(&store, None)];
    for name in ["a", "b"] {
        add(&store, &first.id, name).unwrap();
    }
    add(&store, &other.id, "c").unwrap();
    let empty = |id: &str| store.write(|write| write.queued_hooks().delete(id)).unwrap();
    assert_eq!([empty(&first.id), empty(&first.id), empty("nobody")], [2, 0, 0]);
    assert_eq!(names(store.read(|read| read.queued_hooks().list(&other.id)).unwrap()), ["c"]);
}

#[test]
fn of_an_unknown_orchestration_is_an_error() {
    let store = Store::new();
    assert_eq!(code(add(&store, "nobody", "a")), Code::DbConstraint);
}

/// Adds the hooks 0 to 199 while two others, each with a connection of its own as processes have, take what there is.
/// Answers the names of what both took, in order.
pub(crate) fn taken_by_two(
    store: &Store,
    add: impl Fn(&str),
    take: impl Fn(&Database) -> Vec<String> + Sync,
) -> Vec<String> {
    let others = [Database::open(store.path()).unwrap(), Database::open(store.path()).unwrap()];
    let (done, take) = (&AtomicBool::new(false), &take);
    let mut taken: Vec<String> = thread::scope(|scope| {
        let takers = others.each_ref().map(|database| {
            scope.spawn(move || {
                let mut taken = Vec::new();
                loop {
                    let last = done.load(Ordering::Acquire);
                    taken.extend(take(database));
                    if last {
                        return taken;
                    }
                }
            })
        });
        for name in all() {
            add(&name);
        }
        done.store(true, Ordering::Release);
        takers.into_iter().flat_map(|taker| taker.join().unwrap()).collect()
    });
    taken.sort_by_key(|name| name.parse::<u32>().unwrap());
    taken
}

/// The names of all hooks of [`taken_by_two`].
pub(crate) fn all() -> Vec<String> {
    (0..200).map(|number: u32| number.to_string()).collect()
}

#[test]
fn every_hook_is_drained_once_by_whoever_drains_first() {
    let store = Store::new();
    let id = orchestrate(&store, None).id;
    let add_one = |name: &str| drop(add(&store, &id, name).unwrap());
    let taken = taken_by_two(&store, add_one, |database| {
        names(database.write(|write| write.queued_hooks().drain(&id)).unwrap())
    });
    assert_eq!(taken, all());
}
