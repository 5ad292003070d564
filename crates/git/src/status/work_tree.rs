//! The work tree against the index, in one walk over its folders by several threads.

use super::{
    folder::{Folder, Kind, Listing},
    ignore::{MAX_BYTES, Rules},
    settings::Settings,
};
use crate::{
    attributes,
    index_file::{Child, Entries, Entry, Time},
    queue, text,
};
use rustix::{fs::Stat, io::Errno};
use std::{ops::Range, path::Path, path::PathBuf, sync::Arc};

/// What the walk tells. Entries are named by their place in the index.
#[derive(Default)]
pub(crate) struct Found {
    /// With the letter of the status.
    pub(crate) changed: Vec<(usize, char)>,
    /// Only their content tells whether these have changed.
    pub(crate) doubtful: Vec<usize>,
    /// Submodules, and files in whose place a repository stands.
    pub(crate) special: Vec<usize>,
    /// Files that git does not know, and folders with such, which end in a slash.
    pub(crate) unknown: Vec<Vec<u8>>,
    /// Whether a file of attributes was seen.
    pub(crate) has_attributes: bool,
    listing: Listing,
}

impl Found {
    fn add(&mut self, other: Self) {
        self.changed.extend(other.changed);
        self.doubtful.extend(other.doubtful);
        self.special.extend(other.special);
        self.unknown.extend(other.unknown);
        self.has_attributes |= other.has_attributes;
    }
}

/// Below this many entries a second thread takes longer to start than it saves.
const FEW: usize = 500;

/// Walks the whole work tree.
pub(crate) fn compare(
    root: &Path,
    index: &Entries,
    written: Time,
    rules: Option<Arc<Rules>>,
    settings: &Settings,
) -> Found {
    let walk = Walk { root, index, written, settings };
    let helpers = if index.len() < FEW { 0 } else { queue::threads() - 1 };
    let top = Job { path: Vec::new(), within: Some(0..index.len()), is_ignored: false, rules };
    let mut all = Found::default();
    for found in queue::run(vec![top], helpers, |job, more, found| walk.work(job, more, found)) {
        all.add(found);
    }
    all
}

/// A folder to look through.
struct Job {
    /// With a slash at the end; empty at the top.
    path: Vec<u8>,
    /// What the index has in it; `None` for a folder that git does not know.
    within: Option<Range<usize>>,
    /// Whether a rule ignores it, so that only what the index has counts.
    is_ignored: bool,
    rules: Option<Arc<Rules>>,
}

struct Walk<'w> {
    root: &'w Path,
    index: &'w Entries,
    /// When the index was written.
    written: Time,
    settings: &'w Settings,
}

impl Walk<'_> {
    fn work(&self, job: Job, more: &mut Vec<Job>, found: &mut Found) {
        match job.within.clone() {
            Some(within) => self.look_through(job, within, more, found),
            None => {
                if self.has_files(&job.path, job.rules, found) {
                    found.unknown.push(job.path);
                }
            }
        }
    }

    fn absolute(&self, path: &[u8]) -> PathBuf {
        self.root.join(text::path_of(path))
    }

    /// A folder that the index has something of.
    fn look_through(&self, job: Job, within: Range<usize>, more: &mut Vec<Job>, found: &mut Found) {
        let Job { path, is_ignored, rules, .. } = job;
        let mut listing = std::mem::take(&mut found.listing);
        let folder = match open_and_list(&self.absolute(&path), &mut listing) {
            Ok(folder) => folder,
            Err(error) => {
                if matches!(error, Errno::NOENT | Errno::NOTDIR | Errno::LOOP) {
                    self.deleted(within, found);
                }
                found.listing = listing;
                return;
            }
        };
        let rules = if is_ignored { None } else { rules_of(&folder, &listing, rules, path.len()) };
        found.has_attributes |= listing.has(attributes::FILE);
        let mut children: Vec<Child<'_>> = self.index.children(within, path.len()).collect();
        children.sort_by(|left, right| (left.name, left.is_folder).cmp(&(right.name, right.is_folder)));
        let mut is_there = vec![false; children.len()];
        let mut whole = path;
        let length = whole.len();
        for (name, kind) in listing.all() {
            whole.truncate(length);
            whole.extend_from_slice(name);
            let first = children.partition_point(|child| child.name < name);
            let mut is_known = false;
            let mut was_file = false;
            for (at, child) in
                children.iter().enumerate().skip(first).take_while(|(_, child)| child.name == name)
            {
                if child.is_folder && kind == Kind::Folder {
                    is_known = true;
                    let rules = rules.clone();
                    let is_ignored = is_ignored || ignores(rules.as_ref(), &whole, true);
                    let path = [&whole, b"/".as_slice()].concat();
                    let within = Some(child.within.clone());
                    more.push(Job { path, within, is_ignored, rules });
                    is_there[at] = true;
                } else if !child.is_folder {
                    let here = Here { folder: &folder, name, kind };
                    is_there[at] = self.look_at(&here, &whole, child.within.start, found);
                    is_known |= is_there[at];
                    was_file = true;
                }
            }
            if is_known || is_ignored || name == b".git" || kind == Kind::Other {
                continue;
            }
            let is_folder = kind == Kind::Folder;
            // Of a folder in the place of a file, git only tells that the file is gone.
            if (is_folder && was_file) || ignores(rules.as_ref(), &whole, is_folder) {
                continue;
            }
            if is_folder {
                let path = [&whole, b"/".as_slice()].concat();
                more.push(Job { path, within: None, is_ignored: false, rules: rules.clone() });
            } else {
                found.unknown.push(whole.clone());
            }
        }
        for (child, _) in children.into_iter().zip(is_there).filter(|(_, is_there)| !is_there) {
            self.deleted(child.within, found);
        }
        found.listing = listing;
    }

    /// Notes entries whose files are gone.
    fn deleted(&self, within: Range<usize>, found: &mut Found) {
        for at in within {
            let entry = self.index.entry(at);
            if entry.stage == 0 && !entry.is_assumed {
                found.changed.push((at, 'D'));
            }
        }
    }

    /// Compares a file with its entry; `false` when something stands there that is not the file.
    fn look_at(&self, here: &Here<'_>, path: &[u8], at: usize, found: &mut Found) -> bool {
        let entry = self.index.entry(at);
        if entry.stage != 0 {
            return here.kind != Kind::Folder;
        }
        if here.kind == Kind::Folder {
            let is_repository = self.absolute(path).join(".git").symlink_metadata().is_ok();
            if entry.is_submodule() || is_repository {
                found.special.push(at);
                return true;
            }
            return false;
        }
        if entry.is_assumed {
            return true;
        }
        let is_link = here.kind == Kind::Link;
        match here.folder.stat(here.name) {
            Err(Errno::NOENT) => return false,
            Err(_) => {}
            Ok(_) if is_link != (entry.mode == 0o120_000) || here.kind == Kind::Other => {
                found.changed.push((at, 'T'));
            }
            Ok(stat) => match self.verdict(entry, &stat, is_link) {
                Verdict::Same => {}
                Verdict::Changed => found.changed.push((at, 'M')),
                Verdict::Doubtful => found.doubtful.push(at),
            },
        }
        true
    }

    fn verdict(&self, entry: &Entry, stat: &Stat, is_link: bool) -> Verdict {
        let is_program = stat.st_mode & 0o100 != 0;
        if !is_link && self.settings.has_mode && is_program != (entry.mode == 0o100_755) {
            return Verdict::Changed;
        }
        let is_same_size = entry.size == stat.st_size as u32;
        // A size of 0 may also stand for "look at the content".
        if !is_same_size && entry.size != 0 {
            return Verdict::Changed;
        }
        let modified = (stat.st_mtime as u32, stat.st_mtime_nsec as u32);
        let changed = (stat.st_ctime as u32, stat.st_ctime_nsec as u32);
        let is_same_inode = entry.inode == 0 || entry.inode == stat.st_ino as u32;
        let is_same = is_same_size
            && is_same_inode
            && is_same_time(entry.modified, modified)
            && (!self.settings.trusts_change_time || is_same_time(entry.changed, changed));
        // What was written at the time of the index may have been written again since.
        if is_same && is_before(entry.modified, self.written) { Verdict::Same } else { Verdict::Doubtful }
    }

    /// Whether a folder that git does not know has a file that is not ignored, at any depth, or is a repository.
    fn has_files(&self, path: &[u8], rules: Option<Arc<Rules>>, found: &mut Found) -> bool {
        let mut folders = vec![(path.to_vec(), rules)];
        while let Some((path, rules)) = folders.pop() {
            let absolute = self.absolute(&path);
            let Ok(folder) = open_and_list(&absolute, &mut found.listing) else { continue };
            found.has_attributes |= found.listing.has(attributes::FILE);
            if found.listing.has(b".git") && git2::Repository::open(&absolute).is_ok() {
                return true;
            }
            let rules = rules_of(&folder, &found.listing, rules, path.len());
            let mut whole = path;
            let length = whole.len();
            for (name, kind) in found.listing.all() {
                whole.truncate(length);
                whole.extend_from_slice(name);
                let is_folder = kind == Kind::Folder;
                if name == b".git" || kind == Kind::Other || ignores(rules.as_ref(), &whole, is_folder) {
                    continue;
                }
                if !is_folder {
                    return true;
                }
                folders.push(([&whole, b"/".as_slice()].concat(), rules.clone()));
            }
        }
        false
    }
}

/// Something in a folder.
struct Here<'f> {
    folder: &'f Folder,
    name: &'f [u8],
    kind: Kind,
}

enum Verdict {
    Same,
    Changed,
    Doubtful,
}

fn open_and_list(path: &Path, listing: &mut Listing) -> rustix::io::Result<Folder> {
    let folder = Folder::open(path)?;
    listing.fill(&folder)?;
    Ok(folder)
}

/// The rules that hold in a folder: its own before those above it.
fn rules_of(
    folder: &Folder,
    listing: &Listing,
    above: Option<Arc<Rules>>,
    base: usize,
) -> Option<Arc<Rules>> {
    let file = listing.has(b".gitignore").then(|| folder.read(b".gitignore", MAX_BYTES)).flatten();
    match file {
        Some(bytes) => Rules::below(above, base, &bytes),
        None => above,
    }
}

fn ignores(rules: Option<&Arc<Rules>>, path: &[u8], is_folder: bool) -> bool {
    rules.is_some_and(|rules| rules.ignore(path, is_folder))
}

/// Whether two times are the same, as far as both are known.
fn is_same_time(known: Time, found: Time) -> bool {
    known.0 == found.0 && (known.1 == found.1 || known.1 == 0)
}

/// Whether one time is surely before another. Where there are no nanoseconds, a second is one moment.
fn is_before(one: Time, other: Time) -> bool {
    if one.1 == 0 || other.1 == 0 { one.0 < other.0 } else { one < other }
}
