//! Walks whose files are pulled while they go on.

use super::{GlobOptions, Paths, paths_of};
use crate::{
    argument::whole,
    error::{self, guard},
    task,
};
use han_base::{Code, Error};
use han_glob::{FileStream, NextFiles};
use napi::{Env, bindgen_prelude::PromiseRaw};
use napi_derive::napi;
use parking_lot::Mutex;
use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{
        Arc, LazyLock,
        atomic::{AtomicU64, Ordering},
    },
    thread::{self, ThreadId},
};

/// Starts a walk as `globFiles` makes it, whose files are taken with `globNextFiles` while it goes on. Returns its number.
///
/// Its files come in no particular order; a limit counts in the order in which they are found. Codes: `INVALID_PATTERN`,
/// `INVALID_ARGUMENT`. What the walk itself fails with is told by `globNextFiles`.
#[napi]
pub fn open_glob(
    root_dir: String,
    #[napi(ts_arg_type = "Array<string>")] patterns: Vec<String>,
    options: Option<GlobOptions<'_>>,
) -> error::Result<f64> {
    guard(|| {
        let request = options.unwrap_or_default().request(&patterns)?;
        let head = request.head(&root_dir);
        let stream = FileStream::start(PathBuf::from(root_dir), request.patterns, request.walk)?;
        Ok(STREAMS.add(Stream { stream, head }))
    })
}

/// The next files of a walk; null when there are no more, or it was closed. Calls may overlap.
///
/// Codes: `INVALID_ARGUMENT` when there is no such walk; `FILE_NOT_FOUND`, `FILE_UNREADABLE`, `NOT_A_DIRECTORY`,
/// `IO_FAILED` for the root.
#[napi(ts_return_type = "Promise<Array<string> | null>")]
pub fn glob_next_files(env: &Env, walk: f64) -> error::Result<PromiseRaw<'_, Option<Paths>>> {
    let (id, found) = guard(|| {
        let id = whole("walk", walk)?;
        let unknown = || Error::new(Code::InvalidArgument, format!("take walk = {id}: there is none"));
        Ok((id, STREAMS.get(id).ok_or_else(unknown)?))
    })?;
    let (settlement, promise) = task::unsettled(env)?;
    let Stream { stream, head } = found;
    stream.next(Box::new(move |next| {
        settlement.settle(next.map(|next| match next {
            NextFiles::Files(files) => Some(paths_of(&files, head.as_deref())),
            NextFiles::End(_) | NextFiles::Over => {
                STREAMS.remove(id);
                None
            }
        }));
    }));
    Ok(promise)
}

/// Ends a walk; one that is at its end or was closed is none any more, which is no error.
#[napi]
pub fn close_glob(walk: f64) -> error::Result<()> {
    guard(|| {
        if let Some(open) = STREAMS.remove(whole("walk", walk)?) {
            open.stream.close();
        }
        Ok(())
    })
}

/// Ends the walks of an environment that ends.
pub(crate) fn close_globs_of_this_thread() {
    let this = thread::current().id();
    let ended: Vec<_> = STREAMS.open.lock().extract_if(|_, (owner, _)| *owner == this).collect();
    for (_, (_, open)) in ended {
        open.stream.close();
    }
}

/// A walk, and what goes before its paths.
#[derive(Clone)]
struct Stream {
    stream: Arc<FileStream>,
    head: Option<Arc<str>>,
}

/// The walks of all environments.
#[derive(Default)]
struct Streams {
    last: AtomicU64,
    open: Mutex<HashMap<u64, (ThreadId, Stream)>>,
}

static STREAMS: LazyLock<Streams> = LazyLock::new(Streams::default);

impl Streams {
    fn add(&self, stream: Stream) -> f64 {
        let id = self.last.fetch_add(1, Ordering::Relaxed) + 1;
        self.open.lock().insert(id, (thread::current().id(), stream));
        id as f64
    }

    fn get(&self, id: u64) -> Option<Stream> {
        self.open.lock().get(&id).map(|(_, stream)| stream.clone())
    }

    fn remove(&self, id: u64) -> Option<Stream> {
        self.open.lock().remove(&id).map(|(_, stream)| stream)
    }
}
