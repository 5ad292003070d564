//! Which repository the folder of a session belongs to.
#![cfg(unix)]

use crate::{index, open};
use han_db::{Database, Project, Repo};
use han_indexer::{IndexProgress, Observer, index_config_dirs};
use han_testkit::{ConfigDir, Transcript};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Runs the git program in a folder.
fn git(folder: &Path, arguments: &[&str]) {
    let output = Command::new("git")
        .current_dir(folder)
        .args(["-c", "user.name=Test", "-c", "user.email=test@example.com"])
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .output()
        .expect("the git program");
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// A repository with one commit on `main`, on the branch `feature`, with `src` in it.
fn repository(around: &Path, name: &str) -> PathBuf {
    let root = around.join(name);
    fs::create_dir_all(root.join("src")).unwrap();
    git(&root, &["init", "--quiet", "--initial-branch=main"]);
    fs::write(root.join("src/file"), "text").unwrap();
    git(&root, &["add", "."]);
    git(&root, &["commit", "--quiet", "-m", "first"]);
    git(&root, &["checkout", "--quiet", "-b", "feature"]);
    root
}

/// Writes a session that worked in a folder; every number is another session.
fn work_in(config: &ConfigDir, number: usize, folder: &Path) {
    let session = format!("b9920001-0000-4000-8000-{number:012}");
    let folder = folder.to_str().unwrap();
    let slug = folder.replace(|letter: char| !letter.is_ascii_alphanumeric(), "-");
    let mut lines = Transcript::new(&session).in_folder(folder);
    config.write(&format!("{slug}/{session}.jsonl"), lines.prompt("hello").text());
}

fn project(database: &Database, folder: &Path) -> Project {
    database.read(|read| read.projects().get_by_path(folder.to_str().unwrap())).unwrap().expect("a project")
}

fn repos(database: &Database) -> Vec<Repo> {
    database.read(|read| read.repos().list()).unwrap()
}

#[test]
fn work_trees_and_clones_and_folders_of_a_repository_share_it() {
    let (config, around) = (ConfigDir::new(), tempfile::tempdir().unwrap());
    let around = around.path().canonicalize().unwrap();
    let root = repository(&around, "project");
    git(&root, &["remote", "add", "origin", "git@github.com:Team/The-Project.git"]);
    git(&root, &["worktree", "add", "--quiet", "../linked", "main"]);
    let clone = repository(&around, "clone");
    git(&clone, &["remote", "add", "origin", "https://token:secret@github.com/team/the-project"]);
    let linked = around.join("linked");
    let folders = [root.clone(), root.join("src"), linked.clone(), linked.join("src"), clone.clone()];
    for (number, folder) in folders.iter().enumerate() {
        work_in(&config, number, folder);
    }
    let database = open(&config);
    index(&database, config.path());
    let repos = repos(&database);
    assert_eq!(repos.len(), 1, "{repos:?}");
    assert_eq!(repos[0].remote, "https://github.com/team/the-project");
    assert_eq!(repos[0].name, "the-project");
    assert_eq!(repos[0].default_branch.as_deref(), Some("main"), "the current branch is another");
    for (folder, relative_path, is_worktree) in [
        (&folders[0], "", false),
        (&folders[1], "src", false),
        (&folders[2], "", true),
        (&folders[3], "src", true),
        (&folders[4], "", false),
    ] {
        let project = project(&database, folder);
        assert_eq!(project.repo_id, repos[0].id, "{}", folder.display());
        assert_eq!(project.relative_path.as_deref(), Some(relative_path));
        assert_eq!(project.is_worktree, is_worktree);
    }
    let of_repo = database.read(|read| read.projects().list(repos[0].id.as_deref())).unwrap();
    assert_eq!(of_repo.len(), 5);
}

#[test]
fn without_a_remote_the_shared_git_folder_tells_repositories_apart() {
    let (config, around) = (ConfigDir::new(), tempfile::tempdir().unwrap());
    let around = around.path().canonicalize().unwrap();
    let (one, other) = (repository(&around, "a/same"), repository(&around, "b/same"));
    git(&one, &["worktree", "add", "--quiet", "../linked", "main"]);
    for (number, folder) in [one.clone(), other.clone(), around.join("a/linked")].iter().enumerate() {
        work_in(&config, number, folder);
    }
    let database = open(&config);
    index(&database, config.path());
    let remotes: Vec<String> = repos(&database).into_iter().map(|repo| repo.remote).collect();
    assert_eq!(remotes, [&one, &other].map(|root| root.join(".git").to_str().unwrap().to_owned()));
    assert_eq!(project(&database, &one).repo_id, project(&database, &around.join("a/linked")).repo_id);
    assert_ne!(project(&database, &one).repo_id, project(&database, &other).repo_id);
}

#[test]
fn a_folder_that_is_gone_keeps_its_repository() {
    let (config, around) = (ConfigDir::new(), tempfile::tempdir().unwrap());
    let root = repository(&around.path().canonicalize().unwrap(), "project");
    git(&root, &["remote", "add", "origin", "https://example.com/team/project"]);
    work_in(&config, 1, &root);
    let gone = root.join("gone");
    work_in(&config, 2, &gone);
    let database = open(&config);
    index(&database, config.path());
    let before = project(&database, &root);
    assert!(before.repo_id.is_some());
    assert_eq!(project(&database, &gone).repo_id, None, "a folder that never was is not guessed at");

    fs::remove_dir_all(&root).unwrap();
    work_in(&config, 3, &root);
    let report = index(&database, config.path());
    assert_eq!(report.files_indexed, 1);
    assert_eq!(project(&database, &root), before);
    assert_eq!(repos(&database)[0].default_branch.as_deref(), Some("main"));
}

#[test]
fn a_hostile_folder_neither_hangs_a_run_nor_is_read() {
    let (config, around) = (ConfigDir::new(), tempfile::tempdir().unwrap());
    let around = around.path().canonicalize().unwrap();
    let root = repository(&around, "project");
    fs::remove_file(root.join(".git/config")).unwrap();
    assert!(Command::new("mkfifo").arg(root.join(".git/config")).status().unwrap().success());
    let pipe = around.join("pipe");
    fs::create_dir(&pipe).unwrap();
    assert!(Command::new("mkfifo").arg(pipe.join(".git")).status().unwrap().success());
    let device = around.join("device");
    fs::create_dir(&device).unwrap();
    std::os::unix::fs::symlink("/dev/zero", device.join(".git")).unwrap();
    let folders =
        [root.clone(), pipe.clone(), device.clone(), "/dev/stdin".into(), "../..".into(), "/".into()];
    for (number, folder) in folders.iter().enumerate() {
        work_in(&config, number, folder);
    }
    let database = open(&config);
    let report = index(&database, config.path());
    assert_eq!((report.files_indexed, report.files_failed), (6, 0));
    for folder in [&pipe, &device] {
        assert_eq!(project(&database, folder).repo_id, None, "{}", folder.display());
    }
    assert!(project(&database, &root).repo_id.is_some());
}

/// A run that must leave the folders alone.
struct WithoutGit;

impl Observer for WithoutGit {
    fn progress(&self, _: &IndexProgress) {}

    fn is_cancelled(&self) -> bool {
        false
    }

    fn asks_git(&self) -> bool {
        false
    }
}

#[test]
fn a_run_can_be_told_not_to_look_at_the_folders() {
    let (config, around) = (ConfigDir::new(), tempfile::tempdir().unwrap());
    let root = repository(&around.path().canonicalize().unwrap(), "project");
    work_in(&config, 1, &root);
    let database = open(&config);
    index_config_dirs(&database, &[config.path().to_owned()], &WithoutGit).unwrap();
    assert_eq!(project(&database, &root).repo_id, None);
    assert!(repos(&database).is_empty());
}

#[test]
fn a_folder_that_becomes_a_repository_is_found_though_nothing_new_is_told_of_it() {
    let (config, around) = (ConfigDir::new(), tempfile::tempdir().unwrap());
    let folder = around.path().canonicalize().unwrap().join("project");
    fs::create_dir(&folder).unwrap();
    work_in(&config, 1, &folder);
    let database = open(&config);
    index(&database, config.path());
    assert_eq!(project(&database, &folder).repo_id, None);
    git(&folder, &["init", "--quiet"]);
    git(&folder, &["remote", "add", "origin", "https://example.com/team/project"]);

    // It was looked at a moment ago: that is enough for a day, and the run writes nothing.
    let report = index(&database, config.path());
    assert_eq!((report.counters.transactions, project(&database, &folder).repo_id), (0, None));
    let connection = rusqlite::Connection::open(database.path()).unwrap();
    connection.execute("UPDATE projects SET repo_checked_at_ms = repo_checked_at_ms - 86400001", []).unwrap();
    let report = index(&database, config.path());
    assert_eq!((report.files_unchanged, report.counters.transactions), (1, 1));
    assert_eq!(project(&database, &folder).repo_id, repos(&database)[0].id);
    assert_eq!(index(&database, config.path()).counters.transactions, 0);
}
