//! The files of the index and of commits.

use crate::{failure::Attempt, index_file, open::open, small_file, text};
use git2::{ObjectType, Repository};
use han_base::{Code, Error, Result};
use std::path::Path;

/// The files of the index below `folder`, relative to it, sorted by bytes: what `git ls-files` prints there. Each is
/// there once, also one in conflict. Empty for a bare repository.
///
/// For the whole repository, name its [root](crate::root).
///
/// Codes: `GIT_NOT_A_REPOSITORY`, `GIT_UNSUPPORTED`, `GIT_FAILED`.
pub fn list_files(folder: &Path) -> Result<Vec<String>> {
    let repository = open(folder)?;
    let prefix = prefix_of(&repository, folder);
    let index_file = repository.path().join("index");
    if let Some(files) =
        small_file::read(&index_file, u64::MAX).and_then(|bytes| index_file::paths_below(&bytes, &prefix))
    {
        return Ok(files);
    }
    let index = repository.index().attempt(|| format!("read the index of {}", folder.display()))?;
    let mut files: Vec<String> = Vec::with_capacity(if prefix.is_empty() { index.len() } else { 0 });
    let mut last: Vec<u8> = Vec::new();
    for entry in index.iter() {
        let Some(below) = entry.path.strip_prefix(prefix.as_slice()) else { continue };
        // A file in conflict has up to three entries, side by side.
        if entry.flags & STAGE != 0 {
            if last == entry.path {
                continue;
            }
            last.clone_from(&entry.path);
        }
        files.push(text::text(below));
    }
    Ok(files)
}

/// The bits of an entry of the index that are set for a file in conflict.
const STAGE: u16 = 0x3000;

/// The path of a folder inside its repository with a slash at the end; empty at the top.
pub(crate) fn prefix_of(repository: &Repository, folder: &Path) -> Vec<u8> {
    let Some(root) = repository.workdir().map(text::folder) else { return Vec::new() };
    let folder = text::folder(folder);
    let mut prefix =
        folder.strip_prefix(&root).map(|below| text::bytes_of(below).into_owned()).unwrap_or_default();
    if !prefix.is_empty() {
        prefix.push(b'/');
    }
    prefix
}

/// The text of a file as it was in a revision. `revision` is anything that git takes for one commit or tree (`HEAD~2`,
/// `v1.0`, a hash and its beginnings), `path` is relative to the top of the repository.
///
/// Codes: `GIT_NOT_A_REPOSITORY`, `GIT_UNSUPPORTED`; `GIT_NOT_FOUND` for an unknown revision or path, a folder, or a
/// submodule; `GIT_NOT_TEXT` for what is not UTF-8; `GIT_FAILED`.
///
/// ```no_run
/// let before = han_git::show_file("/home/me/project".as_ref(), "HEAD~1", "src/main.rs")?;
/// # Ok::<(), han_base::Error>(())
/// ```
pub fn show_file(folder: &Path, revision: &str, path: &str) -> Result<String> {
    let repository = open(folder)?;
    let attempt = || format!("git show failed: {revision}:{path}");
    let not_found = |why: &str| Error::new(Code::GitNotFound, attempt()).because(why.to_owned());
    let is_inside = |part| matches!(part, std::path::Component::Normal(_));
    if path.is_empty() || !Path::new(path).components().all(is_inside) {
        return Err(not_found("a path goes down from the top of the repository"));
    }
    let tree = find(&repository, revision, attempt)?.peel_to_tree().attempt(attempt)?;
    let entry = tree.get_path(Path::new(path)).attempt(attempt)?;
    match entry.kind() {
        Some(ObjectType::Blob) => {}
        Some(ObjectType::Commit) => return Err(not_found("this is a submodule")),
        _ => return Err(not_found("this is a folder")),
    }
    let blob = repository.find_blob(entry.id()).attempt(attempt)?;
    std::str::from_utf8(blob.content())
        .map(str::to_owned)
        .map_err(|error| Error::new(Code::GitNotText, attempt()).because(error))
}

/// The object that a revision names.
pub(crate) fn find<'r>(
    repository: &'r Repository,
    revision: &str,
    attempt: impl Fn() -> String,
) -> Result<git2::Object<'r>> {
    repository.revparse_single(revision).map_err(|error| {
        let code = match crate::failure::code_of(&error) {
            // What cannot be a revision names none.
            Code::InvalidArgument => Code::GitNotFound,
            code => code,
        };
        Error::new(code, attempt()).because(format!("no revision '{revision}': {}", error.message()))
    })
}
