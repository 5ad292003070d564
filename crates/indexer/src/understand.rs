//! Reading a file and understanding its lines: everything that needs no database, so that it runs on many threads.

use crate::{
    batch::{Batch, Cursor, Event, id_of_line},
    calls::OpenCalls,
    effects::{Effect, Origin},
    han_events::referred_event,
    layout::{FileType, slug_of},
    plan::Task,
    rebook::StoredBytes,
    reply::new_reply,
    repositories::Repositories,
    source_reads::SourceReads,
};
use han_base::{Code, Error, Result};
use han_db::{Database, MessageId, NewBrokenLine, NewMessage, NewRawBlock, Place, SessionFile, Vocabulary};
use han_jsonl::{CHUNK_BYTES, Chunk, ChunkReader, Line, lines};
use han_transcript::{
    Block, FrustrationLevel, LineError, Record, RecordType, Speaker, TitleKind, judge, parse,
    parse_han_event, recover, split,
};
use std::{
    borrow::Cow,
    fs::File,
    io::{Read, Seek, SeekFrom},
    mem,
    ops::{ControlFlow, Range},
    sync::atomic::{AtomicBool, Ordering},
};
use xxhash_rust::xxh3::xxh3_64;

/// Characters of the first prompt that a session keeps.
const FIRST_PROMPT_CHARACTERS: usize = 200;

/// Bytes of a file from which on what they hold is handed over: more would be more memory, less more statements, and more
/// posting lists to join.
const BATCH_BYTES: u64 = 1024 * 1024;

/// What the reading threads of a run share.
pub(crate) struct Shared<'r> {
    pub(crate) database: &'r Database,
    pub(crate) reads: &'r SourceReads,
    pub(crate) repositories: &'r Repositories,
    /// Whether nobody waits for more.
    pub(crate) stop: &'r AtomicBool,
}

/// Reads a file from its cursor to its end and hands over what it holds, piece by piece, until `hand_over` breaks.
///
/// `vocabulary`: that of the thread's files before, when posting lists are made here, so that the writing thread need not.
pub(crate) fn understand<'t>(
    shared: &'t Shared<'_>,
    task: &'t Task,
    vocabulary: Option<&'t mut Vocabulary>,
    hand_over: impl FnMut(Event) -> ControlFlow<()>,
) {
    let mut reading = Reading::new(shared, task, vocabulary, hand_over);
    let read = match task.known.as_ref().filter(|_| task.is_stored()) {
        Some(known) => reading.run_stored(shared.database, known),
        None => reading.run_file(),
    };
    if let Err(error) = read {
        // Whether somebody still listens does not matter any more.
        let _ = (reading.hand_over)(Event::Failed(error));
    }
}

struct Reading<'t, H> {
    shared: &'t Shared<'t>,
    task: &'t Task,
    vocabulary: Option<&'t mut Vocabulary>,
    hand_over: H,
    /// Empty until a line told it.
    session_id: String,
    file_name: String,
    cursor: Cursor,
    batch: Batch,
    open_calls: OpenCalls,
    untimed: Untimed,
    project: Project,
    prompt_found: bool,
}

/// Which rows wait for the first time of the file.
#[derive(Default)]
struct Untimed {
    /// Those of this batch.
    in_batch: bool,
    /// Those of earlier batches, or of earlier runs.
    earlier: bool,
}

/// What the lines have told about the project's folder.
enum Project {
    Unknown,
    /// The first working directory; its name is not that of the transcripts' folder.
    Doubtful(String),
    /// A working directory that fits the folder's name.
    Known,
}

impl<'t, H: FnMut(Event) -> ControlFlow<()>> Reading<'t, H> {
    fn new(
        shared: &'t Shared<'_>,
        task: &'t Task,
        vocabulary: Option<&'t mut Vocabulary>,
        hand_over: H,
    ) -> Self {
        let known_session = task.known.as_ref().map(|known| known.session_id.clone());
        let cursor = task.start.clone();
        Self {
            shared,
            task,
            vocabulary,
            hand_over,
            session_id: known_session.or_else(|| task.file.layout.session_id.clone()).unwrap_or_default(),
            file_name: task.file.file_name(),
            batch: Batch::default(),
            open_calls: OpenCalls::default(),
            untimed: Untimed {
                earlier: cursor.byte_offset > 0 && cursor.last_timestamp_ms.is_none(),
                ..Untimed::default()
            },
            project: Project::Unknown,
            prompt_found: false,
            cursor,
        }
    }

    fn run_file(&mut self) -> Result<()> {
        let path = &self.task.file.path;
        let io_error = |error| Error::io("read", path, error);
        let mut file = File::open(path).map_err(io_error)?;
        file.seek(SeekFrom::Start(self.cursor.byte_offset)).map_err(io_error)?;
        self.run(self.shared.reads.of(&file))
    }

    /// Books stored bytes again. Rows before the first time of the file get that from the start: they cannot be told from
    /// rows that are stored already.
    fn run_stored(&mut self, database: &Database, known: &SessionFile) -> Result<()> {
        let path = &self.task.file.path;
        let mut chunks = ChunkReader::new(StoredBytes::new(database, known), 0);
        while let Some(chunk) = chunks.next_chunk().map_err(|error| Error::io("read", path, error))? {
            let (Chunk::Lines { bytes, .. } | Chunk::Tail { bytes, .. }) = chunk else { continue };
            let time_of = |line: Line<'_>| {
                let text = String::from_utf8_lossy(line.bytes);
                self.parse(strip_mark(&text)).ok()?.timestamp.map(han_base::Timestamp::as_millis)
            };
            self.cursor.last_timestamp_ms = lines(0, bytes).find_map(time_of);
            if self.cursor.last_timestamp_ms.is_some() {
                break;
            }
        }
        self.run(StoredBytes::new(database, known))
    }

    fn run(&mut self, source: impl Read) -> Result<()> {
        let path = &self.task.file.path;
        let io_error = |error| Error::io("read", path, error);
        let mut chunks = ChunkReader::new(source, self.cursor.byte_offset);
        // A known file is announced though nothing new may be in it, so that what it looks like is stored.
        let mut announced = self.task.known.is_some();
        if announced && self.announce()?.is_break() {
            return Ok(());
        }
        let mut long_line_start = 0;
        loop {
            let next = chunks.next_chunk().map_err(io_error);
            // What was read before an error stays.
            if next.is_err() && self.batch.bytes > 0 && self.flush(self.cursor.clone()).is_break() {
                return Ok(());
            }
            let Some(chunk) = next? else { break };
            if self.shared.stop.load(Ordering::Relaxed) {
                return Ok(());
            }
            let bytes = match chunk {
                Chunk::Lines { bytes, .. } => bytes,
                Chunk::Tail { bytes, .. } if self.is_whole_record(bytes) => bytes,
                Chunk::Tail { .. } => break,
                // Its end must be known before any of it is stored, since a line that is still being written waits.
                Chunk::LongLine { offset, bytes, first, last } => {
                    if first {
                        long_line_start = offset;
                    }
                    if last {
                        if !announced && !self.announce()?.is_continue() {
                            return Ok(());
                        }
                        announced = true;
                        if self.long_line(long_line_start, offset + bytes.len() as u64)?.is_break() {
                            return Ok(());
                        }
                    }
                    continue;
                }
            };
            if self.session_id.is_empty() {
                self.session_id = session_in(bytes).unwrap_or_default();
            }
            if !announced && !self.announce()?.is_continue() {
                return Ok(());
            }
            announced = true;
            self.piece(bytes)?;
            if self.batch.bytes >= BATCH_BYTES && self.flush(self.cursor.clone()).is_break() {
                return Ok(());
            }
        }
        self.end();
        Ok(())
    }

    /// Tells the session, or fails when nothing tells it.
    fn announce(&mut self) -> Result<ControlFlow<()>> {
        if self.session_id.is_empty() {
            return Err(Error::new(
                Code::SessionUnknown,
                format!("find the session of {}", self.task.file.path.display()),
            ));
        }
        Ok((self.hand_over)(Event::Session(self.session_id.clone())))
    }

    /// Whether an unterminated last line is complete all the same: many exports do not end in a newline.
    fn is_whole_record(&self, bytes: &[u8]) -> bool {
        std::str::from_utf8(bytes).is_ok_and(|text| self.parse(strip_mark(text)).is_ok())
    }

    fn parse<'l>(&self, line: &'l str) -> Result<Record<'l>, LineError> {
        match self.task.file.file_type {
            FileType::HanEvents => parse_han_event(line),
            FileType::Main | FileType::Agent => parse(line),
        }
    }

    /// Understands whole lines.
    fn piece(&mut self, bytes: &[u8]) -> Result<()> {
        let offset = self.cursor.byte_offset;
        // One check of the whole piece is quicker than one of each line.
        let text = simdutf8::basic::from_utf8(bytes).ok();
        let mut continues_line = self.cursor.is_inside_line();
        let lines_before = self.cursor.line_count;
        for line in lines(offset, bytes) {
            let number = if mem::take(&mut continues_line) {
                self.cursor.line_count.saturating_sub(1)
            } else {
                self.cursor.line_count += 1;
                self.cursor.line_count - 1
            };
            if line.is_blank() {
                continue;
            }
            match text {
                Some(text) => {
                    let start = (line.offset - offset) as usize;
                    self.line(&line, number, &text[start..start + line.bytes.len()]);
                }
                None => self.unchecked_line(&line, number),
            }
        }
        if !self.task.is_stored() {
            self.shared.reads.add_lines(self.cursor.line_count - lines_before);
            self.batch.raw_blocks.push(NewRawBlock::compress(offset, bytes)?);
        }
        self.batch.bytes += bytes.len() as u64;
        self.cursor.advance(bytes);
        Ok(())
    }

    /// Understands a line of a piece that is not UTF-8 as a whole: with replacement characters where it has to be.
    fn unchecked_line(&mut self, line: &Line<'_>, number: u64) {
        match String::from_utf8_lossy(line.bytes) {
            Cow::Borrowed(text) => self.line(line, number, text),
            Cow::Owned(text) => match self.parse(&text) {
                Ok(record) => {
                    let source = Source::of(line, number, 0..line.bytes.trim_ascii_end().len());
                    self.record(&record, &Source { is_text: false, ..source });
                    self.broken(line, number, Code::LineInvalidUtf8);
                }
                Err(error) => {
                    // A write that was torn inside a character leaves whole records beside it.
                    let mut recovered = false;
                    let mut at = 0;
                    for chunk in line.bytes.utf8_chunks() {
                        recovered |= self.recover(line, number, chunk.valid(), at);
                        at += chunk.valid().len() + chunk.invalid().len();
                    }
                    self.broken(line, number, if recovered { Code::LineRecovered } else { reason_of(error) });
                }
            },
        }
    }

    fn line(&mut self, line: &Line<'_>, number: u64, text: &str) {
        // Blanks and a carriage return belong to the end of a line and not to the record.
        let text = text.trim_ascii_end();
        let from = if line.offset == 0 { text.len() - strip_mark(text).len() } else { 0 };
        match self.parse(&text[from..]) {
            Ok(record) => self.record(&record, &Source::of(line, number, from..text.len())),
            Err(error) => {
                let recovered = self.recover(line, number, &text[from..], from);
                self.broken(line, number, if recovered { Code::LineRecovered } else { reason_of(error) });
            }
        }
    }

    /// Takes the whole records that torn writes and lost newlines left on a line that is none, from its part `text` at
    /// `at`; tells whether there are any.
    fn recover(&mut self, line: &Line<'_>, number: u64, text: &str, at: usize) -> bool {
        let records = self.batch.messages.len();
        let text = text.trim_ascii_end();
        let mut from = 0;
        while let Some((record, length)) = split(&text[from..]) {
            self.record(&record, &Source::of(line, number, at + from..at + from + length));
            from += length;
        }
        if let Some((skipped, record)) = recover(&text[from..]) {
            let start = from + skipped;
            self.record(&record, &Source::of(line, number, at + start..at + text.len()));
        }
        self.batch.messages.len() > records
    }

    fn broken(&mut self, line: &Line<'_>, line_number: u64, reason: Code) {
        self.batch.broken_lines.push(NewBrokenLine {
            byte_offset: line.offset,
            byte_length: line.bytes.len() as u64,
            line_number,
            reason,
        });
    }

    /// Keeps the bytes of a line that is too long to understand, in pieces, and records it.
    fn long_line(&mut self, start: u64, end: u64) -> Result<ControlFlow<()>> {
        let path = &self.task.file.path;
        let io_error = |error| Error::io("read", path, error);
        let line_number = self.cursor.line_count - u64::from(self.cursor.is_inside_line());
        self.batch.broken_lines.push(NewBrokenLine {
            byte_offset: start,
            byte_length: end - start - 1,
            line_number,
            reason: Code::LineTooLong,
        });
        if self.task.is_stored() {
            self.cursor.line_count = line_number + 1;
            self.cursor.byte_offset = end;
            self.cursor.tail = vec![b'\n'];
            return Ok(ControlFlow::Continue(()));
        }
        // The stored cursor stays before the line until all of it is stored.
        let before = self.cursor.clone();
        self.cursor.line_count = line_number + 1;
        let mut file = File::open(path).map_err(io_error)?;
        file.seek(SeekFrom::Start(start)).map_err(io_error)?;
        self.shared.reads.add_lines(1);
        let mut rest = self.shared.reads.of(file).take(end - start);
        let mut bytes = Vec::with_capacity(4 * CHUNK_BYTES);
        loop {
            bytes.clear();
            rest.by_ref().take(4 * CHUNK_BYTES as u64).read_to_end(&mut bytes).map_err(io_error)?;
            if bytes.is_empty() {
                return Ok(self.flush(self.cursor.clone()));
            }
            self.batch.raw_blocks.push(NewRawBlock::compress(self.cursor.byte_offset, &bytes)?);
            self.batch.bytes += bytes.len() as u64;
            self.cursor.advance(&bytes);
            if self.flush(before.clone()).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
    }

    /// Takes a record. A line that only refers to an event is the event; where that cannot be read, the line stands for it
    /// and is listed.
    fn record(&mut self, record: &Record<'_>, source: &Source<'_>) {
        let Some(reference) = record.reference.as_deref().filter(|_| record.data.is_none()) else {
            return self.own_record(record, source);
        };
        let text = referred_event(&self.task.file.path, &self.session_id, reference).unwrap_or_default();
        match parse_han_event(&text) {
            Ok(event) if event.reference.is_none() => {
                self.own_record(&event, &Source { is_text: false, ..*source });
            }
            _ => {
                self.own_record(record, source);
                self.batch.broken_lines.push(NewBrokenLine {
                    byte_offset: source.place.byte_offset,
                    byte_length: source.place.byte_length,
                    line_number: source.place.line_number,
                    reason: Code::LineReferenceUnresolved,
                });
            }
        }
    }

    /// Takes a record that stands for itself.
    fn own_record(&mut self, record: &Record<'_>, source: &Source<'_>) {
        let place = source.place;
        let timestamp_ms = record.timestamp.map(han_base::Timestamp::as_millis);
        if let Some(timestamp_ms) = timestamp_ms {
            self.first_time(timestamp_ms);
            self.cursor.last_timestamp_ms = Some(timestamp_ms);
        }
        let known_time = timestamp_ms.or(self.cursor.last_timestamp_ms);
        self.untimed.in_batch |= known_time.is_none();
        // A file without any time has that of its last change.
        let time = known_time.unwrap_or(self.task.file.stamp.modified_at_ns / 1_000_000);
        let agent_id = record.agent_id.as_deref().or(self.task.file.layout.agent_id.as_deref());
        let tokens = |count: Option<u64>| count.map(|count| count as i64);
        let usage = record.reply.as_ref().map(|reply| &reply.usage);
        let content = record.content().map(Cow::into_owned);
        self.facts(record, content.as_deref(), time);
        let line_hash = xxh3_64(source.bytes);
        let id = match &record.uuid {
            Some(uuid) => MessageId::new(uuid),
            None => id_of_line(&self.session_id, &self.file_name, place.byte_offset, line_hash),
        };
        let origin = Origin {
            message_id: &id,
            agent_id,
            timestamp_ms: time,
            line_number: place.line_number,
            byte_offset: source.is_text.then_some(place.byte_offset),
        };
        self.batch.replies.extend(new_reply(record, &origin, Some(place.byte_offset)));
        self.open_calls.take(record, &origin, &mut self.batch);
        self.batch.effects.extend(Effect::of_record(record, content.as_deref(), &origin));
        let sentiment = record.speech().as_deref().and_then(judge);
        self.batch.line_hashes.push(line_hash);
        self.batch.messages.push(NewMessage {
            id,
            agent_id: agent_id.map(str::to_owned),
            parent_id: record.parent_id().map(Cow::into_owned),
            message_type: record.record_type.as_str(),
            role: record.role.map(han_transcript::Role::as_str),
            speaker: record.speaker.map(Speaker::as_str),
            content,
            tool_name: record.tool_name().map(Cow::into_owned),
            tool_input: tool_input_place(record, source),
            tool_input_text: record.tool_input_text(),
            timestamp_ms: time,
            place,
            input_tokens: usage.and_then(|usage| tokens(usage.input)),
            output_tokens: usage.and_then(|usage| tokens(usage.output)),
            cache_read_tokens: usage.and_then(|usage| tokens(usage.cache_read)),
            cache_creation_tokens: usage.and_then(|usage| tokens(usage.cache_creation)),
            lines_added: None,
            lines_removed: None,
            files_changed: None,
            sentiment_score: sentiment.as_ref().map(|sentiment| sentiment.score),
            sentiment_level: sentiment.as_ref().map(|sentiment| sentiment.level.as_str()),
            frustration_score: sentiment.as_ref().and_then(|sentiment| sentiment.frustration_score),
            frustration_level: sentiment
                .as_ref()
                .and_then(|sentiment| sentiment.frustration_level.map(FrustrationLevel::as_str)),
        });
    }

    /// Gives the first time of the file to the rows before it.
    fn first_time(&mut self, timestamp_ms: i64) {
        if mem::take(&mut self.untimed.in_batch) {
            self.batch.set_time(timestamp_ms);
        }
        if mem::take(&mut self.untimed.earlier) {
            self.batch.first_timestamp_ms = Some(timestamp_ms);
        }
    }

    /// Collects what a record tells about its session.
    fn facts(&mut self, record: &Record<'_>, content: Option<&str>, time_ms: i64) {
        if let (Some(cwd), Project::Unknown | Project::Doubtful(_)) = (record.cwd.as_deref(), &self.project) {
            let folder = self.task.file.layout.project_slug.as_deref();
            if folder.is_none_or(|folder| slug_of(cwd) == folder) {
                self.batch.project_path = Some(cwd.to_owned());
                self.project = Project::Known;
            } else if matches!(self.project, Project::Unknown) {
                self.project = Project::Doubtful(cwd.to_owned());
            }
        }
        if self.task.file.file_type != FileType::Main {
            return;
        }
        let facts = &mut self.batch.facts;
        if facts.slug.is_none() {
            facts.slug = record.slug.as_deref().map(str::to_owned);
        }
        if let Some(title) = record.title.as_ref().filter(|title| !title.text.trim().is_empty()) {
            let rank = match title.kind {
                TitleKind::Custom => 3,
                TitleKind::Ai => 2,
                TitleKind::Summary => 1,
            };
            let known = facts.title.as_ref().map(|known| (known.1, facts.title_at_ms));
            if known.is_none_or(|known| (rank, time_ms) >= known) {
                facts.title = Some((title.text.trim().to_owned(), rank));
                facts.title_at_ms = time_ms;
            }
        }
        if !self.prompt_found
            && record.record_type == RecordType::User
            && record.speaker == Some(Speaker::User)
        {
            let prompt = content.map(first_characters).filter(|prompt| !prompt.is_empty());
            self.prompt_found = prompt.is_some();
            facts.first_prompt = prompt;
        }
    }

    /// Hands over what was collected; the file is indexed to `cursor` then.
    fn flush(&mut self, cursor: Cursor) -> ControlFlow<()> {
        if self.shared.stop.load(Ordering::Relaxed) {
            return ControlFlow::Break(());
        }
        self.untimed.earlier |= mem::take(&mut self.untimed.in_batch);
        self.open_calls.close(&mut self.batch);
        for path in [&self.batch.project_path, &self.batch.fallback_path].into_iter().flatten() {
            self.shared.repositories.look(path);
        }
        let mut batch = mem::take(&mut self.batch);
        batch.cursor = cursor;
        batch.postings = self
            .vocabulary
            .as_deref_mut()
            .map(|vocabulary| NewMessage::postings(batch.messages.iter(), vocabulary));
        (self.hand_over)(Event::Batch(Box::new(batch)))
    }

    /// The end of the file: hands over what is left. A working directory that does not fit the folder's name is better than none.
    fn end(&mut self) {
        if self.session_id.is_empty() {
            return;
        }
        if let Project::Doubtful(cwd) = mem::replace(&mut self.project, Project::Known) {
            self.batch.fallback_path = Some(cwd);
        }
        if self.batch.bytes > 0 || self.batch.fallback_path.is_some() {
            // Whether somebody still listens does not matter any more.
            let _ = self.flush(self.cursor.clone());
        }
    }
}

/// What a record was read from.
struct Source<'l> {
    place: Place,
    /// The bytes there.
    bytes: &'l [u8],
    /// Whether the text of the record is those bytes, so that places in it are places in the file.
    is_text: bool,
}

impl<'l> Source<'l> {
    /// A part of a line.
    fn of(line: &Line<'l>, line_number: u64, part: Range<usize>) -> Self {
        let byte_offset = line.offset + part.start as u64;
        let place = Place { byte_offset, byte_length: part.len() as u64, line_number };
        Self { place, bytes: &line.bytes[part], is_text: true }
    }
}

/// Where the input of the first tool call stands in what its record was read from.
fn tool_input_place(record: &Record<'_>, source: &Source<'_>) -> Option<(u64, u64)> {
    let input = record.blocks.iter().find_map(|block| match block {
        Block::ToolUse { input, .. } => *input,
        _ => None,
    })?;
    // Where the bytes of the file are others, no place tells it.
    let place = record.place_of(input).filter(|_| source.is_text)?;
    Some((place.start as u64, input.len() as u64))
}

fn reason_of(error: LineError) -> Code {
    match error {
        LineError::NotJson { .. } => Code::LineNotJson,
        LineError::NotRecord => Code::LineNotRecord,
    }
}

/// The session that the first lines with one tell.
fn session_in(bytes: &[u8]) -> Option<String> {
    lines(0, bytes).find_map(|line| {
        let text = String::from_utf8_lossy(line.bytes);
        let record = parse(strip_mark(&text)).ok()?;
        record.session_id.as_deref().filter(|id| !id.is_empty()).map(str::to_owned)
    })
}

/// Leaves out the byte order mark that a file may begin with.
fn strip_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

/// The beginning of a prompt on one line.
fn first_characters(text: &str) -> String {
    let mut short = String::new();
    for word in text.split_whitespace() {
        if !short.is_empty() {
            short.push(' ');
        }
        short.push_str(word);
        if let Some((end, _)) = short.char_indices().nth(FIRST_PROMPT_CHARACTERS) {
            short.truncate(end);
            break;
        }
    }
    short
}
