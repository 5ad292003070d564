//! Finding transcripts in folders.

use crate::layout::{FileType, Layout};
use han_base::{Error, Result};
use han_db::FileStamp;
use std::{
    collections::HashSet,
    fs::{self, Metadata},
    io,
    path::{Path, PathBuf},
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
        let path = fs::canonicalize(path).map_err(|error| Error::io("read", path, error))?;
        let metadata = fs::metadata(&path).map_err(|error| Error::io("read", &path, error))?;
        if !metadata.is_file() {
            let error = io::Error::new(io::ErrorKind::IsADirectory, "it is no regular file");
            return Err(Error::io("read", &path, error));
        }
        Ok(Self::new(path, &metadata))
    }

    fn new(path: PathBuf, metadata: &Metadata) -> Self {
        let layout = Layout::of(&path);
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

/// The transcripts of all projects of an agent's config folder, oldest change first. A folder without `projects` has
/// none; a missing folder is `FILE_NOT_FOUND`.
pub fn discover_config_dir(config_dir: &Path) -> Result<Vec<SourceFile>> {
    let config_dir = open_folder(config_dir)?;
    let mut walk = Walk::default();
    let projects = config_dir.join("projects");
    for entry in walk.entries(&projects)? {
        if entry.is_dir {
            walk.project(&entry.path)?;
        }
    }
    Ok(walk.finish())
}

/// The transcripts of one project's folder, oldest change first. A missing folder is `FILE_NOT_FOUND`, a file
/// `NOT_A_DIRECTORY`.
pub fn discover_project_dir(project_dir: &Path) -> Result<Vec<SourceFile>> {
    let project_dir = open_folder(project_dir)?;
    let mut walk = Walk::default();
    walk.project(&project_dir)?;
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

#[derive(Default)]
struct Walk {
    files: Vec<SourceFile>,
    /// Folders that symbolic links led to, so that no loop is walked twice.
    linked: HashSet<PathBuf>,
}

struct Entry {
    path: PathBuf,
    is_dir: bool,
}

impl Walk {
    fn project(&mut self, folder: &Path) -> Result<()> {
        for entry in self.entries(folder)? {
            if entry.is_dir {
                let agents = entry.path.join("subagents");
                if agents.is_dir() {
                    self.agents(&agents, MAX_DEPTH)?;
                }
            } else {
                self.file(&entry.path)?;
            }
        }
        Ok(())
    }

    fn agents(&mut self, folder: &Path, depth: usize) -> Result<()> {
        for entry in self.entries(folder)? {
            match (entry.is_dir, depth) {
                (true, 0) => {}
                (true, _) => self.agents(&entry.path, depth - 1)?,
                (false, _) => self.file(&entry.path)?,
            }
        }
        Ok(())
    }

    fn file(&mut self, path: &Path) -> Result<()> {
        if path.extension().is_none_or(|extension| extension != "jsonl") {
            return Ok(());
        }
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_file() => {
                self.files.push(SourceFile::new(path.to_owned(), &metadata));
            }
            Ok(_) => {}
            Err(error) if is_gone(&error) => {}
            Err(error) => return Err(Error::io("read", path, error)),
        }
        Ok(())
    }

    /// The entries of a folder; none when it is missing or may not be read. Symbolic links are resolved, each once.
    fn entries(&mut self, folder: &Path) -> Result<Vec<Entry>> {
        let listed = match fs::read_dir(folder) {
            Ok(listed) => listed,
            Err(error) if is_gone(&error) => return Ok(Vec::new()),
            Err(error) => return Err(Error::io("list folder", folder, error)),
        };
        let mut entries = Vec::new();
        for entry in listed {
            let entry = entry.map_err(|error| Error::io("list folder", folder, error))?;
            let Ok(kind) = entry.file_type() else { continue };
            if !kind.is_symlink() {
                entries.push(Entry { path: entry.path(), is_dir: kind.is_dir() });
            } else if let Ok(path) = fs::canonicalize(entry.path())
                && self.linked.insert(path.clone())
            {
                entries.push(Entry { is_dir: path.is_dir(), path });
            }
        }
        Ok(entries)
    }

    /// Oldest change first: a session comes before those that copied its lines.
    fn finish(mut self) -> Vec<SourceFile> {
        self.files.sort_by(|a, b| (a.stamp.modified_at_ns, &a.path).cmp(&(b.stamp.modified_at_ns, &b.path)));
        self.files.dedup_by(|a, b| a.path == b.path);
        self.files
    }
}

/// Whether a file or folder vanished since it was listed, or is a link to nothing.
fn is_gone(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}
