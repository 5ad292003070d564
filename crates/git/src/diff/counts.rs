//! Lines that differ, counted by several threads: without attributes only the two contents matter.

use crate::{attributes, index_file, queue, small_file, text};
use git2::{Delta, Diff, DiffDelta, DiffOptions, Error, FileMode, Oid, Patch, Repository};
use std::{collections::HashSet, path::Path};

/// Lines added and deleted, and whether the content is binary.
pub(crate) type Counts = (u32, u32, bool);

/// How many files a thread takes at once.
const BATCH: usize = 16;

/// The counts of all files of a diff between trees, by their place in it; `None` where attributes may matter.
/// Files that became something else are left out, and so are submodules.
pub(crate) fn of_trees(
    repository: &Repository,
    diff: &Diff<'_>,
) -> Result<Option<Vec<Option<Counts>>>, Error> {
    if may_have_attributes(repository, diff) {
        return Ok(None);
    }
    let files: Vec<(usize, Oid, Oid)> = diff
        .deltas()
        .enumerate()
        .filter(|(_, delta)| is_of_files(delta))
        .map(|(at, delta)| (at, delta.old_file().id(), delta.new_file().id()))
        .collect();
    let batches: Vec<&[(usize, Oid, Oid)]> = files.chunks(BATCH).collect();
    let helpers = batches.len().saturating_sub(1).min(queue::threads() - 1);
    let folder = repository.path();
    let answers = queue::run(batches, helpers, |batch: &[(usize, Oid, Oid)], _, counter: &mut Counter| {
        for (at, old, new) in batch {
            let counts = counter.count(folder, *old, *new);
            counter.counted.push((*at, counts));
        }
    });
    let mut all = vec![None; diff.deltas().len()];
    for (at, counts) in answers.into_iter().flat_map(|counter| counter.counted) {
        all[at] = Some(counts?);
    }
    Ok(Some(all))
}

/// One thread's own view of the repository, opened when it has something to do.
#[derive(Default)]
struct Counter {
    repository: Option<Repository>,
    counted: Vec<(usize, Result<Counts, Error>)>,
}

impl Counter {
    fn count(&mut self, folder: &Path, old: Oid, new: Oid) -> Result<Counts, Error> {
        let repository = match &mut self.repository {
            Some(repository) => repository,
            none => none.insert(Repository::open(folder)?),
        };
        let blob = |id: Oid| if id.is_zero() { Ok(None) } else { repository.find_blob(id).map(Some) };
        let (old, new) = (blob(old)?, blob(new)?);
        let content = |blob: &'_ Option<git2::Blob<'_>>| {
            blob.as_ref().map_or(Vec::new(), |blob| blob.content().to_vec())
        };
        let mut options = DiffOptions::new();
        options.context_lines(0);
        numbers(&Patch::from_buffers(&content(&old), None, &content(&new), None, Some(&mut options))?)
    }
}

/// The counts of a patch.
pub(crate) fn numbers(patch: &Patch<'_>) -> Result<Counts, Error> {
    if patch.delta().flags().is_binary() {
        return Ok((0, 0, true));
    }
    let (_, additions, deletions) = patch.line_stats()?;
    Ok((additions as u32, deletions as u32, false))
}

fn is_of_files(delta: &DiffDelta<'_>) -> bool {
    let is_submodule = |mode| mode == FileMode::Commit;
    matches!(delta.status(), Delta::Added | Delta::Deleted | Delta::Modified | Delta::Renamed | Delta::Copied)
        && !is_submodule(delta.old_file().mode())
        && !is_submodule(delta.new_file().mode())
}

/// Whether attributes may say how some file of a diff is compared.
fn may_have_attributes(repository: &Repository, diff: &Diff<'_>) -> bool {
    let Ok(config) = repository.config() else { return true };
    if attributes::are_outside(repository, &config) {
        return true;
    }
    let index = repository.path().join("index");
    let in_index = match small_file::read(&index, u64::MAX) {
        Some(bytes) => index_file::has_name(&bytes, attributes::FILE).unwrap_or(true),
        None => index.symlink_metadata().is_ok(),
    };
    let Some(root) = repository.workdir() else { return in_index };
    let mut folders: HashSet<&[u8]> = HashSet::from([b"".as_slice()]);
    let deltas: Vec<DiffDelta<'_>> = diff.deltas().collect();
    for delta in &deltas {
        let paths = [delta.old_file().path_bytes(), delta.new_file().path_bytes()];
        for mut path in paths.into_iter().flatten() {
            while let Some(slash) = memchr::memrchr(b'/', path) {
                path = &path[..slash];
                if !folders.insert(path) {
                    break;
                }
            }
        }
    }
    let has_file = |folder: &&[u8]| {
        root.join(text::path_of(folder)).join(text::path_of(attributes::FILE)).symlink_metadata().is_ok()
    };
    in_index || folders.iter().any(has_file)
}
