//! Finding transcripts in folders.

use crate::layout::{FileType, Layout};
use han_base::{Error, Result};
use han_db::{FileStamp, SessionFile};
use std::{
    collections::HashSet,
    fs::{self, Metadata},
    io,
    path::{self, Path, PathBuf},
};

/// How deep `subagents` folders may lie in each other.
const MAX_DEPTH: usize = 16;

/// A transcript as it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// Absolute path without symbolic links in its folders.
    pub path: PathBuf,
    /// What kind it is.
    pub file_type: FileType,
    pub(crate) layout: Layout,
    pub(crate) stamp: FileStamp,
}

impl SourceFile {
    /// Looks at one file. A path that is no regular file has code `NOT_A_FILE`, a missing one `FILE_NOT_FOUND`.
    pub(crate) fn at(path: &Path) -> Result<Self> {
        let shown = path::absolute(path).map_err(|error| Error::io("read", path, error))?;
        let path = fs::canonicalize(path).map_err(|error| Error::io("read", path, error))?;
        let metadata = fs::metadata(&path).map_err(|error| Error::io("read", &path, error))?;
        if !metadata.is_file() {
            let error = io::Error::new(io::ErrorKind::IsADirectory, "it is no regular file");
            return Err(Error::io("read", &path, error));
        }
        Ok(Self::new(path, &shown, &metadata))
    }

    /// A file as the store knows it.
    pub(crate) fn stored(known: &SessionFile) -> Self {
        let path = PathBuf::from(&known.file_path);
        let layout = Layout::of(&path);
        Self { file_type: layout.file_type, layout, stamp: known.seen, path }
    }

    /// `shown` is the path by which the file was found, with symbolic links.
    fn new(path: PathBuf, shown: &Path, metadata: &Metadata) -> Self {
        let mut layout = Layout::of(&path);
        if layout.project_slug.is_none() && shown != path {
            // Links lead out of the folder of projects: the place of the link counts.
            layout = Layout::of(shown);
            layout.config_dir = layout.config_dir.map(|folder| fs::canonicalize(&folder).unwrap_or(folder));
        }
        Self { file_type: layout.file_type, layout, stamp: stamp_of(metadata), path }
    }

    /// The last part of the path.
    pub(crate) fn file_name(&self) -> String {
        self.path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
    }

    /// The path as it is stored.
    pub(crate) fn path_text(&self) -> String {
        self.path.to_string_lossy().into_owned()
    }
}

/// What tells whether a file was written to.
pub(crate) fn stamp_of(metadata: &Metadata) -> FileStamp {
    let modified = metadata.modified().ok().and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
    let (device, inode) = {
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            (metadata.dev(), metadata.ino())
        }
        #[cfg(not(unix))]
        {
            (0, 0)
        }
    };
    FileStamp {
        size: metadata.len(),
        modified_at_ns: modified.map_or(0, |time| i64::try_from(time.as_nanos()).unwrap_or(i64::MAX)),
        device,
        inode,
    }
}

/// What was found in folders.
#[derive(Debug, Default)]
pub struct Discovery {
    /// The transcripts, oldest change first, each once.
    pub files: Vec<SourceFile>,
    /// The folders and files that could not be looked at, and why. What they hold is not known.
    pub unreadable: Vec<(PathBuf, Error)>,
}

/// The transcripts of all projects of an agent's config folder. A folder without `projects` has none; a missing folder
/// is `FILE_NOT_FOUND`.
pub fn discover_config_dir(config_dir: &Path) -> Result<Discovery> {
    discover_sources(&Sources { config_dirs: vec![config_dir.to_owned()], event_dirs: Vec::new() })
}

/// Where transcripts lie.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sources {
    /// Agents' config folders.
    pub config_dirs: Vec<PathBuf>,
    /// Folders with event files of han (`*-han.jsonl`) of any session, directly in them. They need not exist.
    pub event_dirs: Vec<PathBuf>,
}

/// The transcripts of several folders.
pub(crate) fn discover_sources(sources: &Sources) -> Result<Discovery> {
    let mut walk = Walk::default();
    for event_dir in &sources.event_dirs {
        let Ok(path) = fs::canonicalize(event_dir) else { continue };
        for entry in walk.entries(&Folder { path, shown: event_dir.clone() }) {
            if !entry.is_dir && Layout::of(&entry.folder.shown).file_type == FileType::HanEvents {
                walk.file(&entry.folder);
            }
        }
    }
    for config_dir in &sources.config_dirs {
        let shown = open_folder(config_dir)?.join("projects");
        let Ok(projects) = fs::canonicalize(&shown) else { continue };
        for entry in walk.entries(&Folder { path: projects, shown }) {
            if entry.is_dir {
                walk.project(&entry.folder);
            }
        }
    }
    Ok(walk.finish())
}

/// The transcripts of one project's folder. A missing folder is `FILE_NOT_FOUND`, a file `NOT_A_DIRECTORY`.
pub fn discover_project_dir(project_dir: &Path) -> Result<Discovery> {
    let path = open_folder(project_dir)?;
    let shown = path::absolute(project_dir).map_err(|error| Error::io("list folder", project_dir, error))?;
    let mut walk = Walk::default();
    walk.project(&Folder { path, shown });
    Ok(walk.finish())
}

fn open_folder(path: &Path) -> Result<PathBuf> {
    let folder = fs::canonicalize(path).map_err(|error| Error::io("list folder", path, error))?;
    if folder.is_dir() {
        Ok(folder)
    } else {
        Err(Error::io("list folder", path, io::ErrorKind::NotADirectory.into()))
    }
}

/// A place in the tree.
struct Folder {
    /// Without symbolic links.
    path: PathBuf,
    /// As the walk came to it.
    shown: PathBuf,
}

struct Entry {
    folder: Folder,
    is_dir: bool,
}

#[derive(Default)]
struct Walk {
    found: Discovery,
    /// What symbolic links led to, so that no loop is walked twice.
    linked: HashSet<PathBuf>,
}

impl Walk {
    fn project(&mut self, folder: &Folder) {
        for entry in self.entries(folder) {
            if !entry.is_dir {
                self.file(&entry.folder);
                continue;
            }
            let shown = entry.folder.shown.join("subagents");
            let agents = entry.folder.path.join("subagents");
            match fs::symlink_metadata(&agents).map(|metadata| metadata.file_type()) {
                Ok(kind) if kind.is_dir() => self.agents(&Folder { path: agents, shown }, MAX_DEPTH),
                Ok(kind) if kind.is_symlink() => {
                    if let Some(path) = self.resolve(&agents).filter(|path| path.is_dir()) {
                        self.agents(&Folder { path, shown }, MAX_DEPTH);
                    }
                }
                _ => {}
            }
        }
    }

    fn agents(&mut self, folder: &Folder, depth: usize) {
        for entry in self.entries(folder) {
            match (entry.is_dir, depth) {
                (true, 0) => {}
                (true, _) => self.agents(&entry.folder, depth - 1),
                (false, _) => self.file(&entry.folder),
            }
        }
    }

    fn file(&mut self, Folder { path, shown }: &Folder) {
        if shown.extension().is_none_or(|extension| extension != "jsonl") {
            return;
        }
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_file() => {
                self.found.files.push(SourceFile::new(path.clone(), shown, &metadata));
            }
            Ok(_) => {}
            Err(error) => self.fail("read", path, error),
        }
    }

    /// The entries of a folder; none when it is missing or may not be read. Symbolic links are resolved, each once.
    fn entries(&mut self, folder: &Folder) -> Vec<Entry> {
        let listed = match fs::read_dir(&folder.path) {
            Ok(listed) => listed,
            Err(error) => {
                self.fail("list folder", &folder.path, error);
                return Vec::new();
            }
        };
        let mut entries = Vec::new();
        for entry in listed {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    self.fail("list folder", &folder.path, error);
                    break;
                }
            };
            let Ok(kind) = entry.file_type() else { continue };
            let shown = folder.shown.join(entry.file_name());
            if !kind.is_symlink() {
                entries.push(Entry { folder: Folder { path: entry.path(), shown }, is_dir: kind.is_dir() });
            } else if let Some(path) = self.resolve(&entry.path()) {
                entries.push(Entry { is_dir: path.is_dir(), folder: Folder { path, shown } });
            }
        }
        entries
    }

    /// Where a symbolic link leads to; nothing when it leads nowhere, or where another one led.
    fn resolve(&mut self, link: &Path) -> Option<PathBuf> {
        fs::canonicalize(link).ok().filter(|path| self.linked.insert(path.clone()))
    }

    /// Notes what could not be looked at; what vanished since it was listed is just not there.
    fn fail(&mut self, verb: &str, path: &Path, error: io::Error) {
        if !is_gone(&error) {
            self.found.unreadable.push((path.to_owned(), Error::io(verb, path, error)));
        }
    }

    /// Oldest change first: a session comes before those that copied its lines.
    fn finish(mut self) -> Discovery {
        let files = &mut self.found.files;
        files.sort_by(|a, b| (a.stamp.modified_at_ns, &a.path).cmp(&(b.stamp.modified_at_ns, &b.path)));
        files.dedup_by(|a, b| a.path == b.path);
        self.found
    }
}

/// Whether a file or folder vanished since it was listed, or is a link to nothing.
fn is_gone(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}
