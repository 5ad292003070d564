//! What a caller may choose: how patterns are read, which entries a walk sees, and which ignore files it obeys.

use std::path::PathBuf;

/// How patterns are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Rules {
    /// `*` and `?` cross folders: `*.ts` is every TypeScript file at any depth. Hidden entries are not looked at unless
    /// [`MatchOptions::dot`] is set.
    #[default]
    Compatible,
    /// The rules that shells and JavaScript tools share: `*` stays in its folder, `**` crosses folders, braces with
    /// ranges, extended groups such as `+(a|b)`, and `!pattern` takes away. A hidden entry is matched where the pattern
    /// writes its dot, or when [`MatchOptions::dot`] is set.
    Shell,
}

/// How patterns are compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MatchOptions {
    /// How patterns are read.
    pub rules: Rules,
    /// Whether upper and lower case are the same.
    pub case_insensitive: bool,
    /// Whether entries whose name begins with a dot are like all others.
    pub dot: bool,
}

/// Which ignore files a walk obeys. All are obeyed by default; without `global_file` there is no global one.
#[allow(clippy::struct_excessive_bools)]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IgnoreOptions {
    /// `.gitignore` files, where a repository is at or above the folder; `.git` itself is then never entered.
    pub git_ignore: bool,
    /// `info/exclude` of the repository, shared by its work trees.
    pub git_exclude: bool,
    /// The file named by `core.excludesFile` in the repository's configuration, else `global_file`.
    pub git_global: bool,
    /// `.ignore` files; they stand above those of git.
    pub dot_ignore: bool,
    /// Ignore files of folders above the root.
    pub parents: bool,
    /// The user's ignore file; see [`crate::global_ignore_file`].
    pub global_file: Option<PathBuf>,
    /// The user's folder, for a `core.excludesFile` that begins with `~/`.
    pub home: Option<PathBuf>,
    /// Whether upper and lower case are the same in ignore rules. `None`: as `core.ignoreCase` of the repository says.
    pub case_insensitive: Option<bool>,
}

impl Default for IgnoreOptions {
    fn default() -> Self {
        Self {
            git_ignore: true,
            git_exclude: true,
            git_global: true,
            dot_ignore: true,
            parents: true,
            global_file: None,
            home: None,
            case_insensitive: None,
        }
    }
}

impl IgnoreOptions {
    /// No ignore file is obeyed.
    #[must_use]
    pub fn none() -> Self {
        Self {
            git_ignore: false,
            git_exclude: false,
            git_global: false,
            dot_ignore: false,
            parents: false,
            global_file: None,
            home: None,
            case_insensitive: None,
        }
    }
}

/// How a tree is walked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WalkOptions {
    /// Which ignore files are obeyed.
    pub ignore: IgnoreOptions,
    /// Whether symbolic links stand for what they lead to. A link to a folder that it lies in is not entered.
    pub follow: bool,
    /// Levels below the root at most: with 1 only what lies directly in it. `None`: all.
    pub max_depth: Option<usize>,
    /// Paths at most: the first ones in their order. `None`: all.
    pub limit: Option<usize>,
    /// Whether each file comes with its stamp, taken in the walking threads.
    pub stamps: bool,
    /// Threads at most. `None`: as many as the machine has processors, up to eight.
    pub threads: Option<usize>,
}
