//! Work trees: the main one and those that are linked to its repository.

use crate::{
    failure::Attempt,
    open::{open, open_git_folder},
    small_file::{read, read_line},
    text,
};
use git2::{BranchType, Repository, StatusOptions, WorktreeAddOptions};
use han_base::{Code, Error, Result};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// A work tree of a repository.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_from_js = false))]
pub struct GitWorktree {
    /// Its top folder, absolute; of a bare repository the repository's folder.
    pub path: String,
    /// The main one: the name of its folder. A linked one: the name that the repository knows it by.
    pub name: String,
    /// The branch; of a commit that is checked out (detached) the hash, whole for the main work tree and its first 8
    /// digits for a linked one. Absent when it cannot be read.
    pub head: Option<String>,
    /// Whether it is the main one.
    pub is_main: bool,
    /// Whether it is locked against being removed.
    pub is_locked: bool,
    /// Why it is locked, if somebody said so.
    pub lock_reason: Option<String>,
    /// Given, and true, when its folder is gone, so that git would forget it.
    pub is_prunable: Option<bool>,
}

/// The largest file of those that describe a work tree.
const LIMIT: u64 = 64 * 1024;

/// All work trees of the repository, from wherever in it: the main one first, the others by path.
///
/// Codes: `GIT_NOT_A_REPOSITORY`, `GIT_UNSUPPORTED`, `GIT_FAILED`.
pub fn worktrees(folder: &Path) -> Result<Vec<GitWorktree>> {
    let main = main_repository(&open(folder)?)?;
    let linked = linked(main.commondir())?;
    let path = text::folder(main.workdir().unwrap_or_else(|| main.path()));
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut all = vec![GitWorktree {
        path: path.to_string_lossy().into_owned(),
        name,
        head: head_in(main.path(), usize::MAX),
        is_main: true,
        ..GitWorktree::default()
    }];
    all.extend(linked.iter().map(Linked::described));
    Ok(all)
}

/// The repository as seen from its main work tree.
fn main_repository(repository: &Repository) -> Result<Repository> {
    open_git_folder(&text::folder(repository.commondir()))
}

/// What a repository keeps of a linked work tree.
struct Linked {
    /// Its folder in the repository: `…/.git/worktrees/<name>`.
    folder: PathBuf,
    /// Its top folder.
    path: PathBuf,
}

/// The linked work trees of a repository, by path.
fn linked(common_dir: &Path) -> Result<Vec<Linked>> {
    let folder = common_dir.join("worktrees");
    let entries = match fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Error::io("list folder", folder, error)),
    };
    let mut found = Vec::new();
    for entry in entries {
        let folder = entry.map_err(|error| Error::io("list folder", &folder, error))?.path();
        // Without this file git knows no work tree either.
        let Some(git_file) = read_line(&folder.join("gitdir"), LIMIT) else { continue };
        let git_file = folder.join(text::path_of(&git_file));
        let Some(path) = git_file.parent().map(text::folder) else { continue };
        found.push(Linked { folder, path });
    }
    found.sort_by(|left, right| left.path.cmp(&right.path));
    Ok(found)
}

impl Linked {
    fn described(&self) -> GitWorktree {
        let reason = self.lock();
        GitWorktree {
            path: self.path.to_string_lossy().into_owned(),
            name: self.folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
            head: head_in(&self.folder, 8),
            is_main: false,
            is_locked: reason.is_some(),
            is_prunable: (reason.is_none() && !self.path.join(".git").exists()).then_some(true),
            lock_reason: reason.filter(|reason| !reason.is_empty()),
        }
    }

    /// Why it is locked, which may be an empty text; `None` when it is not.
    fn lock(&self) -> Option<String> {
        let file = self.folder.join("locked");
        file.symlink_metadata().ok()?;
        Some(text::text(&read_line(&file, LIMIT).unwrap_or_default()))
    }

    /// Whether the folder at its path says that it belongs to it: else something else has taken its place.
    fn is_its_own(&self) -> bool {
        let said = read(&self.path.join(".git"), LIMIT);
        let said = said.as_deref().and_then(|said| said.trim_ascii_end().strip_prefix(b"gitdir: "));
        said.is_some_and(|said| {
            text::folder(&self.path.join(text::path_of(said))) == text::folder(&self.folder)
        })
    }
}

/// What `HEAD` in a git folder names: a branch, or the first digits of a hash.
fn head_in(git_folder: &Path, digits: usize) -> Option<String> {
    let head = read_line(&git_folder.join("HEAD"), LIMIT)?;
    if let Some(reference) = head.strip_prefix(b"ref:") {
        return Some(text::branch_name(reference.trim_ascii()));
    }
    let hash = text::text(&head);
    Some(hash.get(..digits).unwrap_or(&hash).to_owned())
}

/// Makes a linked work tree at `path` (relative to `folder`) with an existing branch checked out. Where only one remote
/// has the branch, it is made from that one, and follows it. The folder must be missing or empty; those above it are made.
/// Hooks and filters that the settings name (such as those of large-file storage) do not run.
///
/// Codes: `GIT_NOT_FOUND` for a branch that is not there; `GIT_CONFLICT` when it is checked out elsewhere, or there is
/// something at the path; `INVALID_ARGUMENT` for an empty path; `GIT_NOT_A_REPOSITORY`, `GIT_UNSUPPORTED`, `GIT_FAILED`,
/// `FILE_UNWRITABLE`, `IO_FAILED`.
pub fn add_worktree(folder: &Path, path: &str, branch: &str) -> Result<()> {
    let repository = open(folder)?;
    let attempt = || format!("git worktree failed: add {path} with branch {branch}");
    let target = absolute(folder, path).ok_or_else(|| Error::new(Code::InvalidArgument, attempt()))?;
    let main = main_repository(&repository)?;
    let branch = existing_branch(&main, branch, attempt)?;
    let reference = branch.into_reference();
    refuse_checked_out(&main, reference.name_bytes(), attempt)?;
    make_room(&target, attempt)?;
    let mut options = WorktreeAddOptions::new();
    options.reference(Some(&reference));
    main.worktree(&free_name(main.commondir(), &target), &target, Some(&options)).attempt(attempt)?;
    Ok(())
}

fn refuse_checked_out(main: &Repository, reference: &[u8], attempt: impl Fn() -> String) -> Result<()> {
    let wanted = text::branch_name(reference);
    let holds = |git_folder: &Path| {
        let head = read_line(&git_folder.join("HEAD"), LIMIT);
        head.as_deref()
            .and_then(|head| head.strip_prefix(b"ref:"))
            .is_some_and(|head| head.trim_ascii() == reference)
    };
    let place = if !main.is_bare() && holds(main.path()) {
        main.workdir().map(text::folder)
    } else {
        linked(main.commondir())?.into_iter().find(|one| holds(&one.folder)).map(|one| one.path)
    };
    match place {
        None => Ok(()),
        Some(place) => Err(Error::new(Code::GitConflict, attempt())
            .because(format!("'{wanted}' is checked out already at '{}'", place.display()))),
    }
}

fn existing_branch<'r>(
    repository: &'r Repository,
    name: &str,
    attempt: impl Fn() -> String,
) -> Result<git2::Branch<'r>> {
    if let Ok(branch) = repository.find_branch(name, BranchType::Local) {
        return Ok(branch);
    }
    let remotes = repository.remotes().attempt(&attempt)?;
    let mut of_remotes = Vec::new();
    for index in 0..remotes.len() {
        if let Some(remote) = remotes.get(index).ok().flatten()
            && let Ok(branch) = repository.find_branch(&format!("{remote}/{name}"), BranchType::Remote)
        {
            of_remotes.push((format!("{remote}/{name}"), branch));
        }
    }
    let [(upstream, of_remote)] = of_remotes.as_slice() else {
        return Err(Error::new(Code::GitNotFound, attempt()).because(format!("there is no branch '{name}'")));
    };
    let commit = of_remote.get().peel_to_commit().attempt(&attempt)?;
    let mut branch = repository.branch(name, &commit, false).attempt(&attempt)?;
    branch.set_upstream(Some(upstream)).attempt(&attempt)?;
    Ok(branch)
}

/// Makes the folders above the place, and takes away an empty one at it.
fn make_room(target: &Path, attempt: impl Fn() -> String) -> Result<()> {
    match fs::remove_dir(target) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(_) => {
            return Err(Error::new(Code::GitConflict, attempt())
                .because(format!("there is something at '{}' already", target.display())));
        }
    }
    let Some(parent) = target.parent() else { return Ok(()) };
    fs::create_dir_all(parent).map_err(|error| {
        let code = match error.kind() {
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Code::FileUnwritable,
            _ => Code::IoFailed,
        };
        Error::new(code, attempt()).because(error)
    })
}

/// The name that the repository is to know a work tree by: that of its folder, with a number where that is taken.
fn free_name(common_dir: &Path, target: &Path) -> String {
    let wanted: String = target
        .file_name()
        .map(|name| name.to_string_lossy())
        .unwrap_or_default()
        .chars()
        .map(|letter| if letter.is_alphanumeric() || "._-+@".contains(letter) { letter } else { '-' })
        .collect();
    let wanted = match wanted.trim_start_matches('.') {
        "" => "worktree",
        name => name,
    };
    let is_free = |name: &str| !common_dir.join("worktrees").join(name).exists();
    if is_free(wanted) {
        return wanted.to_owned();
    }
    (1..=u32::MAX).map(|number| format!("{wanted}{number}")).find(|name| is_free(name)).unwrap_or_default()
}

/// Removes the linked work tree at `path` (relative to `folder`): its folder with all that is in it, and what the
/// repository keeps of it. Its branch stays. One whose folder is gone is forgotten.
///
/// Codes: `GIT_NOT_FOUND` when no linked work tree is there; `GIT_CONFLICT` for the main one, for one that is locked,
/// and, without `force`, for one with changes, files that git does not know, or submodules; `GIT_NOT_A_REPOSITORY`,
/// `GIT_UNSUPPORTED`, `GIT_FAILED`, `FILE_UNREADABLE`, `IO_FAILED`.
pub fn remove_worktree(folder: &Path, path: &str, force: bool) -> Result<()> {
    let repository = open(folder)?;
    let attempt = || format!("git worktree failed: remove {path}");
    let refuse = |why: String| Err(Error::new(Code::GitConflict, attempt()).because(why));
    let target = absolute(folder, path).ok_or_else(|| Error::new(Code::InvalidArgument, attempt()))?;
    let main = main_repository(&repository)?;
    let target = text::folder(&target);
    if main.workdir().is_some_and(|main| text::folder(main) == target) {
        return refuse(format!("'{}' is the main work tree", target.display()));
    }
    let Some(worktree) = linked(main.commondir())?.into_iter().find(|one| one.path == target) else {
        return Err(Error::new(Code::GitNotFound, attempt())
            .because(format!("no linked work tree is at '{}'", target.display())));
    };
    if let Some(reason) = worktree.lock() {
        let reason = if reason.is_empty() { String::new() } else { format!(": {reason}") };
        return refuse(format!("it is locked{reason}"));
    }
    if worktree.path.symlink_metadata().is_ok() {
        if !worktree.is_its_own() {
            return refuse(format!("something else lies at '{}' now", target.display()));
        }
        if !force && let Some(why) = would_lose(&worktree.path)? {
            return refuse(why.to_owned());
        }
        fs::remove_dir_all(&worktree.path)
            .map_err(|error| Error::io("remove folder", &worktree.path, error))?;
    }
    fs::remove_dir_all(&worktree.folder)
        .map_err(|error| Error::io("remove folder", &worktree.folder, error))?;
    if let Some(all) = worktree.folder.parent() {
        // Fails, as it should, while there are others.
        let _ = fs::remove_dir(all);
    }
    Ok(())
}

/// What would be lost with a work tree, in words.
fn would_lose(path: &Path) -> Result<Option<&'static str>> {
    let repository = open(path)?;
    let attempt = || format!("look for changes in {}", path.display());
    if !repository.submodules().attempt(attempt)?.is_empty() {
        return Ok(Some("it has submodules"));
    }
    let mut options = StatusOptions::new();
    options.include_untracked(true).include_ignored(false);
    let changes = repository.statuses(Some(&mut options)).attempt(attempt)?;
    Ok((!changes.is_empty()).then_some("it has changes, or files that git does not know"))
}

/// A path as seen from a folder; `None` for an empty one.
fn absolute(folder: &Path, path: &str) -> Option<PathBuf> {
    if path.is_empty() {
        return None;
    }
    std::path::absolute(text::folder(folder).join(path)).ok()
}
