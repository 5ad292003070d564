//! Reading ahead: a thread of its own reads a stream of lines, at most [`READ_AHEAD`] batches ahead of who takes them.
//!
//! No thread of the pool does it, because one that waits for a pipe or a growing file would be missing there.

use super::text::TextLines;
use crate::error::catch;
use han_base::{Code, Error, Result};
use han_jsonl::{LineStream, Stop};
use parking_lot::{Condvar, Mutex};
use std::{collections::VecDeque, mem, sync::Arc, thread};

/// Batches that wait to be taken.
const READ_AHEAD: usize = 2;

/// Lines that follow each other.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) lines: TextLines,
    /// Whether a followed file was truncated or replaced before these lines.
    pub(super) restarted: bool,
}

/// What comes next.
pub(super) enum Next {
    Batch(Batch),
    /// Nothing any more. The source had so many lines; 0 when its end was not reached.
    End(u64),
}

/// Is called with what comes next, on any thread. Must not call the reading.
pub(super) type TakeNext = Box<dyn FnOnce(Result<Next>) + Send>;

/// Is called with the lines of the source, on any thread. Must not call the reading.
pub(super) type TakeCount = Box<dyn FnOnce(Result<u64>) + Send>;

/// A stream of lines that is read by a thread of its own.
pub(super) struct Reading {
    state: Mutex<State>,
    /// The thread may have something to do.
    wanted: Condvar,
    stop: Arc<Stop>,
}

#[derive(Default)]
struct State {
    /// Read but not taken; while some are, nobody waits.
    ready: VecDeque<Batch>,
    waiting: VecDeque<TakeNext>,
    counting: Option<TakeCount>,
    /// The stream, while the thread waits to be wanted: so that closing frees the file at once.
    idle: Option<LineStream>,
    end: Option<End>,
}

/// Why nothing more is read.
enum End {
    /// The source ended after so many lines.
    Reached(u64),
    /// Reading failed; the error, until somebody is told.
    Failed(Option<Error>),
    /// Nobody wants more.
    Closed,
}

impl Reading {
    /// Starts to read. `open` runs on the new thread; `stop` ends the waiting of a stream that follows its file.
    pub(super) fn start(
        stop: Arc<Stop>,
        open: impl FnOnce() -> Result<LineStream> + Send + 'static,
    ) -> Result<Arc<Self>> {
        let reading = Arc::new(Self { state: Mutex::default(), wanted: Condvar::new(), stop });
        let of_thread = Arc::clone(&reading);
        thread::Builder::new()
            .name("han-reader".to_owned())
            .spawn(move || of_thread.run(open))
            .map_err(|error| Error::new(Code::IoFailed, "start a thread that reads").because(error))?;
        Ok(reading)
    }

    /// Asks for what comes next; many may ask at once and are answered in their order.
    pub(super) fn next(&self, take: TakeNext) {
        let mut state = self.state.lock();
        if let Some(batch) = state.ready.pop_front() {
            self.wanted.notify_one();
            take(Ok(Next::Batch(batch)));
        } else if state.end.is_some() {
            take(state.outcome().map(Next::End));
        } else {
            state.waiting.push_back(take);
        }
    }

    /// Asks how many lines the source has in all, from where reading began. What is not taken yet is not given any more.
    ///
    /// Code: `INVALID_ARGUMENT` when another call waits for its answer, or when it is closed.
    pub(super) fn count_rest(&self, take: TakeCount) {
        let mut state = self.state.lock();
        if !state.waiting.is_empty() || state.counting.is_some() {
            take(Err(refused("another call waits for its answer")));
        } else if let Some(End::Closed) = state.end {
            take(Err(refused("it is closed")));
        } else if state.end.is_some() {
            take(state.outcome());
            state.close();
        } else {
            state.ready.clear();
            state.counting = Some(take);
            self.wanted.notify_one();
        }
    }

    /// Ends the reading. Who waits for a batch is given nothing, who waits for a count `CANCELLED`. The source is freed at
    /// once when the thread is ahead, else when the read that goes on is done.
    pub(super) fn close(&self) {
        let mut state = self.state.lock();
        state.close();
        let stream = state.idle.take();
        for take in mem::take(&mut state.waiting) {
            take(Ok(Next::End(0)));
        }
        if let Some(take) = state.counting.take() {
            take(Err(Error::new(Code::Cancelled, "count lines: the reader was closed")));
        }
        drop(state);
        drop(stream);
        self.stop.stop();
        self.wanted.notify_one();
    }

    /// The life of the thread.
    fn run(&self, open: impl FnOnce() -> Result<LineStream>) {
        let end = catch(|| self.read(open()?)).unwrap_or_else(|error| End::Failed(Some(error)));
        self.state.lock().finish(end);
    }

    /// Reads to the end, or until nobody wants more. The source is freed before anybody is told.
    fn read(&self, mut stream: LineStream) -> Result<End> {
        let spares = Arc::default();
        loop {
            let Some((wanted, want)) = self.wait_until_wanted(stream) else { return Ok(End::Closed) };
            stream = wanted;
            match want {
                Want::Count => return stream.count_rest().map(End::Reached),
                Want::Batch => match stream.next_batch()? {
                    Some(batch) => {
                        let lines = TextLines::in_spare(batch.lines, &spares);
                        self.state.lock().add(Batch { lines, restarted: batch.restarted });
                    }
                    None => return Ok(End::Reached(stream.lines_read())),
                },
            }
        }
    }

    /// Waits with the stream in reach of who closes the reading; `None` when that happened.
    fn wait_until_wanted(&self, stream: LineStream) -> Option<(LineStream, Want)> {
        let mut state = self.state.lock();
        state.idle = Some(stream);
        loop {
            if state.end.is_some() {
                return None;
            }
            if state.counting.is_some() {
                return state.idle.take().map(|stream| (stream, Want::Count));
            }
            if state.ready.len() < READ_AHEAD {
                return state.idle.take().map(|stream| (stream, Want::Batch));
            }
            self.wanted.wait(&mut state);
        }
    }
}

/// What the thread shall do.
enum Want {
    Batch,
    Count,
}

fn refused(why: &str) -> Error {
    Error::new(Code::InvalidArgument, format!("count the rest of a reader: {why}"))
}

impl State {
    fn close(&mut self) {
        self.end = Some(End::Closed);
        self.ready.clear();
    }

    fn add(&mut self, batch: Batch) {
        if self.end.is_some() || self.counting.is_some() {
            return;
        }
        match self.waiting.pop_front() {
            Some(take) => take(Ok(Next::Batch(batch))),
            None => self.ready.push_back(batch),
        }
    }

    /// Notes how the reading ended, and tells all who wait.
    fn finish(&mut self, end: End) {
        if self.end.is_some() {
            return;
        }
        self.end = Some(end);
        if let Some(take) = self.counting.take() {
            take(self.outcome());
            self.close();
        }
        for take in mem::take(&mut self.waiting) {
            take(self.outcome().map(Next::End));
        }
    }

    /// The lines of the source, or why reading failed, which is told only once.
    fn outcome(&mut self) -> Result<u64> {
        match &mut self.end {
            Some(End::Reached(lines)) => Ok(*lines),
            Some(End::Failed(error)) => error.take().map_or(Ok(0), Err),
            Some(End::Closed) | None => Ok(0),
        }
    }
}
