//! Facts and operations of a git repository, through libgit2: no program is run, and nothing is fetched.
//!
//! - Facts about a folder, `None` where there is none: [`branch`], [`root`], [`common_dir`], [`remote_url`], [`info`].
//! - Answers, or `GIT_NOT_A_REPOSITORY`: [`list_files`], [`joined_files`], [`show_file`], [`log`], [`diff_stat`], [`worktrees`],
//!   [`status`], [`changed_files`], [`merge_base`], [`commits`], [`blame`].
//! - Changes: [`create_branch`], [`add_worktree`], [`remove_worktree`].
//! - Which repository a folder belongs to, for folders that nobody vouches for: [`identify`].
//!
//! A repository is looked for in the folder and the folders above it, up to the border of its file system, as git does.
//! Names, paths and revisions are only that: none is taken for an option. What is not UTF-8 in a repository (names of
//! files and branches, messages) is given with replacement characters.
//!
//! A repository of another user is opened as any other. The git program refuses that (`safe.directory`) because the
//! settings of a repository may name programs for it to run; here none is run: no hooks, no filters, no helpers.
//!
//! ```no_run
//! let folder = "/home/me/project".as_ref();
//! println!("{:?}", han_git::branch(folder)?);
//! for stat in han_git::diff_stat(folder, "HEAD~3", "HEAD")? {
//!     println!("{} +{} -{}", stat.path, stat.additions, stat.deletions);
//! }
//! # Ok::<(), han_base::Error>(())
//! ```

// Linked, not called: see Cargo.toml.
use libz_sys as _;

mod attributes;
mod blame;
mod branches;
mod commits;
mod diff;
mod facts;
mod failure;
mod files;
mod history;
mod identity;
mod index_file;
mod open;
mod queue;
mod small_file;
mod status;
mod text;
mod worktrees;

pub use blame::{BlameQuery, GitBlameHunk, blame};
pub use branches::create_branch;
pub use commits::{CommitQuery, commits};
pub use diff::{GitDiffStat, changed_files, diff_stat};
pub use facts::{GitInfo, branch, common_dir, info, remote_url, root};
pub use files::{JoinedFiles, joined_files, list_files, show_file};
pub use history::{DEFAULT_LOG_COUNT, GitLogEntry, log, merge_base};
pub use identity::{Identity, identify, normalise_remote};
pub use status::{GitStatus, GitStatusEntry, status};
pub use worktrees::{GitWorktree, add_worktree, remove_worktree, worktrees};
