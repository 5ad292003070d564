//! Repositories and projects: what writing them again keeps and overwrites, and their order.

use crate::fixture::{Store, code};
use han_base::{Code, id::is_uuid_like};
use han_db::{ProjectInput, RepoInput};
use std::{thread::sleep, time::Duration};

fn repo(remote: &str, name: &str, default_branch: Option<&str>) -> RepoInput {
    RepoInput { remote: remote.into(), name: name.into(), default_branch: default_branch.map(str::to_owned) }
}

fn project(slug: &str, path: &str, name: &str) -> ProjectInput {
    ProjectInput { slug: slug.into(), path: path.into(), name: name.into(), ..ProjectInput::default() }
}

#[test]
fn a_repo_is_known_by_its_remote() {
    let store = Store::new();
    let first = store.write(|write| write.repos().upsert(&repo("git@h:o/r", "r", Some("main")))).unwrap();
    assert!(is_uuid_like(first.id.as_deref().unwrap()));
    assert_eq!(first.created_at, first.updated_at);
    assert_eq!(first.default_branch.as_deref(), Some("main"));
    sleep(Duration::from_millis(3));
    let second = store.write(|write| write.repos().upsert(&repo("git@h:o/r", "renamed", None))).unwrap();
    assert_eq!((&second.id, &second.created_at), (&first.id, &first.created_at));
    assert_eq!((second.name.as_str(), second.default_branch.as_deref()), ("renamed", None));
    assert!(second.updated_at > first.updated_at);
    assert_eq!(store.read(|read| read.repos().get_by_remote("git@h:o/r")).unwrap(), Some(second));
    assert_eq!(store.read(|read| read.repos().get_by_remote("git@h:o/R")).unwrap(), None);
}

#[test]
fn repos_come_by_name() {
    let store = Store::new();
    store
        .write(|write| {
            for (remote, name) in [("1", "b"), ("2", "a"), ("4", "c"), ("3", "c")] {
                write.repos().upsert(&repo(remote, name, None))?;
            }
            Ok(())
        })
        .unwrap();
    let remotes: Vec<String> =
        store.read(|read| read.repos().list()).unwrap().into_iter().map(|repo| repo.remote).collect();
    // Those of one name in the order in which they came.
    assert_eq!(remotes, ["2", "1", "4", "3"]);
}

#[test]
fn a_project_is_known_by_its_slug() {
    let store = Store::new();
    let repo = store.write(|write| write.repos().upsert(&repo("remote", "r", None))).unwrap();
    let first = store
        .write(|write| {
            write.projects().upsert(&ProjectInput {
                repo_id: repo.id.clone(),
                relative_path: Some("sub".into()),
                is_worktree: Some(true),
                source_config_dir: Some("/config".into()),
                ..project("-a-b", "/a/b", "b")
            })
        })
        .unwrap();
    assert!(first.is_worktree);
    assert_eq!(first.repo_id, repo.id);
    let second = store.write(|write| write.projects().upsert(&project("-a-b", "/a-b", "other"))).unwrap();
    assert_eq!((&second.id, &second.created_at), (&first.id, &first.created_at));
    assert_eq!((second.path.as_str(), second.name.as_str()), ("/a-b", "other"));
    assert_eq!((second.repo_id.as_deref(), second.relative_path.as_deref()), (None, None));
    assert!(!second.is_worktree);
    // The one thing that stays when it is not given.
    assert_eq!(second.source_config_dir.as_deref(), Some("/config"));
    let read = |path| store.read(|read| read.projects().get_by_path(path)).unwrap();
    assert_eq!(read("/a-b"), Some(second.clone()));
    assert_eq!(read("/a/b"), None);
    assert_eq!(store.read(|read| read.projects().get_by_slug("-a-b")).unwrap(), Some(second));
    assert_eq!(store.read(|read| read.projects().get_by_slug("-A-B")).unwrap(), None);
}

#[test]
fn an_unknown_repo_is_an_error_and_writes_nothing() {
    let store = Store::new();
    let input = ProjectInput { repo_id: Some("nobody".into()), ..project("slug", "/p", "p") };
    assert_eq!(code(store.write(|write| write.projects().upsert(&input))), Code::DbConstraint);
    assert_eq!(store.read(|read| read.projects().list(None)).unwrap(), []);
}

#[test]
fn projects_come_by_name_and_by_repo() {
    let store = Store::new();
    let repo = store.write(|write| write.repos().upsert(&repo("remote", "r", None))).unwrap();
    store
        .write(|write| {
            write.projects().upsert(&project("1", "/1", "b"))?;
            write.projects().upsert(&ProjectInput { repo_id: repo.id.clone(), ..project("2", "/2", "c") })?;
            write.projects().upsert(&project("3", "/3", "a"))
        })
        .unwrap();
    let slugs = |repo_id: Option<&str>| -> Vec<String> {
        let projects = store.read(|read| read.projects().list(repo_id)).unwrap();
        projects.into_iter().map(|project| project.slug).collect()
    };
    assert_eq!(slugs(None), ["3", "1", "2"]);
    assert_eq!(slugs(repo.id.as_deref()), ["2"]);
    assert_eq!(slugs(Some("nobody")), [""; 0]);
}

#[test]
fn of_two_projects_with_one_path_the_one_changed_last_is_given() {
    let store = Store::new();
    for slug in ["one", "two"] {
        store.write(|write| write.projects().upsert(&project(slug, "/same", slug))).unwrap();
    }
    let slug = || store.read(|read| read.projects().get_by_path("/same")).unwrap().unwrap().slug;
    assert_eq!(slug(), "two");
    sleep(Duration::from_millis(3));
    store.write(|write| write.projects().upsert(&project("one", "/same", "one"))).unwrap();
    assert_eq!(slug(), "one");
}

#[test]
fn folders_of_one_name_and_different_paths_are_different_projects() {
    let store = Store::new();
    let row = |path: &str, name: &str| {
        store.write(|write| write.projects().row_for_folder("-a-b", path, name, Some("/config"))).unwrap()
    };
    let unknown = row("", "-a-b");
    // The path becomes known, and it is the same project.
    assert_eq!(row("/a/b", "b"), unknown);
    assert_eq!(row("", "-a-b"), unknown);
    let other = row("/a-b", "a-b");
    assert_ne!(other, unknown);
    assert_eq!(row("/a-b", "a-b"), other);
    assert_eq!(row("/a/b", "b"), unknown);
    let first = store.read(|read| read.projects().get_by_slug("-a-b")).unwrap().unwrap();
    assert_eq!((first.path.as_str(), first.name.as_str()), ("/a/b", "b"));
    let second = store.read(|read| read.projects().get_by_path("/a-b")).unwrap().unwrap();
    assert!(second.slug.starts_with("-a-b~"), "{}", second.slug);
    assert_eq!(second.source_config_dir.as_deref(), Some("/config"));
}

#[test]
fn a_project_is_named_by_id_slug_path_or_name() {
    let store = Store::new();
    let known = store.write(|write| write.projects().upsert(&project("-w-han", "/w/han", "han"))).unwrap();
    store.write(|write| write.projects().upsert(&project("-x-han", "/x/han", "han"))).unwrap();
    let rows = |name: &str| store.read(|read| read.projects().rows_named(name)).unwrap().len();
    assert_eq!(
        [rows(known.id.as_deref().unwrap()), rows("-w-han"), rows("/w/han"), rows("han")],
        [1, 1, 1, 2]
    );
    assert_eq!([rows("ha"), rows(""), rows("%")], [0, 0, 0]);
}
