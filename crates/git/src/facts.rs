//! What a folder's repository is, and where.

use crate::{open::find, text};
use git2::Repository;
use han_base::Result;
use std::path::{Path, PathBuf};

/// What is known of a folder's repository. All fields are absent when the folder lies in none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_from_js = false))]
pub struct GitInfo {
    /// The branch that is checked out; absent when a commit is (detached). A branch without commits has its name too.
    pub branch: Option<String>,
    /// The URL that `origin` is fetched from.
    pub remote: Option<String>,
    /// The last part of that URL, without `.git`.
    pub repo_name: Option<String>,
}

/// The branch that is checked out, also one without commits; `None` when a commit is (detached) or there is no repository.
/// Code: `GIT_UNSUPPORTED`.
pub fn branch(folder: &Path) -> Result<Option<String>> {
    Ok(find(folder)?.as_ref().and_then(branch_of))
}

/// The top folder of the work tree, absolute and without links; `None` for a bare repository or none.
/// Code: `GIT_UNSUPPORTED`.
pub fn root(folder: &Path) -> Result<Option<PathBuf>> {
    Ok(find(folder)?.and_then(|repository| repository.workdir().map(text::folder)))
}

/// The git folder that all work trees of the repository share, absolute: `…/.git` as a rule. `None` without a repository.
/// Code: `GIT_UNSUPPORTED`.
pub fn common_dir(folder: &Path) -> Result<Option<PathBuf>> {
    Ok(find(folder)?.map(|repository| text::folder(repository.commondir())))
}

/// The URL that `origin` is fetched from, with the settings `url.*.insteadOf` applied; `None` when there is none.
/// Code: `GIT_UNSUPPORTED`.
pub fn remote_url(folder: &Path) -> Result<Option<String>> {
    Ok(find(folder)?.as_ref().and_then(origin_of))
}

/// Branch, remote and name of the repository. Code: `GIT_UNSUPPORTED`.
pub fn info(folder: &Path) -> Result<GitInfo> {
    let Some(repository) = find(folder)? else { return Ok(GitInfo::default()) };
    let remote = origin_of(&repository);
    let repo_name = remote.as_deref().and_then(name_of_url);
    Ok(GitInfo { branch: branch_of(&repository), remote, repo_name })
}

pub(crate) fn branch_of(repository: &Repository) -> Option<String> {
    let head = repository.find_reference("HEAD").ok()?;
    head.symbolic_target_bytes().map(text::branch_name)
}

fn origin_of(repository: &Repository) -> Option<String> {
    let origin = repository.find_remote("origin").ok()?;
    let url = text::text(origin.url_bytes());
    (!url.is_empty()).then_some(url)
}

/// The last part of a URL, without `.git`; `None` where nothing is left.
pub(crate) fn name_of_url(url: &str) -> Option<String> {
    let url = url.trim_end_matches('/');
    let last = url.rsplit(['/', ':']).next().unwrap_or_default();
    // The work tree of a repository on this disk lies above its `.git`.
    let name = last.strip_suffix(".git").unwrap_or(last);
    (!name.is_empty()).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::name_of_url;

    #[test]
    fn the_name_is_the_last_part_of_a_url() {
        for (url, name) in [
            ("https://example.com/team/project.git", Some("project")),
            ("https://example.com/team/project/", Some("project")),
            ("git@example.com:team/project.git", Some("project")),
            ("git@example.com:project.git", Some("project")),
            ("/srv/git/project", Some("project")),
            ("project", Some("project")),
            ("/srv/project.git.git", Some("project.git")),
            ("", None),
            ("///", None),
        ] {
            assert_eq!(name_of_url(url).as_deref(), name, "{url}");
        }
    }
}
