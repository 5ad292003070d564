//! Ignore files, as git and the `ignore` crate obey them.

use crate::trees::{ALL, all, find, git, git_files, paths, tree, write};
use han_glob::{IgnoreOptions, WalkOptions, global_ignore_file};
use proptest::{collection::vec, prelude::*};
use std::{fs, path::Path};

/// A file of a random tree: names that rules can be about.
const FILE: &str = r"(a|b|ab|\.x|A|a b|x\[y|é){1}(/(a|b|ab|\.x|c|b )){0,3}";

const FOLDER: &str = r"(a|b|ab|\.x|c)(/(a|b|ab|c)){0,1}";

/// A rule, with everything that rules can hold; but for `a**`, of which git before 2.41 compares the wrong addresses.
const RULE: &str = r"!?/?(\*\*/|a/|b/|\*/)?(a|b|ab|c|\*|\?|\.x|\*\*|a\*|\*b|\[ab\]|\[!a\]|\[\^a\]b?|\[a-c\]|\[\[:alpha:\]\]|\\a|a\\ |x\\\[y|x\[y|\[|é|a b|A|\\)(/\*\*|/b|/\*)?/? {0,2}\r?";

/// A rule that the `ignore` crate reads as git does.
const PLAIN_RULE: &str = r"!?/?(\*\*/|a/)?(a|b|ab|c|\*|\.x|a\*|\*b|\[ab\])(/\*\*|/b)?/?";

fn plant(root: &Path, files: &[String], name: &str, rules: &[(Option<String>, Vec<String>)]) {
    for file in files {
        write(root, file, "");
    }
    for (folder, lines) in rules {
        let path = folder.as_ref().map_or(name.to_owned(), |folder| format!("{folder}/{name}"));
        write(root, &path, &lines.join("\n"));
    }
}

fn rules(rule: &'static str) -> impl Strategy<Value = Vec<(Option<String>, Vec<String>)>> {
    vec((proptest::option::of(FOLDER), vec(rule, 1..5)), 0..4)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]

    #[test]
    fn what_git_ignores_is_ignored(
        files in vec(FILE, 1..25),
        git_rules in rules(RULE),
        exclude in vec(RULE, 0..3),
        ignore_case in any::<bool>(),
    ) {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        git(root, &["init", "--quiet"]);
        git(root, &["config", "core.ignoreCase", if ignore_case { "true" } else { "false" }]);
        plant(root, &files, ".gitignore", &git_rules);
        fs::write(root.join(".git/info/exclude"), exclude.join("\n")).unwrap();
        let found = all(root, &WalkOptions::default());
        prop_assert_eq!(found, git_files(root));
    }

    #[test]
    fn what_the_ignore_crate_leaves_out_is_left_out(
        files in vec(FILE, 1..25),
        git_rules in rules(PLAIN_RULE),
        dot_rules in rules(PLAIN_RULE),
        has_git in any::<bool>(),
        nested in proptest::option::of(FOLDER),
        from in proptest::option::of(FOLDER),
    ) {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        plant(root, &files, ".gitignore", &git_rules);
        plant(root, &[], ".ignore", &dot_rules);
        for folder in [has_git.then_some(String::new()), nested].into_iter().flatten() {
            let _ = fs::create_dir_all(root.join(folder).join(".git"));
        }
        let root = from.map_or(root.to_path_buf(), |folder| root.join(folder));
        prop_assume!(root.is_dir());
        let mut expected = Vec::new();
        for entry in ignore::WalkBuilder::new(&root).hidden(false).git_global(false).build() {
            let entry = entry.unwrap();
            let path = entry.path().strip_prefix(&root).unwrap();
            let is_git = path.components().any(|name| name.as_os_str() == ".git");
            if entry.file_type().unwrap().is_file() && !is_git {
                expected.push(path.to_str().unwrap().to_owned());
            }
        }
        expected.sort();
        prop_assert_eq!(all(&root, &WalkOptions::default()), expected);
    }
}

#[test]
fn every_source_has_its_switch() {
    let around = tree(&[
        "project/a.1",
        "project/a.2",
        "project/a.3",
        "project/a.4",
        "project/a.5",
        "project/a.6",
        "project/in/b",
    ]);
    let root = around.path().join("project");
    git(&root, &["init", "--quiet"]);
    write(&root, ".gitignore", "*.1\n");
    write(&root, ".git/info/exclude", "*.2\n");
    write(around.path(), "global", "*.3\n");
    write(&root, ".ignore", "*.4\n");
    write(around.path(), ".ignore", "*.5\n");
    write(around.path(), ".gitignore", "*.6\n");
    let left = |ignore: IgnoreOptions| {
        let options = WalkOptions { ignore, ..WalkOptions::default() };
        let found = find(&root, &["a.*"], &ALL, &options);
        paths(&found).iter().map(|path| path[2..].to_owned()).collect::<String>()
    };
    let standard =
        || IgnoreOptions { global_file: Some(around.path().join("global")), ..IgnoreOptions::default() };
    // Ignore files of git outside of the repository say nothing.
    assert_eq!(left(standard()), "6");
    assert_eq!(left(IgnoreOptions { git_ignore: false, ..standard() }), "16");
    assert_eq!(left(IgnoreOptions { git_exclude: false, ..standard() }), "26");
    assert_eq!(left(IgnoreOptions { git_global: false, ..standard() }), "36");
    assert_eq!(left(IgnoreOptions { dot_ignore: false, ..standard() }), "456");
    assert_eq!(left(IgnoreOptions { parents: false, ..standard() }), "56");
    assert_eq!(left(IgnoreOptions { global_file: None, ..standard() }), "36");
    assert_eq!(left(IgnoreOptions::none()), "123456");
    assert_eq!(left(IgnoreOptions::default()), "36");
}

#[test]
fn rules_of_folders_above_the_root_count() {
    let around = tree(&["in/deep/a", "in/deep/b", "in/deep/c"]);
    git(around.path(), &["init", "--quiet"]);
    write(around.path(), ".gitignore", "/in/deep/a\nb\n");
    write(around.path(), "in/.gitignore", "!b\n");
    let root = around.path().join("in/deep");
    assert_eq!(all(&root, &WalkOptions::default()), ["b", "c"]);
    let ignore = IgnoreOptions { parents: false, ..IgnoreOptions::default() };
    assert_eq!(all(&root, &WalkOptions { ignore, ..WalkOptions::default() }), ["a", "b", "c"]);
}

#[test]
fn rules_of_git_need_a_repository() {
    let root = tree(&["a", "b", "in/a", "in/b"]);
    write(root.path(), ".gitignore", "a\n");
    assert_eq!(all(root.path(), &WalkOptions::default()), [".gitignore", "a", "b", "in/a", "in/b"]);
    // A repository below has its own, and only those.
    git(&root.path().join("in"), &["init", "--quiet"]);
    write(root.path(), "in/.gitignore", "b\n");
    assert_eq!(all(root.path(), &WalkOptions::default()), [".gitignore", "a", "b", "in/.gitignore", "in/a"]);
    git(root.path(), &["init", "--quiet"]);
    assert_eq!(all(root.path(), &WalkOptions::default()), [".gitignore", "b", "in/.gitignore", "in/a"]);
}

#[test]
fn a_linked_work_tree_has_the_exclude_file_of_its_repository() {
    let around = tree(&["main/kept"]);
    let main = around.path().join("main");
    git(&main, &["init", "--quiet"]);
    git(&main, &["add", "."]);
    git(&main, &["commit", "--quiet", "-m", "first"]);
    git(&main, &["worktree", "add", "--quiet", "../linked"]);
    write(&main, ".git/info/exclude", "secret\n");
    let linked = around.path().join("linked");
    write(&linked, "secret", "");
    write(&linked, "open", "");
    // `.git` is a file there.
    assert_eq!(all(&linked, &WalkOptions::default()), ["kept", "open"]);
    assert_eq!(git_files(&linked), ["kept", "open"]);
}

#[test]
fn the_configuration_names_the_users_file() {
    let home = tree(&["project/a", "project/b"]);
    let root = home.path().join("project");
    git(&root, &["init", "--quiet"]);
    git(&root, &["config", "core.excludesFile", "~/own ignore"]);
    write(home.path(), "own ignore", "a\n");
    write(home.path(), ".config/git/ignore", "b\n");
    let options = |home: Option<&Path>, config: Option<&Path>| WalkOptions {
        ignore: IgnoreOptions {
            global_file: global_ignore_file(home, config),
            home: home.map(Path::to_path_buf),
            ..IgnoreOptions::default()
        },
        ..WalkOptions::default()
    };
    assert_eq!(all(&root, &options(Some(home.path()), None)), ["b"]);
    git(&root, &["config", "--unset", "core.excludesFile"]);
    assert_eq!(all(&root, &options(Some(home.path()), None)), ["a"]);
    assert_eq!(all(&root, &options(None, Some(&home.path().join(".config")))), ["a"]);
    write(home.path(), ".gitconfig", "[core]\n\texcludesFile = ~/own ignore\n");
    assert_eq!(all(&root, &options(Some(home.path()), None)), ["b"]);
    assert_eq!(global_ignore_file(None, None), None);
}

#[test]
fn the_folders_that_a_pattern_spells_out_are_ignored_like_others() {
    let root = tree(&["a/b/c.rs", "a/b/d.rs", "a/x/c.rs", "gone/c.rs"]);
    git(root.path(), &["init", "--quiet"]);
    write(root.path(), ".gitignore", "gone/\n");
    write(root.path(), "a/.gitignore", "x\n");
    write(root.path(), "a/b/.ignore", "d.rs\n");
    let pattern = ["a/b/c.rs", "a/b/d.rs", "a/x/*.rs", "gone/c.rs"];
    let found = find(root.path(), &pattern, &ALL, &WalkOptions::default());
    assert_eq!(paths(&found), ["a/b/c.rs"]);
}
