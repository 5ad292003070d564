//! The status beside that of the git program, over work trees made at random.

use crate::{Place, changes::status_agrees, git, try_git};
use proptest::{prelude::*, sample::select, test_runner::FileFailurePersistence};
use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::Path,
};

/// Paths that are files, folders, or both at different times.
const PATHS: [&str; 14] = [
    "a.txt",
    "b c",
    "dir/ü.rs",
    "dir/日本.log",
    "dir/sub/deep/x",
    "dir/sub",
    "dir-2/x",
    "dir.x",
    "build/out.o",
    "build/keep/me",
    "build/keep",
    "only/ignored.log",
    "Z",
    "-rf",
];

const RULES: [&str; 12] = [
    "*.log\n",
    "build/\n",
    "/dir\n!dir/ü.rs\n",
    "*\n!*/\n!*.rs\n",
    "dir/**/x\n",
    "!*.log\n",
    "/build/*\n!/build/keep\n",
    "[a-c]*\r\n",
    "sub\n",
    "# nothing\n\\-rf\n",
    "**/deep/\n",
    "only/*.log\n",
];

/// One thing that somebody does in a work tree.
#[derive(Clone, Debug)]
enum Step {
    Write { path: usize, version: u32 },
    SameSize { path: usize },
    Touch { path: usize },
    Remove { path: usize },
    RemoveFolder { path: usize },
    Link { path: usize, to: usize },
    Mode { path: usize, is_program: bool },
    Move { from: usize, to: usize },
    Rules { folder: &'static str, rules: usize },
    Exclude { rules: usize },
    Add { path: usize },
    AddAll,
    Unstage { path: usize },
    Assume { path: usize },
    Commit,
    Nested { path: usize, has_commit: bool },
    EmptyFolder { path: usize },
    Pipe { path: usize },
    Clock,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let path = || 0..PATHS.len();
    let rules = || 0..RULES.len();
    let step = prop_oneof![
        8 => (path(), 0..5_u32).prop_map(|(path, version)| Step::Write { path, version }),
        2 => path().prop_map(|path| Step::SameSize { path }),
        1 => path().prop_map(|path| Step::Touch { path }),
        3 => path().prop_map(|path| Step::Remove { path }),
        1 => path().prop_map(|path| Step::RemoveFolder { path }),
        1 => (path(), path()).prop_map(|(path, to)| Step::Link { path, to }),
        2 => (path(), any::<bool>()).prop_map(|(path, is_program)| Step::Mode { path, is_program }),
        2 => (path(), path()).prop_map(|(from, to)| Step::Move { from, to }),
        3 => (select(vec!["", "dir/", "build/", "dir/sub/", "only/"]), rules())
            .prop_map(|(folder, rules)| Step::Rules { folder, rules }),
        1 => rules().prop_map(|rules| Step::Exclude { rules }),
        3 => path().prop_map(|path| Step::Add { path }),
        2 => Just(Step::AddAll),
        1 => path().prop_map(|path| Step::Unstage { path }),
        1 => path().prop_map(|path| Step::Assume { path }),
        3 => Just(Step::Commit),
        1 => (path(), any::<bool>()).prop_map(|(path, has_commit)| Step::Nested { path, has_commit }),
        1 => path().prop_map(|path| Step::EmptyFolder { path }),
        1 => path().prop_map(|path| Step::Pipe { path }),
        1 => Just(Step::Clock),
    ];
    proptest::collection::vec(step, 3..24)
}

/// Text that no other file has, of the same length for versions of the same file.
fn text(path: usize, version: u32) -> String {
    let lines: Vec<String> =
        (0..12).map(|line| format!("line {line} of {} in version {version}\n", PATHS[path])).collect();
    lines.concat()
}

/// Makes room for a file; `false` when a file is where a folder would have to be, or the reverse.
fn make_room(path: &Path) -> bool {
    fs::create_dir_all(path.parent().expect("a folder")).is_ok() && !path.is_dir()
}

/// Whether a path is a file and no link to one; a pipe would wait for its other end.
fn is_file(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|metadata| metadata.is_file())
}

/// Does a step; one that is not possible leaves things as they are.
fn take(place: &Place, step: &Step) {
    let whole = |path: usize| place.root.join(PATHS[path]);
    let attempt = |arguments: &[&str]| _ = try_git(&place.root, arguments);
    match *step {
        Step::Write { path, version } => {
            let file = whole(path);
            if make_room(&file) && (is_file(&file) || file.symlink_metadata().is_err()) {
                fs::write(file, text(path, version)).expect("a file");
            }
        }
        Step::SameSize { path } => {
            let file = whole(path);
            if is_file(&file)
                && let Ok(mut content) = fs::read(&file)
                && !content.is_empty()
            {
                content[0] ^= 1;
                fs::write(file, content).expect("a file");
            }
        }
        Step::Touch { path } => {
            if is_file(&whole(path)) {
                let file = fs::File::options().append(true).open(whole(path)).expect("a file");
                file.set_modified(std::time::SystemTime::now()).expect("a time");
            }
        }
        Step::Remove { path } => _ = fs::remove_file(whole(path)),
        Step::RemoveFolder { path } => _ = fs::remove_dir_all(whole(path)),
        Step::Link { path, to } => {
            if make_room(&whole(path)) {
                _ = fs::remove_file(whole(path));
                _ = symlink(PATHS[to], whole(path));
            }
        }
        Step::Mode { path, is_program } => {
            if is_file(&whole(path)) {
                let mode = if is_program { 0o755 } else { 0o644 };
                fs::set_permissions(whole(path), fs::Permissions::from_mode(mode)).expect("rights");
            }
        }
        Step::Move { from, to } if from != to => {
            if make_room(&whole(to)) {
                attempt(&["mv", "--", PATHS[from], PATHS[to]]);
            }
        }
        Step::Move { .. } => {}
        Step::Rules { folder, rules } => {
            let folder = place.root.join(folder);
            if fs::create_dir_all(&folder).is_ok() && folder.is_dir() {
                _ = fs::write(folder.join(".gitignore"), RULES[rules]);
            }
        }
        Step::Exclude { rules } => {
            fs::write(place.root.join(".git/info/exclude"), RULES[rules]).expect("a file");
        }
        Step::Add { path } => attempt(&["add", "--force", "--", PATHS[path]]),
        Step::AddAll => attempt(&["add", "--all"]),
        Step::Unstage { path } => attempt(&["rm", "--quiet", "--cached", "-r", "--", PATHS[path]]),
        Step::Assume { path } => attempt(&["update-index", "--assume-unchanged", "--", PATHS[path]]),
        Step::Commit => attempt(&["commit", "--quiet", "-m", "a step"]),
        Step::Nested { path, has_commit } => {
            let folder = whole(path);
            if fs::create_dir_all(&folder).is_ok() && folder.is_dir() && !folder.join(".git").exists() {
                git(&folder, &["init", "--quiet"]);
                if has_commit {
                    fs::write(folder.join("inner"), "x").expect("a file");
                    git(&folder, &["add", "--force", "inner"]);
                    git(&folder, &["commit", "--quiet", "-m", "inner"]);
                }
            }
        }
        Step::EmptyFolder { path } => _ = fs::create_dir_all(whole(path)),
        Step::Pipe { path } => {
            if make_room(&whole(path)) && whole(path).symlink_metadata().is_err() {
                let status = std::process::Command::new("mkfifo").arg(whole(path)).status();
                assert!(status.expect("mkfifo").success());
            }
        }
        // Past the grain of the clock, so that entries are not all in doubt.
        Step::Clock => std::thread::sleep(std::time::Duration::from_millis(15)),
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 60,
        failure_persistence: Some(Box::new(FileFailurePersistence::Off)),
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_status_is_that_of_the_program(steps in steps(), version in 2..=4_u8) {
        let place = Place::new();
        place.git(&["config", "index.version", &version.to_string()]);
        for (number, step) in steps.iter().enumerate() {
            take(&place, step);
            if number % 4 == 3 {
                status_agrees(&place);
            }
        }
        status_agrees(&place);
        // A status of the program writes the index anew: what it noted must not mislead.
        status_agrees(&place);
    }
}

#[test]
fn a_change_of_the_same_size_is_seen_at_once() {
    let place = Place::with_commit();
    for round in 0..30 {
        place.write("README", format!("{round:010}\n"));
        place.git(&["add", "README"]);
        place.write("README", format!("{:010}\n", round + 1000));
        let status = han_git::status(&place.root).unwrap();
        assert_eq!(status.unstaged, 1, "round {round}");
        status_agrees(&place);
    }
}

#[test]
fn a_folder_in_the_place_of_a_file_is_not_unknown() {
    let place = Place::new();
    place.write("folder/file", "staged\n");
    place.git(&["add", "--all"]);
    fs::remove_file(place.root.join("folder/file")).unwrap();
    place.write("folder/file/deep/other", "unknown\n");
    status_agrees(&place);
    place.git(&["commit", "--quiet", "-m", "the file"]);
    status_agrees(&place);
}

#[test]
fn links_are_renamed_as_files_are() {
    let place = Place::new();
    symlink("nowhere", place.root.join("one")).unwrap();
    place.write("folder/file", "a file\n");
    symlink("nowhere", place.root.join("folder/link")).unwrap();
    place.commit("links");
    place.git(&["mv", "one", "two"]);
    status_agrees(&place);
    place.git(&["mv", "folder/link", "link"]);
    status_agrees(&place);
}

#[test]
fn submodules_are_told_as_the_program_does() {
    let inner = Place::with_commit();
    let place = Place::with_commit();
    place.git(&["submodule", "--quiet", "add", inner.root.to_str().unwrap(), "libs/inner"]);
    status_agrees(&place);
    place.commit("with a submodule");
    status_agrees(&place);
    place.write("libs/inner/README", "changed\n");
    status_agrees(&place);
    git(&place.root.join("libs/inner"), &["commit", "--quiet", "--all", "-m", "inside"]);
    status_agrees(&place);
    place.git(&["add", "libs/inner"]);
    status_agrees(&place);
    fs::remove_dir_all(place.root.join("libs/inner")).unwrap();
    status_agrees(&place);
    fs::create_dir(place.root.join("libs/inner")).unwrap();
    status_agrees(&place);
}

#[test]
fn line_ends_and_attributes_are_heeded() {
    let place = Place::with_commit();
    place.write(".gitattributes", "*.txt text eol=crlf\n");
    place.write("a.txt", "one\ntwo\n");
    place.commit("text");
    fs::remove_file(place.root.join("a.txt")).unwrap();
    place.git(&["checkout", "--quiet", "--", "a.txt"]);
    assert_eq!(fs::read_to_string(place.root.join("a.txt")).unwrap(), "one\r\ntwo\r\n");
    status_agrees(&place);
    // The same content with another stamp.
    place.write("a.txt", "one\r\ntwo\r\n");
    status_agrees(&place);
    place.write("a.txt", "one\r\ntwx\r\n");
    status_agrees(&place);
    assert_eq!(han_git::status(&place.root).unwrap().unstaged, 1);
}

#[test]
fn what_is_unusual_is_left_to_libgit2() {
    let place = Place::with_commit();
    place.write("meant", "x\n");
    place.git(&["add", "--intent-to-add", "meant"]);
    place.write("unknown", "x\n");
    let letters: Vec<_> = han_git::status(&place.root).unwrap().entries;
    assert_eq!(letters.iter().map(|one| one.path.as_str()).collect::<Vec<_>>(), ["meant", "unknown"]);
    place.git(&["add", "meant"]);
    place.git(&["update-index", "--skip-worktree", "README"]);
    status_agrees(&place);
    place.git(&["update-index", "--no-skip-worktree", "README"]);
    place.git(&["rm", "--quiet", "--cached", "README"]);
    place.git(&["config", "core.symlinks", "false"]);
    status_agrees(&place);
}

#[test]
fn a_work_tree_of_many_folders_is_walked_by_all_threads() {
    let place = Place::new();
    for folder in 0..120 {
        for file in 0..8 {
            place.write(&format!("a/{}/f{folder}/{file}.rs", folder % 7), format!("{folder} {file}\n"));
        }
        place.write(&format!("a/{}/f{folder}/out/x.o", folder % 7), "x");
    }
    place.write(".gitignore", "*.o\n");
    place.commit("many");
    status_agrees(&place);
    for folder in (0..120).step_by(11) {
        place.write(&format!("a/{}/f{folder}/1.rs", folder % 7), "changed\n");
        place.write(&format!("a/{}/f{folder}/new/deep/x", folder % 7), "new\n");
        fs::remove_file(place.root.join(format!("a/{}/f{folder}/2.rs", folder % 7))).unwrap();
        place.write(&format!("a/{}/f{folder}/3.rs", folder % 7), "staged\n");
        place.git(&["add", &format!("a/{}/f{folder}/3.rs", folder % 7)]);
    }
    fs::remove_dir_all(place.root.join("a/3/f10")).unwrap();
    status_agrees(&place);
    assert_eq!(han_git::status(&place.root).unwrap().untracked, 11);
}

#[test]
fn the_rules_of_the_user_are_heeded() {
    let place = Place::with_commit();
    let rules = place.around.join("rules");
    fs::write(&rules, "*.mine\n!keep.mine\n").unwrap();
    place.git(&["config", "core.excludesFile", rules.to_str().unwrap()]);
    place.write("a.mine", "x");
    place.write("keep.mine", "x");
    place.write("dir/b.mine", "x");
    fs::write(place.root.join(".git/info/exclude"), "keep.mine\n!dir/b.mine\n").unwrap();
    status_agrees(&place);
    let paths: Vec<_> =
        han_git::status(&place.root).unwrap().entries.into_iter().map(|one| one.path).collect();
    assert_eq!(paths, ["dir/"]);
}
