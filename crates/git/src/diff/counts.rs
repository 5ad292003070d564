//! Lines that differ, counted by several threads: without attributes only the two contents matter.

use crate::{attributes, index_file, queue, small_file, text, text::count_lines};
use git2::{Blob, Delta, Diff, DiffDelta, DiffOptions, Error, FileMode, Oid, Patch, Repository};
use std::{
    collections::{HashMap, HashSet},
    path::Path,
};

/// Lines added and deleted, and whether the content is binary.
pub(crate) type Counts = (u32, u32, bool);

/// How many files a thread takes at once.
const BATCH: usize = 16;

/// The counts of the files of a diff, by their place in it. Files that became something else are left out, and so are
/// submodules.
pub(crate) fn of_deltas(repository: &Repository, diff: &Diff<'_>) -> Result<HashMap<usize, Counts>, Error> {
    let (places, pairs): (Vec<usize>, Vec<(Oid, Oid)>) = diff
        .deltas()
        .enumerate()
        .filter(|(_, delta)| is_of_files(delta))
        .map(|(at, delta)| (at, (delta.old_file().id(), delta.new_file().id())))
        .unzip();
    Ok(places.into_iter().zip(of_pairs(repository.path(), &pairs)?).collect())
}

/// The counts of pairs of objects of the repository in `git_folder`, of which one may be zero: no file.
pub(crate) fn of_pairs(git_folder: &Path, pairs: &[(Oid, Oid)]) -> Result<Vec<Counts>, Error> {
    let batches: Vec<Batch<'_>> = pairs.chunks(BATCH).enumerate().collect();
    let helpers = batches.len().saturating_sub(1).min(queue::threads() - 1);
    let answers = queue::run(batches, helpers, |(number, batch): Batch<'_>, _, counter: &mut Counter| {
        for (at, (old, new)) in batch.iter().enumerate() {
            let counts = counter.count(git_folder, *old, *new);
            counter.counted.push((number * BATCH + at, counts));
        }
    });
    let mut all = vec![Counts::default(); pairs.len()];
    for (at, counts) in answers.into_iter().flat_map(|counter| counter.counted) {
        all[at] = counts?;
    }
    Ok(all)
}

/// Some pairs, with their number among all.
type Batch<'p> = (usize, &'p [(Oid, Oid)]);

/// One thread's own view of the repository, opened when it has something to do.
#[derive(Default)]
struct Counter {
    repository: Option<Repository>,
    counted: Vec<(usize, Result<Counts, Error>)>,
}

impl Counter {
    fn count(&mut self, git_folder: &Path, old: Oid, new: Oid) -> Result<Counts, Error> {
        let repository = match &mut self.repository {
            Some(repository) => repository,
            none => none.insert(Repository::open(git_folder)?),
        };
        let blob = |id: Oid| if id.is_zero() { Ok(None) } else { repository.find_blob(id).map(Some) };
        if old == new {
            return Ok((0, 0, blob(new)?.is_some_and(|blob| is_binary(blob.content()))));
        }
        let (old, new) = (blob(old)?, blob(new)?);
        match (&old, &new) {
            (Some(old), Some(new)) if old.size() > 0 && new.size() > 0 => {
                let mut options = DiffOptions::new();
                options.context_lines(0);
                numbers(&Patch::from_buffers(old.content(), None, new.content(), None, Some(&mut options))?)
            }
            // One side is empty: nothing is to be compared.
            _ => {
                if old.iter().chain(&new).any(|blob| is_binary(blob.content())) {
                    return Ok((0, 0, true));
                }
                let lines =
                    |blob: &Option<Blob<'_>>| blob.as_ref().map_or(0, |blob| count_lines(blob.content()));
                Ok((lines(&new), lines(&old), false))
            }
        }
    }
}

/// Whether git takes content for binary.
pub(crate) fn is_binary(content: &[u8]) -> bool {
    content.len() > LARGE || memchr::memchr(0, &content[..content.len().min(BYTES_LOOKED_AT)]).is_some()
}

/// Content of more bytes is not compared by lines.
const LARGE: usize = 512 << 20;

/// In the first bytes a NUL tells that content is binary.
const BYTES_LOOKED_AT: usize = 8000;

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

/// Whether attributes may say how some of the files at these paths are compared.
pub(crate) fn may_have_attributes<'p>(
    repository: &Repository,
    paths: impl Iterator<Item = &'p [u8]>,
) -> bool {
    let Ok(config) = repository.config() else { return true };
    if attributes::are_outside(repository, &config) {
        return true;
    }
    let index = repository.path().join("index");
    let in_index = match small_file::read(&index, index_file::MAX_BYTES) {
        Some(bytes) => index_file::has_name(&bytes, attributes::FILE).unwrap_or(true),
        None => index.symlink_metadata().is_ok(),
    };
    let Some(root) = repository.workdir() else { return in_index };
    let mut folders: HashSet<&[u8]> = HashSet::from([b"".as_slice()]);
    for mut path in paths {
        while let Some(slash) = memchr::memrchr(b'/', path) {
            path = &path[..slash];
            if !folders.insert(path) {
                break;
            }
        }
    }
    let has_file = |folder: &&[u8]| {
        root.join(text::path_of(folder)).join(text::path_of(attributes::FILE)).symlink_metadata().is_ok()
    };
    in_index || folders.iter().any(has_file)
}
