//! Configuration folders: what registering again keeps, which one is the default, and their sessions.

use crate::fixture::Store;
use han_base::id::is_uuid_like;
use han_db::{ConfigDir, ConfigDirInput, SessionInput};
use std::{thread::sleep, time::Duration};

fn config_dir(path: &str, is_default: Option<bool>) -> ConfigDirInput {
    ConfigDirInput { path: path.into(), name: None, is_default }
}

fn register(store: &Store, input: &ConfigDirInput) -> ConfigDir {
    store.write(|write| write.config_dirs().register(input)).unwrap()
}

fn default_path(store: &Store) -> Option<String> {
    store.read(|read| read.config_dirs().get_default()).unwrap().map(|config_dir| config_dir.path)
}

#[test]
fn a_config_dir_is_known_by_its_path_and_keeps_its_name() {
    let store = Store::new();
    let named = ConfigDirInput { name: Some("work".into()), ..config_dir("/w", Some(true)) };
    let first = register(&store, &named);
    assert!(is_uuid_like(&first.id));
    assert_eq!((first.name.as_deref(), first.is_default), (Some("work"), true));
    assert_eq!((first.session_count, first.last_indexed_at.as_deref()), (Some(0), None));
    sleep(Duration::from_millis(3));
    let second = register(&store, &config_dir("/w", None));
    // Whether it is the default is overwritten, and absent means no.
    assert_eq!(second, ConfigDir { is_default: false, ..first });
    assert_eq!(store.read(|read| read.config_dirs().get_by_path("/w")).unwrap(), Some(second));
    assert_eq!(store.read(|read| read.config_dirs().get_by_path("/w/")).unwrap(), None);
}

#[test]
fn one_config_dir_at_most_is_the_default() {
    let store = Store::new();
    assert_eq!(default_path(&store), None);
    register(&store, &config_dir("/a", Some(true)));
    register(&store, &config_dir("/b", Some(true)));
    assert_eq!(default_path(&store).as_deref(), Some("/b"));
    let defaults = || {
        let listed = store.read(|read| read.config_dirs().list()).unwrap();
        listed.into_iter().filter(|config_dir| config_dir.is_default).count()
    };
    assert_eq!(defaults(), 1);
    // One that is not the default leaves the default alone.
    register(&store, &config_dir("/a", Some(false)));
    assert_eq!(default_path(&store).as_deref(), Some("/b"));
    register(&store, &config_dir("/a", Some(true)));
    assert_eq!((default_path(&store).as_deref(), defaults()), (Some("/a"), 1));
    register(&store, &config_dir("/a", None));
    assert_eq!((default_path(&store), defaults()), (None, 0));
}

#[test]
fn the_default_comes_first_and_then_the_one_registered_first() {
    let store = Store::new();
    for (path, is_default) in [("/c", None), ("/a", None), ("/d", Some(true)), ("/b", None)] {
        register(&store, &config_dir(path, is_default));
    }
    let paths: Vec<String> = store
        .read(|read| read.config_dirs().list())
        .unwrap()
        .into_iter()
        .map(|config_dir| config_dir.path)
        .collect();
    assert_eq!(paths, ["/d", "/c", "/a", "/b"]);
}

#[test]
fn sessions_of_a_config_dir_are_counted_at_any_time() {
    let store = Store::new();
    register(&store, &config_dir("/w", None));
    for (id, path) in [("1", "/w"), ("2", "/w"), ("3", "/other")] {
        let input =
            SessionInput { id: id.into(), source_config_dir: Some(path.into()), ..SessionInput::default() };
        store.write(|write| write.sessions().upsert(&input)).unwrap();
    }
    let read = || store.read(|read| read.config_dirs().get_by_path("/w")).unwrap().unwrap();
    assert_eq!((read().session_count, read().last_indexed_at), (Some(2), None));
    store.write(|write| write.config_dirs().touch("/w")).unwrap();
    assert!(read().last_indexed_at.is_some_and(|at| at >= read().registered_at));
    store.write(|write| write.config_dirs().touch("/unknown")).unwrap();
}

#[test]
fn a_config_dir_that_is_forgotten_leaves_its_sessions() {
    let store = Store::new();
    register(&store, &config_dir("/w", Some(true)));
    let input =
        SessionInput { id: "s".into(), source_config_dir: Some("/w".into()), ..SessionInput::default() };
    store.write(|write| write.sessions().upsert(&input)).unwrap();
    let forget = || store.write(|write| write.config_dirs().unregister("/w")).unwrap();
    assert_eq!((forget(), forget()), (true, false));
    assert_eq!(store.read(|read| read.config_dirs().list()).unwrap(), []);
    assert_eq!(default_path(&store), None);
    assert!(store.read(|read| read.sessions().get("s")).unwrap().is_some());
}
