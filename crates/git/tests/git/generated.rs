use crate::{Place, git, parts, try_git};
use proptest::{prelude::*, test_runner::FileFailurePersistence};
use std::fs;

/// Names of files: plain, with spaces, beyond ASCII, like options.
const NAMES: [&str; 8] = ["a.txt", "b c", "dir/ü.rs", "dir/日本.md", "-rf", "dir/sub/🎉", "Z", "dir-2/x"];

/// One thing that somebody does in a repository.
#[derive(Clone, Debug)]
enum Step {
    /// Writes a file of its own content, so that no two are alike by chance, with some lines of it changed.
    Write {
        name: usize,
        lines: u32,
        changed: u32,
    },
    Remove {
        name: usize,
    },
    Move {
        from: usize,
        to: usize,
    },
    Branch {
        name: usize,
    },
    Switch {
        name: usize,
    },
    Merge {
        name: usize,
    },
    Worktree {
        name: usize,
    },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let name = || 0..NAMES.len();
    let branch = || 0..4_usize;
    let step = prop_oneof![
        6 => (name(), 20..60_u32, 0..4_u32).prop_map(|(name, lines, changed)| Step::Write { name, lines, changed }),
        1 => name().prop_map(|name| Step::Remove { name }),
        3 => (name(), name()).prop_map(|(from, to)| Step::Move { from, to }),
        2 => branch().prop_map(|name| Step::Branch { name }),
        2 => branch().prop_map(|name| Step::Switch { name }),
        2 => branch().prop_map(|name| Step::Merge { name }),
        1 => branch().prop_map(|name| Step::Worktree { name }),
    ];
    proptest::collection::vec(step, 4..14)
}

fn branch_name(name: usize) -> String {
    format!("branch/ü{name}")
}

/// Does a step; what git refuses (a branch that is not there, a merge in conflict) leaves things as they were.
fn take(place: &Place, number: usize, step: &Step) {
    let attempt = |arguments: &[&str]| try_git(&place.root, arguments).is_ok();
    match step {
        Step::Write { name, lines, changed } => {
            let text: Vec<String> = (0..*lines)
                .map(|line| {
                    let version = if line < *changed { number } else { 0 };
                    format!("{} line {line} of file {name} in version {version}\n", NAMES[*name])
                })
                .collect();
            place.write(NAMES[*name], text.concat());
        }
        Step::Remove { name } => _ = fs::remove_file(place.root.join(NAMES[*name])),
        Step::Move { from, to } if from != to => {
            place.git(&["add", "--all"]);
            attempt(&["mv", "--", NAMES[*from], NAMES[*to]]);
        }
        Step::Move { .. } => {}
        Step::Branch { name } => _ = attempt(&["branch", &branch_name(*name)]),
        Step::Switch { name } => _ = attempt(&["checkout", "--quiet", &branch_name(*name)]),
        Step::Merge { name } => {
            if !attempt(&["merge", "--quiet", "--no-ff", "-m", "merge", &branch_name(*name)]) {
                attempt(&["merge", "--abort"]);
            }
        }
        Step::Worktree { name } => {
            let path = format!("../tree {name}");
            attempt(&["worktree", "add", "--quiet", &path, &branch_name(*name)]);
        }
    }
    place.commit(&format!("step {number}"));
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 12,
        failure_persistence: Some(Box::new(FileFailurePersistence::Off)),
        ..ProptestConfig::default()
    })]

    #[test]
    fn answers_are_those_of_the_program(steps in steps()) {
        let place = Place::with_commit();
        for (number, step) in steps.iter().enumerate() {
            take(&place, number, step);
        }
        let root = &place.root;
        prop_assert_eq!(han_git::branch(root).unwrap().unwrap_or_default(), place.git(&["branch", "--show-current"]));
        for folder in [root.clone(), root.join("dir")] {
            if folder.is_dir() {
                let files = git(&folder, &["ls-files", "-z"]);
                prop_assert_eq!(han_git::list_files(&folder).unwrap(), parts(&files));
            }
        }
        let log = han_git::log(root, 100).unwrap();
        let hashes: Vec<&str> = log.iter().map(|entry| entry.hash.as_str()).collect();
        prop_assert_eq!(hashes.join("\n"), place.git(&["log", "--first-parent", "--format=%H"]));
        for name in parts(&place.git(&["ls-tree", "-r", "-z", "--name-only", "HEAD"])) {
            let shown = han_git::show_file(root, "HEAD", name).unwrap();
            let of_program = place.git(&["show", &format!("HEAD:{name}")]);
            prop_assert_eq!(shown.trim_end(), of_program.trim_end());
        }
        let trees = han_git::worktrees(root).unwrap();
        let of_program = place.git(&["worktree", "list", "--porcelain", "-z"]);
        let paths: Vec<&str> = of_program.split('\0').filter_map(|line| line.strip_prefix("worktree ")).collect();
        prop_assert_eq!(trees.iter().map(|tree| tree.path.as_str()).collect::<Vec<_>>(), paths);
        for (newer, older) in hashes.iter().zip(&hashes[1..]) {
            crate::changes::agrees(&place, older, newer);
        }
        crate::changes::agrees(&place, hashes[hashes.len() - 1], "HEAD");
        crate::changes::status_agrees(&place);
        for tree in &trees {
            let identity = han_git::identify(tree.path.as_ref()).unwrap();
            prop_assert_eq!(identity.root.to_str(), Some(tree.path.as_str()));
            prop_assert_eq!(&identity.common_dir, &root.join(".git"));
            prop_assert_eq!(identity.is_worktree, !tree.is_main);
        }
    }
}
