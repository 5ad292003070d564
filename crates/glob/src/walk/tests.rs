//! The walk with descriptors beside the one through the standard library.

use super::{Found, Goal, Native, portable, run};
use crate::{MatchOptions, Patterns, Rules, WalkOptions, found::Unwatched};
use proptest::{collection::vec, prelude::*};
use std::{fs, path::Path};

fn found<F: super::folder::Folder>(
    root: &Path,
    patterns: &Patterns,
    goal: Goal,
    options: &WalkOptions,
) -> Found {
    let (files, report) = run::<F>(root, patterns, goal, options, &Unwatched, None).unwrap();
    Found { files, report }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn every_system_finds_the_same(
        files in vec(r"[ab.]{1,2}(/[ab.]{1,2}){0,4}", 1..30),
        links in vec((r"[ab]{1,2}(/[ab]{1,2}){0,2}", r"\.\.|a|b|\.\./a"), 0..4),
        rules in vec(r"!?/?[ab*]{1,2}/?", 0..4),
        patterns in vec(r"(a|b|\*|\*\*/|\?|/|\.){1,6}", 1..3),
        (follow, dot, stamps, markers) in any::<(bool, bool, bool, bool)>(),
    ) {
        let root = tempfile::tempdir().unwrap();
        for file in &files {
            let path = root.path().join(file);
            if path.parent().is_some_and(|folder| fs::create_dir_all(folder).is_ok()) {
                let _ = fs::write(path, file);
            }
        }
        #[cfg(unix)]
        for (place, target) in &links {
            let _ = std::os::unix::fs::symlink(target, root.path().join(place));
        }
        let _ = fs::write(root.path().join(".ignore"), rules.join("\n"));
        let matching = MatchOptions { rules: Rules::Shell, dot, ..MatchOptions::default() };
        let Ok(patterns) = Patterns::compile(&patterns, &matching) else { return Ok(()) };
        let options = WalkOptions { follow, stamps, ..WalkOptions::default() };
        let goal = if markers { Goal::FoldersWith } else { Goal::Files };
        let native = found::<Native>(root.path(), &patterns, goal, &options);
        let portable = found::<portable::Named>(root.path(), &patterns, goal, &options);
        prop_assert_eq!(native.files, portable.files);
        prop_assert_eq!(native.report.error_count, portable.report.error_count);
    }
}
