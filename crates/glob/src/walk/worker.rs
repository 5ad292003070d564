//! One thread that looks into folders.

use super::{
    Goal, Walk,
    folder::{Folder, Kind},
    results::{Results, is_gone},
    task::{Kept, Line, Task},
};
use crate::{
    found::FoundFile,
    ignored::{IgnoreRules, MAX_FILE_BYTES, Repository, Scope},
    pattern::Scratch,
};
use han_base::FileStamp;
use std::{
    io,
    path::PathBuf,
    sync::{Arc, atomic::Ordering},
};

/// Folders that are kept open for those in them, in all threads; others are opened again when it is their turn.
const MAX_OPEN: usize = 128;

/// Folders between two reports.
const REPORT_EVERY: u64 = 256;

/// Entries of one folder between two looks at whether the walk shall end: a file's stamp costs a call of the system.
const ASK_EVERY: usize = 1024;

/// Matches that are handed over together while the walk goes on.
const BATCH: usize = 512;

pub(super) struct Worker<'w, F: Folder> {
    walk: &'w Walk<'w, F>,
    pub(super) tasks: Vec<Task<F>>,
    pub(super) results: Results,
    buffer: F::Buffer,
    scratch: Scratch,
    listing: Listing,
    /// The absolute path of the entry that is looked at.
    path: Vec<u8>,
    unreported_folders: u64,
    unreported_matches: u64,
}

/// The entries of one folder, names behind each other.
#[derive(Default)]
struct Listing {
    names: Vec<u8>,
    entries: Vec<(u32, Kind)>,
    has_git: bool,
    has_git_ignore: bool,
    has_dot_ignore: bool,
}

impl Listing {
    fn clear(&mut self) {
        self.names.clear();
        self.entries.clear();
        (self.has_git, self.has_git_ignore, self.has_dot_ignore) = (false, false, false);
    }

    fn push(&mut self, name: &[u8], kind: Kind) {
        self.names.extend_from_slice(name);
        self.entries.push((self.names.len() as u32, kind));
    }

    fn notice(&mut self, name: &[u8]) {
        match name {
            b".git" => self.has_git = true,
            b".gitignore" => self.has_git_ignore = true,
            b".ignore" => self.has_dot_ignore = true,
            _ => {}
        }
    }

    fn iter(&self) -> impl Iterator<Item = (&[u8], Kind)> {
        let starts = std::iter::once(0).chain(self.entries.iter().map(|&(end, _)| end));
        let ranges = starts.zip(&self.entries);
        ranges.map(|(start, &(end, kind))| (&self.names[start as usize..end as usize], kind))
    }
}

impl<'w, F: Folder> Worker<'w, F> {
    pub(super) fn new(walk: &'w Walk<'w, F>) -> Self {
        let limit = if walk.sink.is_some() { None } else { walk.options.limit };
        Self {
            walk,
            tasks: Vec::new(),
            results: Results::new(limit),
            buffer: F::Buffer::default(),
            scratch: Scratch::default(),
            listing: Listing::default(),
            path: Vec::new(),
            unreported_folders: 0,
            unreported_matches: 0,
        }
    }

    /// Works alone until so many folders wait, or none.
    pub(super) fn work_until(&mut self, waiting: usize) {
        while self.tasks.len() < waiting {
            let Some(task) = self.tasks.pop() else { return };
            self.step(&task);
        }
    }

    /// Works together with the others until nothing is left.
    pub(super) fn work(&mut self) {
        while let Some(task) = self.tasks.pop().or_else(|| self.walk.share.take()) {
            self.step(&task);
            if self.tasks.len() > 1 && self.walk.share.is_wanted() {
                // The oldest ones are nearest to the root, and have the most below them.
                let half = self.tasks.len() / 2;
                self.walk.share.give(self.tasks.drain(..half));
            }
        }
    }

    /// Reports the last, and hands over the last.
    pub(super) fn end(&mut self) {
        self.report();
        self.hand_over(1);
        self.results.sort();
    }

    fn step(&mut self, task: &Task<F>) {
        if self.walk.is_cancelled.load(Ordering::Relaxed) || self.walk.observer.is_cancelled() {
            self.walk.is_cancelled.store(true, Ordering::Relaxed);
            self.tasks.clear();
            self.walk.share.end();
            return;
        }
        if self.has_enough() {
            self.results.report.is_limited = true;
            self.tasks.clear();
            self.walk.share.end();
            return;
        }
        if self.results.is_behind(&task.path) {
            self.results.report.is_limited = true;
            return;
        }
        self.look_into(task);
        self.unreported_folders += 1;
        if self.unreported_folders >= REPORT_EVERY {
            self.report();
        }
        self.hand_over(BATCH);
    }

    /// Whether as much as the limit lets through was handed over.
    fn has_enough(&self) -> bool {
        let handed_over = self.walk.handed_over.load(Ordering::Relaxed);
        self.walk.sink.is_some() && self.walk.options.limit.is_some_and(|limit| handed_over >= limit)
    }

    fn report(&mut self) {
        self.walk.observer.advanced(self.unreported_folders, self.unreported_matches);
        (self.unreported_folders, self.unreported_matches) = (0, 0);
    }

    /// Gives what was found to whoever takes it while the walk goes on, when it is as much as `least`.
    fn hand_over(&mut self, least: usize) {
        let Some(sink) = self.walk.sink else { return };
        if self.results.found.len() < least {
            return;
        }
        let mut batch: Vec<FoundFile> = std::mem::take(&mut self.results.found);
        if let Some(limit) = self.walk.options.limit {
            let before = self.walk.handed_over.fetch_add(batch.len(), Ordering::Relaxed);
            let left = limit.saturating_sub(before);
            if batch.len() > left {
                batch.truncate(left);
                self.results.report.is_limited = true;
            }
        }
        if !batch.is_empty() {
            sink(batch);
        }
    }

    fn look_into(&mut self, task: &Task<F>) {
        let folder = match self.open(task) {
            Ok(folder) => folder,
            Err(error) => return self.results.failed(&task.path, error),
        };
        let line = match self.line(task, &folder) {
            Ok(Some(line)) => line,
            Ok(None) => return,
            Err(error) => return self.results.failed(&task.path, error),
        };
        self.results.report.folder_count += 1;
        let mut listing = std::mem::take(&mut self.listing);
        listing.clear();
        if let Err(error) = self.list(&folder, task, &mut listing) {
            self.results.failed(&task.path, error);
        }
        self.path.clear();
        self.path.extend_from_slice(&self.walk.root_path);
        if !task.path.is_empty() {
            self.path.extend_from_slice(&task.path);
            self.path.push(b'/');
        }
        let inside = Inside {
            scope: self.scope(&folder, task, &listing),
            length: self.path.len(),
            line: line.filter(|_| self.walk.options.follow),
            task,
        };
        let (folder, open_count) = Kept::new(folder, &self.walk.open_count);
        self.entries(&folder, &inside, &listing, open_count < MAX_OPEN);
        self.listing = listing;
    }

    fn open(&self, task: &Task<F>) -> io::Result<F> {
        let follow = self.walk.options.follow;
        match &task.around {
            Some(around) => {
                let start = memchr::memrchr(b'/', &task.path).map_or(0, |slash| slash + 1);
                around.folder.open(&task.path[start..], follow)
            }
            None => self.walk.root.open_below(&task.path, follow),
        }
    }

    /// The folders around, with this one; an inner `None` where links are not followed, an outer one for a folder that
    /// leads back to itself.
    #[allow(clippy::option_option)]
    fn line(&self, task: &Task<F>, folder: &F) -> io::Result<Option<Option<Arc<Line>>>> {
        if !self.walk.options.follow {
            return Ok(Some(None));
        }
        match folder.identity()? {
            Some(identity) => Ok(Line::with(task.line.as_ref(), identity).map(Some)),
            None => Ok(Some(None)),
        }
    }

    /// Fills in the entries of a folder: only those that the patterns spell out, where they do.
    fn list(&mut self, folder: &F, task: &Task<F>, listing: &mut Listing) -> io::Result<()> {
        let patterns = self.walk.patterns;
        let named = if F::NAMES_ARE_EXACT { patterns.named(&task.position) } else { None };
        let Some(named) = named else {
            let sees_hidden = patterns.sees_hidden();
            return folder.read(&mut self.buffer, |name, kind| {
                if name.first() == Some(&b'.') {
                    listing.notice(name);
                    if !sees_hidden {
                        return;
                    }
                }
                listing.push(name, kind);
            });
        };
        for name in [&b".git"[..], b".gitignore", b".ignore"] {
            if self.walk.obeys_ignore_files && folder.kind(name, false).is_ok() {
                listing.notice(name);
            }
        }
        for name in named.iter().map(String::as_bytes) {
            let is_hidden = name.first() == Some(&b'.');
            if matches!(name, b"" | b"." | b"..") || is_hidden && !patterns.sees_hidden() {
                continue;
            }
            match folder.kind(name, false) {
                Ok(kind) => listing.push(name, kind),
                Err(error) if is_gone(&error) || error.kind() == io::ErrorKind::InvalidFilename => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// The ignore rules that hold in a folder. `self.path` is the folder's, with `/` at its end.
    fn scope(&mut self, folder: &F, task: &Task<F>, listing: &Listing) -> Arc<Scope> {
        let options = &self.walk.options.ignore;
        let has_rules = listing.has_git || listing.has_git_ignore || listing.has_dot_ignore;
        if !has_rules || !self.walk.obeys_ignore_files {
            return Arc::clone(&task.scope);
        }
        let wants_git = options.git_ignore || options.git_exclude || options.git_global;
        let repository = (listing.has_git && wants_git).then(|| {
            let mut errors = Vec::new();
            let dot_git = os_path([&self.path[..], b".git"].concat());
            let repository = Repository::read(&dot_git, options, &mut errors);
            for (path, error) in errors {
                self.results.failed_at(&path, error);
            }
            repository
        });
        let of = repository.as_ref().or_else(|| task.scope.repository());
        let is_in_repository = of.is_some();
        let case_insensitive =
            options.case_insensitive.or(of.map(|repository| repository.case_insensitive)).unwrap_or(false);
        let mut rules = |is_wanted: bool, name: &str| {
            is_wanted.then(|| self.rules(folder, &task.path, name, case_insensitive)).flatten()
        };
        let git_ignore =
            rules(listing.has_git_ignore && options.git_ignore && is_in_repository, ".gitignore");
        let dot_ignore = rules(listing.has_dot_ignore && options.dot_ignore, ".ignore");
        if repository.is_none() && git_ignore.is_none() && dot_ignore.is_none() {
            return Arc::clone(&task.scope);
        }
        let outer = Some(Arc::clone(&task.scope));
        Arc::new(Scope { outer, base: self.path.len(), dot_ignore, git_ignore, repository })
    }

    fn rules(
        &mut self,
        folder: &F,
        around: &[u8],
        name: &str,
        case_insensitive: bool,
    ) -> Option<IgnoreRules> {
        match folder.content(name.as_bytes(), MAX_FILE_BYTES) {
            Ok(text) => {
                let rules = IgnoreRules::parse(&text?, case_insensitive);
                (!rules.is_empty()).then_some(rules)
            }
            Err(error) => {
                self.results.failed(&joined(around, name.as_bytes()), error);
                None
            }
        }
    }

    fn entries(&mut self, folder: &Arc<Kept<F>>, inside: &Inside<'_, F>, listing: &Listing, keep: bool) {
        let first_new = self.tasks.len();
        let mut has_marker = false;
        let skips_git = self.walk.options.ignore.git_ignore;
        let entries = listing.iter().filter(|(name, _)| !(skips_git && *name == b".git"));
        for (index, (name, kind)) in entries.enumerate() {
            if index % ASK_EVERY == ASK_EVERY - 1 && self.walk.observer.is_cancelled() {
                self.walk.is_cancelled.store(true, Ordering::Relaxed);
                break;
            }
            self.path.truncate(inside.length);
            self.path.extend_from_slice(name);
            match self.settled(&folder.folder, inside.task, name, kind) {
                Kind::Folder => has_marker |= self.folder(folder, inside, name, keep),
                Kind::File => has_marker |= self.file(&folder.folder, inside, name),
                Kind::Link | Kind::Other | Kind::Unknown => {}
            }
        }
        if has_marker && self.walk.goal == Goal::FoldersWith {
            self.unreported_matches += 1;
            self.results.add(&inside.task.path, None);
        }
        if self.walk.options.limit.is_some() {
            // The first one on top, so that the first paths are found first.
            self.tasks[first_new..]
                .sort_by(|one, other| other.path.iter().chain(b"/").cmp(one.path.iter().chain(b"/")));
        }
    }

    /// What an entry is, behind a link that is to be followed and where the folder did not say.
    fn settled(&mut self, folder: &F, task: &Task<F>, name: &[u8], kind: Kind) -> Kind {
        let follow = self.walk.options.follow;
        if kind != Kind::Unknown && !(kind == Kind::Link && follow) {
            return kind;
        }
        folder.kind(name, follow).unwrap_or_else(|error| {
            self.results.failed(&joined(&task.path, name), error);
            Kind::Other
        })
    }

    /// Has a folder looked into when something in it can match. Whether it matches itself, where that is asked for.
    fn folder(&mut self, around: &Arc<Kept<F>>, inside: &Inside<'_, F>, name: &[u8], keep: bool) -> bool {
        let Inside { task, scope, .. } = inside;
        let walk = self.walk;
        if walk.goal == Goal::FoldersWith && walk.patterns.accepts(&task.position, name, &mut self.scratch) {
            return !scope.ignores(&self.path, name, true);
        }
        let depth = task.depth + 1;
        if walk.options.max_depth.is_some_and(|most| depth >= most) {
            return false;
        }
        let Some(position) = walk.patterns.enter(&task.position, name, &mut self.scratch) else {
            return false;
        };
        if scope.ignores(&self.path, name, true) {
            return false;
        }
        self.tasks.push(Task {
            around: keep.then(|| Arc::clone(around)),
            path: self.path[walk.root_path.len()..].into(),
            position,
            scope: Arc::clone(scope),
            depth,
            line: inside.line.clone(),
        });
        false
    }

    /// Books a file that matches.
    fn file(&mut self, folder: &F, inside: &Inside<'_, F>, name: &[u8]) -> bool {
        let walk = self.walk;
        let matches = walk.patterns.accepts(&inside.task.position, name, &mut self.scratch)
            && !inside.scope.ignores(&self.path, name, false);
        if matches && walk.goal == Goal::Files {
            let path = &self.path[walk.root_path.len()..];
            match stamp(folder, name, walk) {
                Ok(stamp) => {
                    self.unreported_matches += 1;
                    self.results.add(path, stamp);
                }
                Err(error) => self.results.failed(path, error),
            }
        }
        matches
    }
}

/// A folder whose entries are looked at.
struct Inside<'t, F> {
    task: &'t Task<F>,
    scope: Arc<Scope>,
    line: Option<Arc<Line>>,
    /// Bytes of its absolute path with `/` at the end.
    length: usize,
}

fn stamp<F: Folder>(folder: &F, name: &[u8], walk: &Walk<'_, F>) -> io::Result<Option<FileStamp>> {
    walk.options.stamps.then(|| folder.stamp(name, walk.options.follow)).transpose()
}

fn joined(folder: &[u8], name: &[u8]) -> Vec<u8> {
    if folder.is_empty() { name.to_vec() } else { [folder, b"/", name].concat() }
}

#[cfg(unix)]
pub(super) fn os_path(bytes: Vec<u8>) -> PathBuf {
    PathBuf::from(<std::ffi::OsString as std::os::unix::ffi::OsStringExt>::from_vec(bytes))
}

#[cfg(not(unix))]
pub(super) fn os_path(bytes: Vec<u8>) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(&bytes).into_owned())
}
