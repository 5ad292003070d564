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
    joined_files(folder).map(|files| files.iter().map(str::to_owned).collect())
}

/// As [`list_files`], as one text.
pub fn joined_files(folder: &Path) -> Result<JoinedFiles> {
    let repository = open(folder)?;
    let prefix = prefix_of(&repository, folder);
    let file = repository.path().join("index");
    if let Some(files) = small_file::read(&file, index_file::MAX_BYTES)
        .and_then(|bytes| index_file::paths_below(&bytes, &prefix))
    {
        return Ok(files);
    }
    let index = repository.index().attempt(|| format!("read the index of {}", folder.display()))?;
    let mut files = JoinedFiles::default();
    let mut last: Vec<u8> = Vec::new();
    for entry in index.iter() {
        let Some(below) = entry.path.strip_prefix(prefix.as_slice()) else { continue };
        // A file in conflict has up to three entries, side by side.
        if entry.flags & index_file::STAGE != 0 {
            if last == entry.path {
                continue;
            }
            last.clone_from(&entry.path);
        }
        files.push(below);
    }
    Ok(files)
}

/// Paths as one text: that of a large repository is made and handed on faster than many small ones.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JoinedFiles {
    text: String,
    count: usize,
}

impl JoinedFiles {
    pub(crate) fn with_capacity(bytes: usize) -> Self {
        Self { text: String::with_capacity(bytes), count: 0 }
    }

    pub(crate) fn push(&mut self, path: &[u8]) {
        if self.count > 0 {
            self.text.push('\0');
        }
        self.text.push_str(&String::from_utf8_lossy(path));
        self.count += 1;
    }

    /// How many they are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }

    /// The paths, with a NUL between two: no path has one.
    #[must_use]
    pub fn into_text(self) -> String {
        self.text
    }

    /// Each path.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.text.split('\0').take(self.count)
    }
}

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
