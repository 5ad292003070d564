use crate::{Place, parts};
use han_base::Code;
use han_git::{GitDiffStat, diff_stat};

/// What the program says of two revisions, in our words.
fn of_program(place: &Place, revisions: &[&str]) -> Vec<GitDiffStat> {
    let diff = |form| place.git(&[&["diff", form, "-z", "-M"], revisions].concat());
    let (numbers, names) = (diff("--numstat"), diff("--name-status"));
    let (numbers, names) = (parts(&numbers), parts(&names));
    let (mut numbers, mut names) = (numbers.into_iter(), names.into_iter());
    let mut stats = Vec::new();
    while let Some(status) = names.next() {
        let line = numbers.next().expect("a line of numbers");
        let [additions, deletions, path]: [&str; 3] =
            line.splitn(3, '\t').collect::<Vec<_>>().try_into().expect("three parts");
        let (change_type, old_path) = match &status[..1] {
            "A" => ("added", None),
            "D" => ("deleted", None),
            "M" => ("modified", None),
            "T" => ("typechanged", None),
            "R" => ("renamed", names.next()),
            other => panic!("{other}"),
        };
        let new_path = names.next().expect("a name");
        if change_type == "renamed" {
            assert_eq!((path, numbers.next(), numbers.next()), ("", old_path, Some(new_path)));
        }
        stats.push(GitDiffStat {
            path: new_path.to_owned(),
            additions: additions.parse().unwrap_or(0),
            deletions: deletions.parse().unwrap_or(0),
            change_type: change_type.to_owned(),
            old_path: old_path.map(str::to_owned),
            is_binary: (additions == "-").then_some(true),
        });
    }
    stats.sort_by(|left, right| left.path.cmp(&right.path));
    stats
}

/// Holds our answer against that of the program.
pub(crate) fn agrees(place: &Place, from: &str, to: &str) {
    assert_eq!(diff_stat(&place.root, from, to).unwrap(), of_program(place, &[from, to]), "{from} {to}");
}

fn lines(from: u32, to: u32) -> String {
    let lines: Vec<String> =
        (from..to).map(|number| format!("line {number} of a text with some words in it\n")).collect();
    lines.concat()
}

#[test]
fn every_kind_of_change_is_counted_as_the_program_does() {
    let place = Place::with_commit();
    place.write("kept", lines(0, 40));
    place.write("renamed ü", lines(100, 160));
    place.write("renamed-and-changed", lines(200, 260));
    place.write("modified", lines(300, 340));
    place.write("deleted", lines(400, 410));
    place.write("becomes-link", "text\n");
    place.write("binary", [0, 1, 2, 255]);
    place.write("no-newline", "a\nb");
    place.write("script", "run\n");
    place.commit("before");
    place.git(&["mv", "renamed ü", "now 🎉"]);
    place.git(&["mv", "renamed-and-changed", "folder-free"]);
    place.write("folder-free", format!("{}new\n", lines(200, 259)));
    place.write("modified", format!("{}x\n{}", lines(300, 310), lines(312, 345)));
    place.git(&["rm", "--quiet", "deleted"]);
    std::fs::remove_file(place.root.join("becomes-link")).unwrap();
    std::os::unix::fs::symlink("kept", place.root.join("becomes-link")).unwrap();
    place.write("binary", [0, 9, 9]);
    place.write("new-binary", [0, 9, 9, 7, 0]);
    place.write("no-newline", "a\nb\n");
    place.write("new/-added", lines(0, 7));
    place.write("empty", "");
    place.git(&["update-index", "--chmod=+x", "script"]);
    place.git(&["add", "--all", "--", ".", ":!script"]);
    place.git(&["commit", "--quiet", "-m", "after"]);
    agrees(&place, "HEAD~1", "HEAD");
    agrees(&place, "HEAD", "HEAD~1");
    agrees(&place, "HEAD", "HEAD");
    let kinds: std::collections::BTreeSet<String> =
        diff_stat(&place.root, "HEAD~1", "HEAD").unwrap().into_iter().map(|stat| stat.change_type).collect();
    assert_eq!(
        kinds.into_iter().collect::<Vec<_>>(),
        ["added", "deleted", "modified", "renamed", "typechanged"]
    );
}

#[test]
fn attributes_are_heeded_wherever_they_stand() {
    for file in [".gitattributes", "dir/.gitattributes", ".git/info/attributes"] {
        let place = Place::new();
        for number in 0..40 {
            place.write(&format!("dir/{number}.txt"), lines(number, number + 20));
        }
        place.commit("before");
        for number in 0..40 {
            place.write(&format!("dir/{number}.txt"), lines(number + 3, number + 22));
        }
        place.commit("after");
        agrees(&place, "HEAD~1", "HEAD");
        place.write(file, "1*.txt -diff\n");
        agrees(&place, "HEAD~1", "HEAD");
        let binary = diff_stat(&place.root, "HEAD~1", "HEAD").unwrap();
        assert_eq!(binary.iter().filter(|stat| stat.is_binary == Some(true)).count(), 11, "{file}");
    }
}

#[test]
fn revisions_are_only_that() {
    let place = Place::with_commit();
    for revision in ["gone", "--output=stolen", "-p", "", "HEAD..HEAD", "HEAD:README"] {
        for (from, to) in [(revision, "HEAD"), ("HEAD", revision)] {
            let error = diff_stat(&place.root, from, to).unwrap_err();
            assert!(matches!(error.code(), Code::GitNotFound | Code::InvalidArgument), "{revision}: {error}");
        }
    }
    assert!(!place.root.join("stolen").exists());
}

#[test]
fn the_work_tree_is_compared_as_the_program_does() {
    let place = Place::with_commit();
    place.write("moved", lines(0, 30));
    place.write("becomes-link", "text\n");
    place.commit("second");
    place.git(&["mv", "moved", "moved away"]);
    place.write("README", "one\nthree\nfour\nfive\n");
    std::fs::remove_file(place.root.join("src/lib.rs")).unwrap();
    std::fs::remove_file(place.root.join("becomes-link")).unwrap();
    std::os::unix::fs::symlink("README", place.root.join("becomes-link")).unwrap();
    place.write("staged", "new\n");
    place.git(&["add", "staged"]);
    place.write("unknown", "not known\n");
    for from in ["HEAD", "HEAD~1"] {
        let ours = han_git::changed_files(&place.root.join("src"), from).unwrap();
        assert_eq!(ours, of_program(&place, &[from]), "{from}");
        assert!(ours.len() >= 5, "{ours:?}");
    }
}

/// The status as the program prints it.
fn porcelain(place: &Place) -> Vec<(String, String, Option<String>)> {
    let text = place.git(&["status", "--porcelain=v1", "-z"]);
    let mut lines = parts(&text).into_iter();
    let mut entries = Vec::new();
    while let Some(line) = lines.next() {
        let (status, path) = (&line[..2], &line[3..]);
        let old_path = status.contains('R').then(|| lines.next().expect("a path").to_owned());
        entries.push((status.to_owned(), path.to_owned(), old_path));
    }
    entries.sort_by_key(|(status, path, _)| (status == "??", path.clone()));
    entries
}

/// Holds our status against that of the program.
pub(crate) fn status_agrees(place: &Place) {
    let status = han_git::status(&place.root).unwrap();
    let ours: Vec<_> = status.entries.into_iter().map(|one| (one.status, one.path, one.old_path)).collect();
    assert_eq!(ours, porcelain(place));
}

#[test]
fn the_status_is_that_of_the_program() {
    let place = Place::with_commit();
    place.write("moved", lines(0, 30));
    place.write("both", "1\n");
    place.commit("second");
    status_agrees(&place);
    place.git(&["mv", "moved", "ümoved away"]);
    place.write("both", "2\n");
    place.git(&["add", "both"]);
    place.write("both", "3\n");
    place.write("README", "changed\n");
    std::fs::remove_file(place.root.join("src/lib.rs")).unwrap();
    place.write("new", "new\n");
    place.git(&["add", "new"]);
    place.write("unknown", "?\n");
    place.write("folder/of/unknown", "?\n");
    place.write("ignored", "?\n");
    place.write(".gitignore", "ignored\n");
    status_agrees(&place);
    let status = han_git::status(&place.root).unwrap();
    assert_eq!((status.staged, status.unstaged, status.untracked, status.conflicted), (3, 3, 3, 0));
    assert_eq!((status.branch.as_deref(), status.upstream, status.ahead), (Some("main"), None, None));
}

#[test]
fn conflicts_and_the_way_to_the_upstream_are_told() {
    let origin = Place::with_commit();
    let place = Place::without_repository();
    crate::git(&place.around, &["clone", "--quiet", origin.root.to_str().unwrap(), "project"]);
    for (place, content) in [(&origin, "theirs\n"), (&place, "ours\n")] {
        place.write("README", content);
        place.write("added", content);
        place.commit("changed");
    }
    std::fs::remove_file(place.root.join("src/lib.rs")).unwrap();
    place.commit("deleted");
    origin.write("src/lib.rs", "changed\n");
    origin.commit("changed again");
    place.git(&["fetch", "--quiet"]);
    let status = han_git::status(&place.root).unwrap();
    assert_eq!(status.upstream.as_deref(), Some("origin/main"));
    assert_eq!((status.ahead, status.behind), (Some(2), Some(2)));
    let base = han_git::merge_base(&place.root, "main", "origin/main").unwrap();
    assert_eq!(base.unwrap(), place.git(&["merge-base", "main", "origin/main"]));
    crate::try_git(&place.root, &["merge", "origin/main"]).unwrap_err();
    status_agrees(&place);
    let status = han_git::status(&place.root).unwrap();
    let letters: Vec<&str> = status.entries.iter().map(|entry| entry.status.as_str()).collect();
    assert_eq!(letters, ["UU", "AA", "DU"]);
    assert_eq!(status.conflicted, 3);
    place.git(&["checkout", "--quiet", "--orphan", "other", "--force"]);
    place.commit("unrelated");
    assert_eq!(han_git::merge_base(&place.root, "main", "other").unwrap(), None);
    assert!(han_git::merge_base(&place.root, "main", "gone").is_err());
}

#[test]
fn binary_files_that_only_move_are_binary() {
    let place = Place::with_commit();
    let binary = [b"some bytes".as_slice(), &[0, 1, 2], &[7; 500]].concat();
    place.write("binary", &binary);
    place.write("rights", &binary);
    place.write("text", lines(0, 30));
    place.write("text-rights", lines(50, 60));
    place.commit("before");
    for (from, to) in [("binary", "moved"), ("text", "moved text")] {
        place.git(&["mv", from, to]);
    }
    for file in ["rights", "text-rights"] {
        place.git(&["update-index", "--chmod=+x", file]);
        let mut rights = std::fs::metadata(place.root.join(file)).unwrap().permissions();
        std::os::unix::fs::PermissionsExt::set_mode(&mut rights, 0o755);
        std::fs::set_permissions(place.root.join(file), rights).unwrap();
    }
    let of_work_tree =
        || assert_eq!(han_git::changed_files(&place.root, "HEAD").unwrap(), of_program(&place, &["HEAD"]));
    of_work_tree();
    place.commit("after");
    agrees(&place, "HEAD~1", "HEAD");
    let binary = diff_stat(&place.root, "HEAD~1", "HEAD").unwrap();
    assert_eq!(binary.iter().filter(|stat| stat.is_binary == Some(true)).count(), 2);
    // Attributes leave the counting to libgit2.
    place.write(".gitattributes", "*.none -diff\n");
    agrees(&place, "HEAD~1", "HEAD");
}

#[test]
fn changes_of_many_folders_are_found() {
    let place = Place::new();
    for number in 0..60 {
        place.write(&format!("a/{}/b{number}/file", number % 7), lines(number, number + 20));
        place.write(&format!("kept/{number}/file"), lines(number, number + 3));
    }
    place.commit("before");
    for number in (0..60).step_by(2) {
        place.write(&format!("a/{}/b{number}/file", number % 7), lines(number + 1, number + 23));
    }
    std::fs::remove_dir_all(place.root.join("kept/7")).unwrap();
    std::fs::rename(place.root.join("kept/8"), place.root.join("a/moved")).unwrap();
    std::fs::remove_dir_all(place.root.join("kept/9")).unwrap();
    place.write("kept/9", "a file now\n");
    place.commit("after");
    agrees(&place, "HEAD~1", "HEAD");
    agrees(&place, "HEAD", "HEAD~1");
}
