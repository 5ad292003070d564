//! Files that are pulled while the walk goes on.

use crate::{
    found::{FoundFile, Observer, WalkReport},
    options::WalkOptions,
    pattern::Patterns,
    walk::stream_files,
};
use han_base::{Code, Error, Result};
use std::{
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
};

/// Batches that wait to be taken; the walk waits before it makes more.
const READ_AHEAD: usize = 16;

/// What comes next.
#[derive(Debug)]
pub enum NextFiles {
    /// Some files, in no particular order.
    Files(Vec<FoundFile>),
    /// There are no more.
    End(WalkReport),
    /// The stream was closed, or has told its end before.
    Over,
}

/// Is called with what comes next, on any thread. Must not call the stream.
pub type TakeFiles = Box<dyn FnOnce(Result<NextFiles>) + Send>;

/// A walk on a thread of its own, a little ahead of who takes what it finds.
pub struct FileStream {
    state: Mutex<State>,
    /// A batch was taken, or nobody wants more.
    taken: Condvar,
}

#[derive(Default)]
struct State {
    /// Found but not taken; while some are, nobody waits.
    ready: VecDeque<Vec<FoundFile>>,
    waiting: VecDeque<TakeFiles>,
    end: Option<Result<WalkReport>>,
    is_over: bool,
}

impl FileStream {
    /// Starts a walk as [`crate::find_files`] makes it, its limit counting in the order in which files are found.
    ///
    /// Code: `IO_FAILED` when there can be no thread. What the walk itself fails with is told by [`FileStream::next`].
    pub fn start(root: PathBuf, patterns: Patterns, options: WalkOptions) -> Result<Arc<Self>> {
        let stream = Arc::new(Self { state: Mutex::default(), taken: Condvar::new() });
        let of_thread = Arc::clone(&stream);
        let run = move || {
            let walk =
                || stream_files(&root, &patterns, &options, &*of_thread, &|files| of_thread.add(files));
            let end = catch_unwind(AssertUnwindSafe(walk)).unwrap_or_else(|_| {
                Err(Error::new(Code::Internal, format!("look into {}: a panic", root.display())))
            });
            of_thread.finish(end);
        };
        thread::Builder::new()
            .name("han-glob".to_owned())
            .spawn(run)
            .map_err(|error| Error::new(Code::IoFailed, "start a thread that walks").because(error))?;
        Ok(stream)
    }

    /// Asks for what comes next; many may ask at once and are answered in their order.
    pub fn next(&self, take: TakeFiles) {
        let mut state = self.lock();
        let next = if let Some(files) = state.ready.pop_front() {
            self.taken.notify_all();
            Ok(NextFiles::Files(files))
        } else if let Some(end) = state.end.take() {
            state.is_over = true;
            end.map(NextFiles::End)
        } else if state.is_over {
            Ok(NextFiles::Over)
        } else {
            state.waiting.push_back(take);
            return;
        };
        drop(state);
        take(next);
    }

    /// Ends the walk. Who waits is told that it is over.
    pub fn close(&self) {
        let mut state = self.lock();
        state.is_over = true;
        state.ready.clear();
        state.end = None;
        let waiting = std::mem::take(&mut state.waiting);
        drop(state);
        self.taken.notify_all();
        for take in waiting {
            take(Ok(NextFiles::Over));
        }
    }

    fn add(&self, files: Vec<FoundFile>) {
        let mut state = self.lock();
        while state.ready.len() >= READ_AHEAD && !state.is_over {
            state = self.taken.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if state.is_over {
            return;
        }
        match state.waiting.pop_front() {
            Some(take) => {
                drop(state);
                take(Ok(NextFiles::Files(files)));
            }
            None => state.ready.push_back(files),
        }
    }

    fn finish(&self, end: Result<WalkReport>) {
        let mut state = self.lock();
        if state.is_over {
            return;
        }
        let mut waiting = std::mem::take(&mut state.waiting).into_iter();
        match waiting.next() {
            Some(first) => {
                state.is_over = true;
                drop(state);
                first(end.map(NextFiles::End));
                waiting.for_each(|take| take(Ok(NextFiles::Over)));
            }
            None => state.end = Some(end),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observer for FileStream {
    fn advanced(&self, _folders: u64, _matches: u64) {}

    fn is_cancelled(&self) -> bool {
        self.lock().is_over
    }
}
