//! Which repository a folder belongs to, told without libgit2 and without trust.
//!
//! The folder may come from a transcript, and the repository at it from anybody. So only `.git`, `HEAD`, `config`,
//! `commondir`, `packed-refs` and references of branches are read; each only if it is a regular file of reasonable size, so
//! that no pipe or device can hold up or be used. Nothing that a setting names is followed (`include.path`), run or
//! fetched.

mod config;
mod remote;

use crate::{
    facts::name_of_url,
    small_file::{read, read_line},
    text,
};
use config::Config;
pub use remote::normalise_remote;
use std::path::{Path, PathBuf};

/// The repository that a folder belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The top folder of the work tree; the repository itself where it is bare.
    pub root: PathBuf,
    /// The git folder that all work trees of the repository share.
    pub common_dir: PathBuf,
    /// The URL of `origin`, else of the first remote, as [`normalise_remote`] writes it: without user, password and
    /// protocol differences. `None` without a remote.
    pub remote_url: Option<String>,
    /// The last part of the remote, without `.git`, else the name of the main work tree's folder.
    pub name: String,
    /// The branch that others begin from: what `origin/HEAD` names, else the first that exists of `init.defaultBranch`,
    /// `main`, `master`, `trunk` and `develop`; of a bare repository its HEAD. Never merely the branch that is checked out.
    pub default_branch: Option<String>,
    /// Whether the folder lies in a linked work tree.
    pub is_worktree: bool,
    /// The top folder of the main work tree; `None` where the repository is bare.
    pub main_worktree: Option<PathBuf>,
    /// The folder's path below `root` with forward slashes; empty at the top.
    pub relative_path: String,
}

/// The largest file that names another one.
const LINK_LIMIT: u64 = 64 * 1024;

/// The largest file of settings.
const CONFIG_LIMIT: u64 = 1024 * 1024;

/// The largest list of packed references that is looked through.
const PACKED_LIMIT: u64 = 16 * 1024 * 1024;

/// Branches that others begin from as a rule.
const USUAL_BRANCHES: [&str; 4] = ["main", "master", "trunk", "develop"];

/// Which repository a folder belongs to; `None` when it lies in none. Takes a fraction of a millisecond.
///
/// A folder that does not exist belongs to none: the folders above it may have become another repository since, so nothing
/// is guessed. Who knew its repository before keeps that.
///
/// ```no_run
/// let identity = han_git::identify("/home/me/project/src".as_ref()).expect("a repository");
/// assert_eq!(identity.relative_path, "src");
/// ```
#[must_use]
pub fn identify(folder: &Path) -> Option<Identity> {
    // A relative path would mean another folder in every process.
    if !folder.is_absolute() {
        return None;
    }
    let folder = folder.canonicalize().ok().filter(|folder| folder.is_dir())?;
    let place = find(&folder)?;
    let config = Config::parse(&read(&place.common_dir.join("config"), CONFIG_LIMIT).unwrap_or_default());
    let main_worktree = main_worktree(&place, &config);
    let is_bare = main_worktree.is_none();
    let root =
        place.root.clone().or_else(|| main_worktree.clone()).unwrap_or_else(|| place.common_dir.clone());
    let remote_url =
        config.remote_url().map(|url| normalise_remote(&absolute_remote(url, &place.common_dir)));
    let folder_name = main_worktree.as_deref().unwrap_or(&place.common_dir);
    let name = remote_url.as_deref().and_then(name_of_url).or_else(|| {
        let name = folder_name.file_name()?.to_string_lossy().into_owned();
        Some(name.strip_suffix(".git").filter(|name| !name.is_empty()).map_or(name.clone(), str::to_owned))
    });
    let relative_path = folder.strip_prefix(&root).unwrap_or(Path::new(""));
    Some(Identity {
        relative_path: text::text(&text::bytes_of(relative_path)),
        remote_url,
        name: name.unwrap_or_default(),
        default_branch: default_branch(&place.common_dir, &config, is_bare),
        is_worktree: place.is_linked,
        main_worktree,
        root,
        common_dir: place.common_dir,
    })
}

/// Where a repository was found.
struct Place {
    /// The folder with `.git` in it; `None` when the folder lies in a git folder.
    root: Option<PathBuf>,
    common_dir: PathBuf,
    is_linked: bool,
}

fn find(folder: &Path) -> Option<Place> {
    let device = device_of(folder);
    for at in folder.ancestors().take_while(|at| device_of(at) == device) {
        let git = at.join(".git");
        if let Ok(kind) = git.metadata() {
            let git_folder = if kind.is_dir() { git } else { linked_folder(at, &git)? };
            if let Some((common_dir, is_linked)) = common_dir_of(&git_folder) {
                return Some(Place { root: Some(at.to_owned()), common_dir, is_linked });
            }
            // What only looks like a repository is passed over, unless it points at one that is gone.
            if !kind.is_dir() {
                return None;
            }
        }
        if let Some((common_dir, false)) = common_dir_of(at) {
            return Some(Place { root: None, common_dir, is_linked: false });
        }
    }
    None
}

/// Where a file `.git` leads.
fn linked_folder(at: &Path, git: &Path) -> Option<PathBuf> {
    let line = read_line(git, LINK_LIMIT)?;
    let path = line.strip_prefix(b"gitdir:")?.trim_ascii_start();
    at.join(text::path_of(path)).canonicalize().ok()
}

/// The common folder of a git folder, and whether that is another one; `None` when it is no git folder.
fn common_dir_of(git_folder: &Path) -> Option<(PathBuf, bool)> {
    if !git_folder.join("HEAD").symlink_metadata().is_ok_and(|head| head.is_file() || head.is_symlink()) {
        return None;
    }
    let common = match read_line(&git_folder.join("commondir"), LINK_LIMIT) {
        None => git_folder.canonicalize().ok()?,
        Some(path) => git_folder.join(text::path_of(&path)).canonicalize().ok()?,
    };
    let is_one = common.join("objects").is_dir() && common.join("refs").is_dir();
    let is_linked = git_folder.join("commondir").exists();
    is_one.then_some((common, is_linked))
}

fn main_worktree(place: &Place, config: &Config) -> Option<PathBuf> {
    if !place.is_linked
        && let Some(root) = &place.root
    {
        return Some(root.clone());
    }
    if config.is_bare() {
        return None;
    }
    // The git folder of a submodule lies elsewhere and says where its work tree is.
    if let Some(path) = config.get("core", None, "worktree") {
        return place.common_dir.join(path).canonicalize().ok();
    }
    let is_usual = place.common_dir.file_name().is_some_and(|name| name == ".git");
    is_usual.then(|| place.common_dir.parent().map(Path::to_owned)).flatten()
}

/// A remote that is a relative path, as seen from the main work tree.
fn absolute_remote(url: &str, common_dir: &Path) -> String {
    if !url.starts_with("./") && !url.starts_with("../") {
        return url.to_owned();
    }
    let path = common_dir.parent().unwrap_or(common_dir).join(url);
    path.canonicalize().unwrap_or(path).to_string_lossy().into_owned()
}

fn default_branch(common_dir: &Path, config: &Config, is_bare: bool) -> Option<String> {
    let remote = config.remote_name().unwrap_or("origin");
    // Settings may name any remote; the name becomes part of a path.
    let is_plain = !remote.split('/').any(|part| part.is_empty() || part == "." || part == "..");
    let prefix = format!("refs/remotes/{remote}/");
    if is_plain && let Some(branch) = symbolic(&common_dir.join(format!("{prefix}HEAD")), &prefix) {
        return Some(branch);
    }
    if is_bare {
        return symbolic(&common_dir.join("HEAD"), "refs/heads/");
    }
    let packed = read(&common_dir.join("packed-refs"), PACKED_LIMIT).unwrap_or_default();
    let configured = config.get("init", None, "defaultbranch");
    let candidates = configured.into_iter().chain(USUAL_BRANCHES);
    let prefixes = if is_plain { vec![prefix.as_str(), "refs/heads/"] } else { vec!["refs/heads/"] };
    for prefix in prefixes {
        for branch in candidates.clone() {
            if exists(common_dir, &packed, &format!("{prefix}{branch}")) {
                return Some(branch.to_owned());
            }
        }
    }
    None
}

/// What a symbolic reference names, without `prefix`.
fn symbolic(file: &Path, prefix: &str) -> Option<String> {
    let line = read_line(file, LINK_LIMIT)?;
    let target = text::text(line.strip_prefix(b"ref:")?.trim_ascii_start());
    target
        .strip_prefix(prefix)
        .filter(|branch| !branch.is_empty() && *branch != ".invalid")
        .map(str::to_owned)
}

/// Whether a reference exists, as a file or in the list of packed ones.
fn exists(common_dir: &Path, packed: &[u8], reference: &str) -> bool {
    if reference.split('/').any(|part| part.is_empty() || part == "." || part == "..") {
        return false;
    }
    common_dir.join(reference).is_file()
        || packed.split(|byte| *byte == b'\n').any(|line| {
            line.strip_suffix(reference.as_bytes())
                .is_some_and(|hash| hash.ends_with(b" ") && hash[0] != b'#')
        })
}

#[cfg(unix)]
fn device_of(folder: &Path) -> Option<u64> {
    use std::os::unix::fs::MetadataExt;
    folder.metadata().ok().map(|metadata| metadata.dev())
}

#[cfg(not(unix))]
fn device_of(_folder: &Path) -> Option<u64> {
    None
}
