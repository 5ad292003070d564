use crate::{Place, git};
use han_base::Code;
use han_git::{branch, common_dir, info, list_files, log, remote_url, root, show_file};
use std::fs;

#[test]
fn a_folder_without_repository_has_no_facts_and_no_answers() {
    let place = Place::without_repository();
    for folder in [place.root.clone(), place.root.join("gone")] {
        assert_eq!(branch(&folder).unwrap(), None);
        assert_eq!(root(&folder).unwrap(), None);
        assert_eq!(common_dir(&folder).unwrap(), None);
        assert_eq!(remote_url(&folder).unwrap(), None);
        assert_eq!(info(&folder).unwrap(), han_git::GitInfo::default());
        let message = format!("[GIT_NOT_A_REPOSITORY] Not a git repository: {}", folder.display());
        assert_eq!(list_files(&folder).unwrap_err().to_string(), message);
        assert_eq!(log(&folder, 1).unwrap_err().to_string(), message);
        assert_eq!(show_file(&folder, "HEAD", "x").unwrap_err().to_string(), message);
        assert_eq!(han_git::worktrees(&folder).unwrap_err().to_string(), message);
        assert_eq!(han_git::diff_stat(&folder, "HEAD", "HEAD").unwrap_err().to_string(), message);
        assert_eq!(han_git::create_branch(&folder, "x").unwrap_err().to_string(), message);
        assert_eq!(han_git::add_worktree(&folder, "x", "y").unwrap_err().to_string(), message);
        assert_eq!(han_git::remove_worktree(&folder, "x", false).unwrap_err().to_string(), message);
    }
}

#[test]
fn an_unborn_branch_has_its_name_and_no_history() {
    let place = Place::new();
    place.git(&["symbolic-ref", "HEAD", "refs/heads/feature/ünborn"]);
    assert_eq!(branch(&place.root).unwrap().as_deref(), Some("feature/ünborn"));
    let error = log(&place.root, 1).unwrap_err();
    assert_eq!(error.code(), Code::GitNotFound);
    assert!(error.to_string().contains("branch 'feature/ünborn' has no commits yet"), "{error}");
    assert_eq!(han_git::create_branch(&place.root, "x").unwrap_err().code(), Code::GitNotFound);
    assert_eq!(list_files(&place.root).unwrap(), Vec::<String>::new());
    place.write("ä", "staged");
    place.git(&["add", "."]);
    assert_eq!(list_files(&place.root).unwrap(), ["ä"]);
}

#[test]
fn a_detached_head_has_no_branch() {
    let place = Place::with_commit();
    assert_eq!(branch(&place.root).unwrap().as_deref(), Some("main"));
    place.git(&["checkout", "--quiet", "--detach"]);
    assert_eq!(branch(&place.root).unwrap(), None);
    assert_eq!(log(&place.root, 5).unwrap().len(), 1);
}

#[test]
fn root_and_git_folder_are_those_of_the_program_from_wherever() {
    let place = Place::with_commit();
    place.write("a/b/c", "deep");
    let folder = place.root.join("a/b");
    assert_eq!(
        root(&folder).unwrap().unwrap().to_str().unwrap(),
        git(&folder, &["rev-parse", "--show-toplevel"])
    );
    assert_eq!(common_dir(&folder).unwrap().unwrap(), place.root.join(".git"));
    place.git(&["worktree", "add", "--quiet", "../linked"]);
    let linked = place.around.join("linked");
    assert_eq!(root(&linked).unwrap().unwrap(), linked);
    assert_eq!(common_dir(&linked).unwrap().unwrap(), place.root.join(".git"));
    assert_eq!(branch(&linked).unwrap().as_deref(), Some("linked"));

    let link = place.around.join("link");
    std::os::unix::fs::symlink(&place.root, &link).unwrap();
    assert_eq!(root(&link.join("a")).unwrap().unwrap(), place.root);
}

#[test]
fn a_bare_repository_has_no_work_tree_but_history() {
    let place = Place::with_commit();
    let bare = place.around.join("bare.git");
    place.git(&["clone", "--quiet", "--bare", ".", "../bare.git"]);
    assert_eq!(root(&bare).unwrap(), None);
    assert_eq!(common_dir(&bare).unwrap().unwrap(), bare);
    assert_eq!(branch(&bare).unwrap().as_deref(), Some("main"));
    assert_eq!(list_files(&bare).unwrap(), Vec::<String>::new());
    assert_eq!(log(&bare, 10).unwrap(), log(&place.root, 10).unwrap());
    assert_eq!(show_file(&bare, "HEAD", "README").unwrap(), "one\ntwo\nthree\n");
    let worktrees = han_git::worktrees(&bare).unwrap();
    assert_eq!(worktrees.len(), 1);
    assert_eq!(worktrees[0].path, bare.to_str().unwrap());
    assert_eq!(worktrees[0].head.as_deref(), Some("main"));
}

#[test]
fn the_remote_is_that_of_origin_as_the_program_gives_it() {
    let place = Place::with_commit();
    place.git(&["remote", "add", "other", "https://example.com/team/other.git"]);
    assert_eq!(remote_url(&place.root).unwrap(), None);
    place.git(&["remote", "add", "origin", "gh:team/project.git"]);
    place.git(&["config", "url.git@github.com:.insteadOf", "gh:"]);
    assert_eq!(remote_url(&place.root).unwrap().unwrap(), place.git(&["remote", "get-url", "origin"]));
    assert_eq!(remote_url(&place.root).unwrap().unwrap(), "git@github.com:team/project.git");
    let info = info(&place.root.join("src")).unwrap();
    assert_eq!(info.branch.as_deref(), Some("main"));
    assert_eq!(info.remote.as_deref(), Some("git@github.com:team/project.git"));
    assert_eq!(info.repo_name.as_deref(), Some("project"));
}

#[test]
fn files_are_those_of_the_program_below_the_folder() {
    let place = Place::with_commit();
    place.write("src/deep/ü x.rs", "x");
    place.write("src-other/y", "y");
    place.commit("more");
    place.write("unknown", "not added");
    for folder in [".", "src", "src/deep", "src-other"] {
        let folder = place.root.join(folder);
        let expected = git(&folder, &["ls-files", "-z"]);
        assert_eq!(list_files(&folder).unwrap(), crate::parts(&expected), "{}", folder.display());
    }
    for version in ["4", "3", "2"] {
        place.git(&["update-index", "--index-version", version]);
        place.git(&["update-index", "--skip-worktree", "README"]);
        let expected = place.git(&["ls-files", "-z"]);
        assert_eq!(list_files(&place.root).unwrap(), crate::parts(&expected), "version {version}");
    }
    let empty = place.root.join("empty");
    fs::create_dir(&empty).unwrap();
    assert_eq!(list_files(&empty).unwrap(), Vec::<String>::new());
}

#[test]
fn a_file_in_conflict_is_there_once() {
    let place = Place::with_commit();
    place.git(&["checkout", "--quiet", "-b", "other"]);
    place.write("README", "other\n");
    place.commit("other");
    place.git(&["checkout", "--quiet", "main"]);
    place.write("README", "main\n");
    place.commit("main");
    crate::try_git(&place.root, &["merge", "other"]).unwrap_err();
    let expected = place.git(&["ls-files", "--deduplicate", "-z"]);
    assert_eq!(list_files(&place.root).unwrap(), crate::parts(&expected));
    assert_eq!(list_files(&place.root).unwrap().iter().filter(|file| *file == "README").count(), 1);
}

#[test]
fn a_file_is_shown_as_it_was_in_any_revision() {
    let place = Place::with_commit();
    place.git(&["tag", "-a", "v1", "-m", "annotated"]);
    place.write("README", "changed\n");
    place.write("bytes", [0xff, 0xfe, 0x00]);
    place.write("-rf", "a name\n");
    std::os::unix::fs::symlink("README", place.root.join("link")).unwrap();
    place.commit("second");
    for revision in ["HEAD", "HEAD~1", "v1", "main", "main@{0}", "HEAD^{tree}"] {
        let expected = place.git(&["show", &format!("{revision}:README")]);
        assert_eq!(show_file(&place.root, revision, "README").unwrap().trim_end(), expected, "{revision}");
    }
    assert_eq!(show_file(&place.root.join("src"), "HEAD", "-rf").unwrap(), "a name\n");
    assert_eq!(show_file(&place.root, "HEAD", "link").unwrap(), "README");
    for (revision, path, code) in [
        ("gone", "README", Code::GitNotFound),
        ("-p", "README", Code::GitNotFound),
        ("--output=stolen", "README", Code::GitNotFound),
        ("", "README", Code::GitNotFound),
        ("HEAD..v1", "README", Code::GitNotFound),
        ("HEAD", "gone", Code::GitNotFound),
        ("HEAD", "src", Code::GitNotFound),
        ("HEAD", "", Code::GitNotFound),
        ("HEAD", "../project/README", Code::GitNotFound),
        ("HEAD", "/etc/passwd", Code::GitNotFound),
        ("HEAD", "bytes", Code::GitNotText),
    ] {
        let error = show_file(&place.root, revision, path).unwrap_err();
        assert_eq!(error.code(), code, "{revision}:{path}: {error}");
        assert!(error.to_string().contains(&format!("git show failed: {revision}:{path}")), "{error}");
    }
    assert!(!place.root.join("stolen").exists());
}

#[test]
fn history_follows_first_parents_as_the_program_does() {
    let place = Place::with_commit();
    place.git(&["checkout", "--quiet", "-b", "side"]);
    place.commit("on the side\nwith a second line\n\nand a body");
    place.git(&["checkout", "--quiet", "main"]);
    place.commit("ünicode 🎉");
    place.git(&["merge", "--quiet", "--no-ff", "-m", "merged", "side"]);
    let expected = place.git(&["log", "--first-parent", "-z", "--format=%H%x01%an%x01%ae%x01%at"]);
    let ours = log(&place.root, 100).unwrap();
    assert_eq!(ours.len(), 3);
    for (entry, line) in ours.iter().zip(crate::parts(&format!("{expected}\0"))) {
        let time = han_base::Timestamp::parse(&entry.timestamp).unwrap().as_millis() / 1000;
        let time = time.to_string();
        let line_of = [&entry.hash, &entry.author_name, &entry.author_email, &time].map(String::as_str);
        assert_eq!(line_of.join("\u{1}"), line);
        assert_eq!(entry.short_hash, entry.hash[..8]);
    }
    assert_eq!(
        ours.iter().map(|entry| entry.message.as_str()).collect::<Vec<_>>(),
        ["merged", "ünicode 🎉", "first"]
    );
    assert_eq!(log(&place.root, 2).unwrap(), ours[..2]);
    assert_eq!(log(&place.root, 0).unwrap(), []);
}

#[test]
fn a_branch_is_made_where_we_are_and_its_name_is_never_an_option() {
    let place = Place::with_commit();
    han_git::create_branch(&place.root.join("src"), "feature/ü").unwrap();
    assert_eq!(place.git(&["rev-parse", "refs/heads/feature/ü"]), place.git(&["rev-parse", "HEAD"]));
    assert_eq!(branch(&place.root).unwrap().as_deref(), Some("main"));
    let error = han_git::create_branch(&place.root, "feature/ü").unwrap_err();
    assert_eq!(error.code(), Code::GitConflict);
    assert!(error.to_string().contains("git branch failed: feature/ü"), "{error}");
    for name in ["-D", "--delete", "-", "", "a..b", "a b", "HEAD", "x.lock", "a\u{7}"] {
        // Behind `--` the program takes it for a name too, and refuses it.
        crate::try_git(&place.root, &["branch", "--", name]).unwrap_err();
        assert_eq!(
            han_git::create_branch(&place.root, name).unwrap_err().code(),
            Code::InvalidArgument,
            "{name}"
        );
    }
    assert_eq!(place.git(&["branch", "--format=%(refname:short)"]), "feature/ü\nmain");
}
