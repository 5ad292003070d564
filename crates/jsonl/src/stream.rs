//! Reading lines one batch after the other, from a file, a pipe or the standard input.

use crate::{
    CUT_LINE_BYTES, Chunk, ChunkReader, Filter, LineBatch, Stop,
    batch::cut_line,
    file::read_failed,
    follow::Follower,
    line::{LineCounter, count_lines_in, lines},
};
use han_base::{Error, Result};
use std::{
    collections::VecDeque,
    fmt,
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
    sync::Arc,
};

/// Which lines a [`LineStream`] gives, and in what portions.
#[derive(Clone, Debug)]
pub struct StreamOptions {
    /// Lines in a batch at most.
    pub batch_lines: usize,
    /// Bytes of content after which a batch ends.
    pub batch_bytes: usize,
    /// Only matching lines; a line that is longer than [`crate::MAX_LINE_BYTES`] never matches.
    pub filter: Option<Filter>,
    /// Whether blank lines are given too.
    pub with_blank: bool,
    /// Where to begin: the start of a line.
    pub start_offset: u64,
    /// The number of the line at `start_offset`.
    pub start_line: u64,
}

impl Default for StreamOptions {
    fn default() -> Self {
        Self {
            batch_lines: 1000,
            batch_bytes: 1024 * 1024,
            filter: None,
            with_blank: false,
            start_offset: 0,
            start_line: 0,
        }
    }
}

/// Some lines of a stream.
#[derive(Clone, Debug, Default)]
pub struct StreamBatch {
    /// The lines.
    pub lines: LineBatch,
    /// Whether a followed file was truncated or replaced before these lines, which then count from its new head.
    pub restarted: bool,
}

/// Lines of a source, in batches. Reads no more of the source than the batches that were asked for need.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("a.jsonl");
/// # std::fs::write(&path, "{\"a\":1}\n\n{\"b\":2}")?;
/// use han_jsonl::{LineStream, StreamOptions};
///
/// let mut stream = LineStream::open(&path, StreamOptions::default())?;
/// while let Some(batch) = stream.next_batch()? {
///     let found: Vec<_> = batch.lines.iter().map(|line| (line.number, line.bytes)).collect();
///     assert_eq!(found, [(0, &b"{\"a\":1}"[..]), (2, b"{\"b\":2}")]);
/// }
/// assert_eq!(stream.lines_read(), 3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct LineStream {
    name: PathBuf,
    chunks: ChunkReader<Source>,
    selection: Selection,
    portions: Portions,
    /// The number of the line that is read next.
    number: u64,
    /// Lines of former states of a followed file.
    lines_before_restart: u64,
    long_line: Option<LongLine>,
    /// Whether reading may wait for someone to write, so that lines are given as soon as they are there.
    may_wait: bool,
    at_end: bool,
}

impl LineStream {
    /// Reads a file, or anything else with a path that can be read from head to end, such as a named pipe.
    ///
    /// Codes: [`han_base::Code::FileNotFound`], [`han_base::Code::FileUnreadable`], [`han_base::Code::NotAFile`] for a folder; later
    /// [`han_base::Code::FileChanged`] when the file became shorter than what was read of it.
    pub fn open(path: &Path, options: StreamOptions) -> Result<Self> {
        let failed = |error| Error::io("open", path, error);
        let mut file = File::open(path).map_err(failed)?;
        let metadata = file.metadata().map_err(failed)?;
        if metadata.is_dir() {
            return Err(failed(io::ErrorKind::IsADirectory.into()));
        }
        if options.start_offset > 0 {
            file.seek(SeekFrom::Start(options.start_offset)).map_err(failed)?;
        }
        let source = if metadata.is_file() {
            Source::File { file, position: options.start_offset }
        } else {
            Source::Pipe(Pipe(Box::new(file)))
        };
        Ok(Self::new(path, source, options))
    }

    /// Reads a file and then waits for what is appended to it, until `stop` is given. When the file is truncated or
    /// replaced, the new one is read from its head. An unterminated last line is waited for.
    ///
    /// Codes: as [`LineStream::open`]; [`han_base::Code::NotAFile`] for anything that is no regular file.
    pub fn follow(path: &Path, options: StreamOptions, stop: Arc<Stop>) -> Result<Self> {
        let follower = Follower::open(path, options.start_offset, stop)?;
        Ok(Self::new(path, Source::Followed(follower), options))
    }

    /// Reads the standard input of this process.
    #[must_use]
    pub fn stdin(options: StreamOptions) -> Self {
        Self::new(Path::new("the standard input"), Source::Pipe(Pipe(Box::new(io::stdin()))), options)
    }

    fn new(name: &Path, source: Source, options: StreamOptions) -> Self {
        Self {
            name: name.to_owned(),
            may_wait: !matches!(source, Source::File { .. }),
            chunks: ChunkReader::new(source, options.start_offset),
            number: options.start_line,
            lines_before_restart: 0,
            long_line: None,
            at_end: false,
            selection: Selection {
                filter: options.filter,
                with_blank: options.with_blank,
                nothing: false,
                start_line: options.start_line,
            },
            portions: Portions {
                lines: options.batch_lines.max(1),
                bytes: options.batch_bytes,
                current: StreamBatch::default(),
                full: VecDeque::new(),
            },
        }
    }

    /// The next lines; `None` at the end. What a pipe or a followed file holds is given before more is waited for.
    pub fn next_batch(&mut self) -> Result<Option<StreamBatch>> {
        loop {
            if let Some(batch) = self.portions.next(self.may_wait || self.at_end) {
                return Ok(Some(batch));
            }
            if self.at_end {
                return Ok(None);
            }
            self.read_chunk()?;
        }
    }

    /// How many lines were read from the source so far, blank ones included.
    #[must_use]
    pub fn lines_read(&self) -> u64 {
        self.lines_before_restart + self.number - self.selection.start_line
    }

    /// Reads on to the end, or until a followed file is stopped, without giving lines; answers
    /// [`LineStream::lines_read`].
    pub fn count_rest(&mut self) -> Result<u64> {
        self.selection.nothing = true;
        while !self.at_end {
            self.read_chunk()?;
        }
        self.portions.clear();
        Ok(self.lines_read())
    }

    fn read_chunk(&mut self) -> Result<()> {
        let chunk = match self.chunks.next_chunk() {
            Ok(Some(chunk)) => chunk,
            Ok(None) => return self.end_or_restart(),
            Err(error) => return Err(read_failed(&self.name, error)),
        };
        match chunk {
            Chunk::Lines { offset, bytes } | Chunk::Tail { offset, bytes } => {
                self.number = self.selection.take(offset, bytes, self.number, &mut self.portions);
            }
            Chunk::LongLine { offset, bytes, last, .. } => {
                let long_line = self.long_line.get_or_insert_with(|| LongLine::at(offset));
                long_line.add(bytes);
                if last {
                    self.end_long_line(1);
                }
            }
        }
        Ok(())
    }

    /// Gives a long line, which ends with `newline` bytes that do not belong to it.
    fn end_long_line(&mut self, newline: u64) {
        let Some(line) = self.long_line.take() else { return };
        if self.selection.takes_long_lines() {
            let head = cut_line(&line.head);
            let omitted = line.length - newline - head.len() as u64;
            self.portions.push(|batch| batch.push_cut(self.number, line.offset, head, omitted));
        }
        self.number += 1;
    }

    fn end_or_restart(&mut self) -> Result<()> {
        self.end_long_line(0);
        self.at_end = match self.chunks.source() {
            Source::Pipe(_) => true,
            Source::File { file, position } => {
                let size = file.metadata().map_err(|error| read_failed(&self.name, error))?.len();
                if size < *position {
                    return Err(read_failed(&self.name, io::ErrorKind::UnexpectedEof.into()));
                }
                true
            }
            Source::Followed(follower) => !follower.reopen()?,
        };
        if !self.at_end {
            self.lines_before_restart = self.lines_read();
            self.selection.start_line = 0;
            self.number = 0;
            self.chunks.restart();
            self.portions.restart();
        }
        Ok(())
    }
}

/// Where a stream comes from.
#[derive(Debug)]
enum Source {
    File { file: File, position: u64 },
    Followed(Follower),
    Pipe(Pipe),
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::File { file, position } => {
                let count = file.read(buffer)?;
                *position += count as u64;
                Ok(count)
            }
            Self::Followed(follower) => follower.read(buffer),
            Self::Pipe(pipe) => pipe.0.read(buffer),
        }
    }
}

/// Anything that is read from head to end.
struct Pipe(Box<dyn Read + Send>);

impl fmt::Debug for Pipe {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Pipe")
    }
}

/// Which lines are given.
#[derive(Debug)]
struct Selection {
    filter: Option<Filter>,
    with_blank: bool,
    /// Lines are only counted.
    nothing: bool,
    start_line: u64,
}

impl Selection {
    /// Gives what is wanted of whole lines, of which the first has `number`; answers the number of the line behind.
    fn take(&self, offset: u64, bytes: &[u8], number: u64, portions: &mut Portions) -> u64 {
        if self.nothing {
            return number + count_lines_in(bytes);
        }
        if let Some(filter) = &self.filter {
            let mut counter = LineCounter::new(bytes);
            for line in filter.matching_lines(bytes) {
                let number = number + counter.lines_before(line.start);
                portions.push(|batch| batch.push(number, offset + line.start as u64, &bytes[line]));
            }
            return number + counter.total();
        }
        let mut number = number;
        for line in lines(offset, bytes) {
            if self.with_blank || !line.is_blank() {
                portions.push(|batch| batch.push(number, line.offset, line.bytes));
            }
            number += 1;
        }
        number
    }

    fn takes_long_lines(&self) -> bool {
        !self.nothing && self.filter.is_none()
    }
}

/// The lines given so far, divided into batches.
#[derive(Debug)]
struct Portions {
    lines: usize,
    bytes: usize,
    current: StreamBatch,
    full: VecDeque<StreamBatch>,
}

impl Portions {
    fn push(&mut self, line: impl FnOnce(&mut LineBatch)) {
        let batch = &mut self.current.lines;
        line(batch);
        if batch.len() >= self.lines || batch.content_bytes() >= self.bytes {
            self.full.push_back(std::mem::take(&mut self.current));
        }
    }

    /// The next full batch; or one with what there is, when `even_partial`.
    fn next(&mut self, even_partial: bool) -> Option<StreamBatch> {
        self.full.pop_front().or_else(|| {
            (even_partial && !self.current.lines.is_empty()).then(|| std::mem::take(&mut self.current))
        })
    }

    /// What follows comes from a new file.
    fn restart(&mut self) {
        if !self.current.lines.is_empty() {
            self.full.push_back(std::mem::take(&mut self.current));
        }
        self.current.restarted = true;
    }

    fn clear(&mut self) {
        self.full.clear();
        self.current = StreamBatch::default();
    }
}

/// A line that comes in parts.
#[derive(Debug)]
struct LongLine {
    offset: u64,
    /// The beginning that is kept.
    head: Vec<u8>,
    length: u64,
}

impl LongLine {
    fn at(offset: u64) -> Self {
        Self { offset, head: Vec::new(), length: 0 }
    }

    fn add(&mut self, part: &[u8]) {
        let wanted = part.len().min(CUT_LINE_BYTES - self.head.len());
        self.head.extend_from_slice(&part[..wanted]);
        self.length += part.len() as u64;
    }
}
