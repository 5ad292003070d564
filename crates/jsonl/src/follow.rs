//! Reading a file while it grows, as `tail -F` does.

use crate::FileState;
use han_base::{Code, Error, Result};
use std::{
    fs::{self, File},
    io::{self, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
    sync::{Arc, Condvar, Mutex, PoisonError},
    time::Duration,
};

/// How often a file is looked at that did not grow.
const PAUSE: Duration = Duration::from_millis(100);

/// Ends the waiting of a reader that follows a file, from another thread.
#[derive(Debug, Default)]
pub struct Stop {
    stopped: Mutex<bool>,
    wake: Condvar,
}

impl Stop {
    /// Ends the waiting, now and for good.
    pub fn stop(&self) {
        *self.stopped.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.wake.notify_all();
    }

    /// Waits for a while, or until it is stopped; answers whether it is.
    fn wait(&self, pause: Duration) -> bool {
        let stopped = self.stopped.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.wake.wait_timeout_while(stopped, pause, |stopped| !*stopped);
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }
}

/// A file that is read to its end and then waited for.
///
/// Reading ends (with 0 bytes) when it is stopped, and when the file was truncated or replaced: [`Follower::reopen`]
/// tells which, and goes on at the head of the new one. A file that is removed is waited for until one of its name is
/// there again. Where the system does not number files (Windows), a file that is replaced by one that is not shorter
/// is not noticed.
#[derive(Debug)]
pub(crate) struct Follower {
    path: PathBuf,
    file: File,
    position: u64,
    stop: Arc<Stop>,
    is_stopped: bool,
}

impl Follower {
    pub(crate) fn open(path: &Path, position: u64, stop: Arc<Stop>) -> Result<Self> {
        let failed = |error| Error::io("open", path, error);
        // Before opening: to open a pipe would wait for its other end.
        if !fs::metadata(path).map_err(failed)?.is_file() {
            return Err(Error::new(
                Code::NotAFile,
                format!("follow {}: it is no regular file", path.display()),
            ));
        }
        let mut file = File::open(path).map_err(failed)?;
        file.seek(SeekFrom::Start(position)).map_err(failed)?;
        Ok(Self { path: path.to_owned(), file, position, stop, is_stopped: false })
    }

    /// After reading ended: goes on at the head of the file that is at the path now; answers `false` when it was
    /// stopped instead.
    pub(crate) fn reopen(&mut self) -> Result<bool> {
        while !self.is_stopped {
            match Self::open(&self.path, 0, Arc::clone(&self.stop)) {
                Ok(follower) => {
                    *self = follower;
                    return Ok(true);
                }
                // It was removed between the two looks: another one will come.
                Err(error) if error.code() == Code::FileNotFound => self.is_stopped = self.stop.wait(PAUSE),
                Err(error) => return Err(error),
            }
        }
        Ok(false)
    }

    /// Whether another file, or a shorter state of this one, has to be read instead.
    fn has_other_content(&self) -> io::Result<bool> {
        let open = FileState::of(&self.file.metadata()?);
        if open.size < self.position {
            return Ok(true);
        }
        match fs::metadata(&self.path) {
            Ok(there) => Ok(there.is_file() && !FileState::of(&there).is_same_file(&open)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }
}

impl Read for Follower {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let mut count = self.file.read(buffer)?;
            if count == 0 && self.has_other_content()? {
                // What was written between the two looks.
                count = self.file.read(buffer)?;
                if count == 0 {
                    return Ok(0);
                }
            }
            if count > 0 {
                self.position += count as u64;
                return Ok(count);
            }
            self.is_stopped = self.stop.wait(PAUSE);
            if self.is_stopped {
                return Ok(0);
            }
        }
    }
}
