//! The ignore rules that hold in a folder: its own, and those of the folders around it.

use super::{repository::Repository, rules::IgnoreRules};
use std::sync::Arc;

/// One folder with rules of its own, and what holds around it.
#[derive(Debug, Default)]
pub(crate) struct Scope {
    pub(crate) outer: Option<Arc<Scope>>,
    /// Bytes of the absolute path before what is relative to this folder.
    pub(crate) base: usize,
    pub(crate) dot_ignore: Option<IgnoreRules>,
    pub(crate) git_ignore: Option<IgnoreRules>,
    /// The repository whose work tree begins here.
    pub(crate) repository: Option<Repository>,
}

impl Scope {
    /// From inside out.
    fn chain(&self) -> impl Iterator<Item = &Scope> {
        std::iter::successors(Some(self), |scope| scope.outer.as_deref())
    }

    /// The repository that the folder lies in.
    pub(crate) fn repository(&self) -> Option<&Repository> {
        self.chain().find_map(|scope| scope.repository.as_ref())
    }

    /// Whether an entry is ignored. `path` is absolute.
    ///
    /// `.ignore` files stand above those of git, inner ones above outer ones; `.gitignore` files above `info/exclude`
    /// and the user's file. Those outside of the repository say nothing.
    pub(crate) fn ignores(&self, path: &[u8], name: &[u8], is_folder: bool) -> bool {
        let says = |scope: &Scope, rules: &IgnoreRules| rules.decide(&path[scope.base..], name, is_folder);
        let by_dot_ignore =
            self.chain().find_map(|scope| scope.dot_ignore.as_ref().and_then(|rules| says(scope, rules)));
        by_dot_ignore.or_else(|| self.by_git(says)).unwrap_or(false)
    }

    fn by_git(&self, says: impl Fn(&Scope, &IgnoreRules) -> Option<bool>) -> Option<bool> {
        let top = self.chain().find(|scope| scope.repository.is_some())?;
        let repository = top.repository.as_ref()?;
        for scope in self.chain() {
            if let Some(answer) = scope.git_ignore.as_ref().and_then(|rules| says(scope, rules)) {
                return Some(answer);
            }
            if std::ptr::eq(scope, top) {
                break;
            }
        }
        says(top, &repository.exclude).or_else(|| says(top, &repository.global))
    }
}
