//! Giving transcripts back, byte for byte, from what was stored of them.
//!
//! Agents delete their transcripts after some weeks; the database keeps every byte that was indexed.

use super::{
    new_file::{NewFile, write_error},
    watch::{Observer, Watch},
};
use crate::{
    connection::{Purpose, connect},
    error::Attempt,
    open::Database,
    raw_blocks::RawBlockCache,
    transaction::Read,
};
use han_base::{Code, Error, Result};
use rusqlite::Connection;
use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::{self, Read as _, Write as _},
    path::{Component, Path, PathBuf},
    time::{Duration, SystemTime},
};

/// The folder of an agent's configuration that holds its transcripts.
const PROJECTS: &str = "projects";

/// Which transcripts are given back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RestoreOptions {
    /// Only those of these sessions, their agents' included; all when empty.
    pub session_ids: Vec<String>,
    /// Only those whose files are gone.
    pub only_missing: bool,
}

/// One transcript.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_from_js = false))]
pub struct RestoredTranscript {
    /// Its session.
    pub session_id: String,
    /// Where it was indexed.
    pub file_path: String,
    /// Where it is given back.
    pub restored_path: String,
    /// Its bytes.
    pub bytes: i64,
    /// `restored`; `unchanged` when the same bytes are there already; `failed`.
    #[cfg_attr(feature = "napi", napi(ts_type = "'restored' | 'unchanged' | 'failed'"))]
    pub status: String,
    /// Why it failed.
    pub error: Option<String>,
}

/// What was given back.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "napi", napi_derive::napi(object, object_from_js = false))]
pub struct RestoreReport {
    /// `partial` when it was cancelled; what was written until then stays, and is passed over the next time.
    #[cfg_attr(feature = "napi", napi(ts_type = "'complete' | 'partial'"))]
    pub status: String,
    /// The folder, absolute.
    pub folder: String,
    /// Each transcript that was chosen.
    pub transcripts: Vec<RestoredTranscript>,
    /// Transcripts that were written.
    pub files_restored: i64,
    /// Transcripts that were there already.
    pub files_unchanged: i64,
    /// Transcripts that could not be given back.
    pub files_failed: i64,
    /// Bytes that were written.
    pub bytes_restored: i64,
    /// Milliseconds.
    pub duration_ms: f64,
}

impl Database {
    /// Writes transcripts below `folder` as they were when they were last indexed, with the times of their last change. A
    /// file of other content that is in the place of one stays, and is a failure of that one only.
    ///
    /// What lay at `<configuration folder>/projects/…` comes to `<folder>/projects/…`, so that `folder` can be indexed like
    /// a configuration folder. Transcripts of a second configuration folder come to `<folder>/config-2/projects/…`, and so
    /// on; others to `<folder>/files/<number>/<name>`. No path leads out of the folder.
    ///
    /// Codes: `FILE_UNWRITABLE`, `NOT_A_DIRECTORY`; `SESSION_NOT_FOUND` for a session that was asked for and is unknown.
    pub fn restore_transcripts(
        &self,
        folder: &Path,
        options: &RestoreOptions,
        observer: &dyn Observer,
    ) -> Result<RestoreReport> {
        let watch = Watch::new(observer, format!("give transcripts back in {}", folder.display()));
        let folder = std::path::absolute(folder).map_err(|error| write_error(folder, error))?;
        let connection = connect(self.path(), Purpose::Read)?;
        let snapshot = connection.unchecked_transaction().attempt(|| watch.attempt())?;
        let chosen = chosen(&snapshot, options)?;
        make_folder(&folder)?;
        watch.begin("restore", "bytes", chosen.iter().map(|transcript| transcript.byte_length).sum());
        let mut report = RestoreReport {
            status: "complete".into(),
            folder: folder.to_string_lossy().into_owned(),
            ..RestoreReport::default()
        };
        let mut done = 0;
        for transcript in chosen {
            if watch.is_cancelled() {
                report.status = "partial".into();
                break;
            }
            let restored = restore(&snapshot, &folder, &transcript, &watch, done);
            done += transcript.byte_length;
            watch.at(done);
            watch.tell();
            match restored {
                Err(error) if error.code() == Code::Cancelled => {
                    report.status = "partial".into();
                    break;
                }
                // Nothing more can be written.
                Err(error) if error.code() == Code::DiskFull => return Err(error),
                restored => report.add(&folder, &transcript, restored),
            }
        }
        report.duration_ms = watch.elapsed_ms();
        Ok(report)
    }
}

impl RestoreReport {
    fn add(&mut self, folder: &Path, transcript: &Transcript, restored: Result<Outcome>) {
        let (status, error) = match restored {
            Ok(Outcome::Restored) => {
                self.files_restored += 1;
                self.bytes_restored += transcript.byte_length as i64;
                ("restored", None)
            }
            Ok(Outcome::Unchanged) => {
                self.files_unchanged += 1;
                ("unchanged", None)
            }
            Err(error) => {
                self.files_failed += 1;
                ("failed", Some(error.to_string()))
            }
        };
        self.transcripts.push(RestoredTranscript {
            session_id: transcript.session_id.clone(),
            file_path: transcript.file_path.clone(),
            restored_path: folder.join(&transcript.place).to_string_lossy().into_owned(),
            bytes: transcript.byte_length as i64,
            status: status.into(),
            error,
        });
    }
}

enum Outcome {
    Restored,
    Unchanged,
}

/// A transcript as the database knows it.
struct Transcript {
    row: i64,
    session_id: String,
    file_path: String,
    byte_length: u64,
    modified_at_ns: i64,
    is_missing: bool,
    /// Where it goes, below the folder.
    place: PathBuf,
}

/// The transcripts that were asked for, by path.
fn chosen(connection: &Connection, options: &RestoreOptions) -> Result<Vec<Transcript>> {
    let attempt = || "list the transcripts".to_owned();
    let mut transcripts: Vec<Transcript> = connection
        .prepare(
            "SELECT file.row_id, sessions.id, file.file_path, file.byte_offset, file.modified_at_ns, file.is_missing
             FROM session_files AS file JOIN sessions ON sessions.row_id = session_row_id ORDER BY file.file_path",
        )
        .and_then(|mut statement| {
            let transcript = |row: &rusqlite::Row<'_>| {
                Ok(Transcript {
                    row: row.get(0)?,
                    session_id: row.get(1)?,
                    file_path: row.get(2)?,
                    byte_length: row.get::<_, i64>(3)?.max(0) as u64,
                    modified_at_ns: row.get(4)?,
                    is_missing: row.get(5)?,
                    place: PathBuf::new(),
                })
            };
            statement.query_map([], transcript)?.collect()
        })
        .attempt(attempt)?;
    // All of them give the numbers of the configuration folders, so that a choice changes no path.
    let roots: BTreeSet<PathBuf> = transcripts
        .iter()
        .filter_map(|transcript| split(&transcript.file_path))
        .map(|(root, _)| root)
        .collect();
    let roots: Vec<PathBuf> = roots.into_iter().collect();
    for transcript in &mut transcripts {
        transcript.place = place(transcript, &roots);
    }
    if let Some(unknown) = options
        .session_ids
        .iter()
        .find(|id| !transcripts.iter().any(|transcript| transcript.session_id == **id))
    {
        return Err(Error::new(
            Code::SessionNotFound,
            format!("give back the transcripts of session {unknown}"),
        ));
    }
    transcripts.retain(|transcript| {
        (options.session_ids.is_empty() || options.session_ids.contains(&transcript.session_id))
            // The indexer notices on its next run only.
            && (!options.only_missing || transcript.is_missing || !Path::new(&transcript.file_path).exists())
    });
    Ok(transcripts)
}

/// A path as its configuration folder and what lies in that.
fn split(file_path: &str) -> Option<(PathBuf, PathBuf)> {
    let components: Vec<Component<'_>> = Path::new(file_path).components().collect();
    let at = components.iter().rposition(|component| component.as_os_str() == PROJECTS)?;
    let inside: PathBuf = components[at..].iter().collect();
    let is_plain = components[at..].iter().all(|component| matches!(component, Component::Normal(_)));
    (is_plain && components.len() > at + 1).then(|| (components[..at].iter().collect(), inside))
}

fn place(transcript: &Transcript, roots: &[PathBuf]) -> PathBuf {
    if let Some((root, inside)) = split(&transcript.file_path) {
        return match roots.iter().position(|known| *known == root) {
            Some(number) if number > 0 => Path::new(&format!("config-{}", number + 1)).join(inside),
            _ => inside,
        };
    }
    let name = Path::new(&transcript.file_path).file_name().unwrap_or("transcript.jsonl".as_ref());
    Path::new("files").join(transcript.row.to_string()).join(name)
}

/// Writes one transcript; `done` bytes of others came before.
fn restore(
    connection: &Connection,
    folder: &Path,
    transcript: &Transcript,
    watch: &Watch<'_>,
    done: u64,
) -> Result<Outcome> {
    let target = folder.join(&transcript.place);
    if let Some(parent) = target.parent() {
        make_folder(parent)?;
    }
    let mut pieces = Pieces::new(connection, transcript)?;
    if target.exists() {
        return if pieces.equal(&target)? {
            Ok(Outcome::Unchanged)
        } else {
            Err(Error::new(Code::FileExists, format!("write {}", target.display())))
        };
    }
    let (new_file, mut file) = NewFile::create(&target, false)?;
    let mut written = 0;
    while let Some(bytes) = pieces.next()? {
        watch.go_on()?;
        file.write_all(&bytes).map_err(|error| write_error(&target, error))?;
        written += bytes.len() as u64;
        watch.at(done + written);
        watch.tell();
    }
    if let Ok(nanoseconds) = u64::try_from(transcript.modified_at_ns) {
        let modified = SystemTime::UNIX_EPOCH + Duration::from_nanos(nanoseconds);
        file.set_modified(modified).map_err(|error| write_error(&target, error))?;
    }
    drop(file);
    new_file.place()?;
    Ok(Outcome::Restored)
}

/// The bytes of a transcript, block after block.
struct Pieces<'c> {
    read: Read<'c>,
    row: i64,
    blocks: std::vec::IntoIter<(u64, u64, u64)>,
    cache: RawBlockCache,
    at: u64,
    end: u64,
}

impl<'c> Pieces<'c> {
    fn new(connection: &'c Connection, transcript: &Transcript) -> Result<Self> {
        let read = Read::new(connection);
        let blocks = read.raw_blocks().hashes(transcript.row)?.into_iter();
        Ok(Self {
            read,
            row: transcript.row,
            blocks,
            cache: RawBlockCache::default(),
            at: 0,
            end: transcript.byte_length,
        })
    }

    /// The next block; none behind the last. A gap is `DB_CORRUPT`.
    fn next(&mut self) -> Result<Option<Vec<u8>>> {
        if self.at >= self.end {
            return Ok(None);
        }
        let length = self.blocks.next().map_or(self.end - self.at, |(_, length, _)| length);
        let length = length.clamp(1, self.end - self.at);
        let bytes = self.read.raw_blocks().read(&mut self.cache, self.row, self.at, length)?;
        self.at += length;
        Ok(Some(bytes))
    }

    /// Whether a file holds exactly these bytes.
    fn equal(&mut self, path: &Path) -> Result<bool> {
        let failed = |error| Error::io("read", path, error);
        let metadata = fs::metadata(path).map_err(failed)?;
        if !metadata.is_file() || metadata.len() != self.end {
            return Ok(false);
        }
        let mut file = File::open(path).map_err(failed)?;
        let mut there = Vec::new();
        while let Some(bytes) = self.next()? {
            there.resize(bytes.len(), 0);
            match file.read_exact(&mut there) {
                Ok(()) if there == bytes => {}
                Ok(()) => return Ok(false),
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(false),
                Err(error) => return Err(failed(error)),
            }
        }
        Ok(true)
    }
}

/// Makes a folder and those above it, for their owner only.
fn make_folder(folder: &Path) -> Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => {
            Error::new(Code::NotADirectory, format!("make folder {}", folder.display())).because(error)
        }
        _ => write_error(folder, error),
    })
}
