//! Holds invariant 1 of `docs/architecture.md`: who may use whom, and who looks at the world.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// Each crate of the product, and which of ours it may use.
const MAY_USE: &[(&str, &[&str])] = &[
    ("base", &[]),
    ("hash", &["base"]),
    ("glob", &["base"]),
    ("jsonl", &["base"]),
    ("transcript", &["base"]),
    ("db", &["base"]),
    ("git", &["base"]),
    ("indexer", &["base", "jsonl", "transcript", "git", "db"]),
    ("napi", &["base", "hash", "glob", "jsonl", "transcript", "git", "db", "indexer"]),
];

fn crates() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a folder").to_owned()
}

/// Every Rust file below a folder, with its text.
fn sources(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).expect("a source");
            found.push((path, text));
        }
    }
    found
}

#[test]
fn crates_use_only_those_below_them() {
    for (name, may_use) in MAY_USE {
        let manifest = fs::read_to_string(crates().join(name).join("Cargo.toml")).expect("a manifest");
        let (_, behind) = manifest.split_once("\n[dependencies]\n").unwrap_or_default();
        let dependencies = behind.split("\n[").next().unwrap_or_default();
        let used: BTreeSet<&str> = dependencies
            .lines()
            .filter_map(|line| line.strip_prefix("han-"))
            .filter_map(|line| line.split(['.', ' ', '=']).next())
            .collect();
        let allowed: BTreeSet<&str> = may_use.iter().copied().collect();
        assert!(used.is_subset(&allowed), "{name} uses {used:?}, but may use {allowed:?}");
    }
}

#[test]
fn only_the_addon_reads_the_environment_and_transcript_touches_no_file() {
    let mut looked_at = 0;
    for (name, _) in MAY_USE.iter().filter(|(name, _)| *name != "napi") {
        for (path, text) in sources(&crates().join(name).join("src")) {
            looked_at += 1;
            // Tests at the end of a file may do what they need.
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            if path.file_name().is_some_and(|file| file == "tests.rs" || file == "twin.rs") {
                continue;
            }
            for word in
                ["env::var", "env::vars", "env::args", "env::home_dir", "env::current_dir", "std::env"]
            {
                assert!(!code.contains(word), "{} reads the environment: {word}", path.display());
            }
            if *name == "transcript" || *name == "base" {
                // What the system said of a file may be looked at; asking the system may not.
                let code =
                    code.replace("std::fs::Metadata", "").replace("std::os::unix::fs::MetadataExt", "");
                for word in ["std::fs", "fs::", "File::", "std::net", "std::process"] {
                    assert!(!code.contains(word), "{} touches the world: {word}", path.display());
                }
            }
            if *name == "jsonl" {
                assert!(!code.to_lowercase().contains("session_id"), "{} knows a session", path.display());
            }
            if *name == "db" {
                assert!(
                    !code.contains("toolUseResult") && !code.contains("isSidechain"),
                    "{}",
                    path.display()
                );
            }
        }
    }
    assert!(looked_at > 40, "the sources are where they were");
}
