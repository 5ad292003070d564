//! The status as libgit2 tells it: for whatever is unusual, and what our own is held against in the tests.

use super::{GitStatusEntry, conflicts};
use crate::text;
use git2::{Error, Index, Repository, Status, StatusEntry, StatusOptions};

/// What differs, in no order.
pub(crate) fn entries(repository: &Repository) -> Result<Vec<GitStatusEntry>, Error> {
    let mut options = StatusOptions::new();
    options.include_untracked(true).renames_head_to_index(true).update_index(false);
    let index = repository.index()?;
    let statuses = repository.statuses(Some(&mut options))?;
    let mut entries = Vec::new();
    for entry in statuses.iter() {
        let renamed = entry.head_to_index().filter(|_| entry.status().is_index_renamed());
        let new_path = renamed.as_ref().and_then(|delta| delta.new_file().path_bytes());
        let old_path = renamed.as_ref().and_then(|delta| delta.old_file().path_bytes());
        let path = text::text(new_path.unwrap_or_else(|| entry.path_bytes()));
        let is_unknown = entry.status().is_wt_new();
        if is_unknown {
            entries.push(GitStatusEntry { path: path.clone(), status: "??".to_owned(), old_path: None });
        }
        if !is_unknown || entry.status().intersects(STAGED) {
            let status = letters_of(&index, &entry).iter().collect();
            entries.push(GitStatusEntry { path, status, old_path: old_path.map(text::text) });
        }
    }
    Ok(entries)
}

const STAGED: Status = Status::INDEX_NEW
    .union(Status::INDEX_MODIFIED)
    .union(Status::INDEX_DELETED)
    .union(Status::INDEX_RENAMED)
    .union(Status::INDEX_TYPECHANGE);

fn letters_of(index: &Index, entry: &StatusEntry<'_>) -> [char; 2] {
    let status = entry.status();
    if status.is_conflicted() {
        let path = text::path_of(entry.path_bytes());
        let has = |stage| index.get_path(&path, stage).is_some();
        return conflicts::letters(has(1), has(2), has(3));
    }
    let letter = |letters: [(Status, char); 5]| {
        letters.iter().find(|(flag, _)| status.contains(*flag)).map_or(' ', |(_, letter)| *letter)
    };
    [
        letter([
            (Status::INDEX_RENAMED, 'R'),
            (Status::INDEX_NEW, 'A'),
            (Status::INDEX_MODIFIED, 'M'),
            (Status::INDEX_DELETED, 'D'),
            (Status::INDEX_TYPECHANGE, 'T'),
        ]),
        letter([
            (Status::WT_RENAMED, 'R'),
            // Git says nothing of what is unknown here: it has a line of its own.
            (Status::WT_NEW, ' '),
            (Status::WT_MODIFIED, 'M'),
            (Status::WT_DELETED, 'D'),
            (Status::WT_TYPECHANGE, 'T'),
        ]),
    ]
}
