//! Work that does not block the JavaScript thread: our own thread pool, promises, jobs that can be cancelled and
//! that report progress.
//!
//! ```ignore
//! #[napi(ts_return_type = "Promise<ArchiveStats>")]
//! pub fn get_archive_stats_async<'env>(env: &'env Env, db_path: String) -> error::Result<PromiseRaw<'env, ArchiveStats>> {
//!     task::blocking(env, move || state::open(&db_path)?.stats())
//! }
//!
//! pub fn full_scan_and_index_async<'env>(
//!     env: &'env Env, db_path: String, options: Option<IndexOptions<'env>>,
//! ) -> error::Result<PromiseRaw<'env, IndexReport>> {
//!     let options = options.unwrap_or_default();
//!     task::job(env, options.job_id, options.on_progress, move |job| index(&db_path, job))
//! }
//! ```
//!
//! Why not the pool of the host: Node's has four threads and Bun's as many as there are cores, shared with file
//! system and DNS calls of the whole program; an index run of minutes must not sit in it.

use crate::error::{self, catch, from_napi, rejection};
use han_base::Code;
use napi::{
    Env, JsDeferred, JsValue, Status, ValueType,
    bindgen_prelude::{Function, PromiseRaw, ToNapiValue},
    threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode, UnknownReturnValue},
};
use napi_derive::napi;
use parking_lot::{Condvar, Mutex};
use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread::{self, ThreadId},
    time::{Duration, Instant},
};

// ---------------------------------------------------------------------------------------------------------------
// The two doors
// ---------------------------------------------------------------------------------------------------------------

/// Runs `work` on the pool and settles the returned promise with its answer.
///
/// An error rejects it with a real `Error` whose `code` is ours, and so does a panic (`[INTERNAL]`). The promise
/// keeps the event loop alive until it is settled. When the environment ends before (a worker thread that is
/// terminated), the answer is dropped.
pub(crate) fn blocking<T>(
    env: &Env,
    work: impl FnOnce() -> han_base::Result<T> + Send + 'static,
) -> error::Result<PromiseRaw<'_, T>>
where
    T: ToNapiValue + Send + 'static,
{
    promise(env, move |settlement| settlement.settle(catch(work)))
}

/// A JavaScript function that takes progress. Whatever it returns is ignored.
///
/// As the field of an options object it needs its TypeScript form spelled out:
/// `#[napi(ts_type = "(progress: IndexProgress) => void")]`.
pub(crate) type OnProgress<'env, P> = Function<'env, P, UnknownReturnValue>;

/// As [`blocking`], for long work: it can be cancelled with [`cancel_job`] under `job_id`, and is given a [`Job`] to
/// poll for that and to report progress on.
///
/// - `job_id`: a whole number from 1 to 2^53 - 1; another one rejects with `INVALID_ARGUMENT`, one that is in use by
///   a running job with `JOB_DUPLICATE`. `None`: cannot be cancelled by the caller.
/// - `on_progress`: called on the JavaScript thread, at most about 20 times per second, with the last report always
///   among the calls, and never after the promise is settled. When it throws, the job is cancelled, the function is
///   not called again, and the promise is rejected with exactly what was thrown; what the job finished is kept.
/// - Work whose environment ends is cancelled.
pub(crate) fn job<'env, T, P>(
    env: &'env Env,
    job_id: Option<f64>,
    on_progress: Option<OnProgress<'_, P>>,
    work: impl FnOnce(&Job<P>) -> han_base::Result<T> + Send + 'static,
) -> error::Result<PromiseRaw<'env, T>>
where
    T: ToNapiValue + Send + 'static,
    P: ToNapiValue + Send + 'static,
{
    let started = Registration::new(job_id)
        .and_then(|registration| Ok((registration, on_progress.map_or(Ok(None), Channel::new)?)));
    let (registration, channel) = match started {
        Ok(started) => started,
        Err(error) => return promise(env, move |settlement| settlement.settle(Err(error))),
    };
    promise(env, move |settlement| {
        let job = Job { cancelled: Arc::clone(&registration.cancelled), channel };
        let answer = catch(|| work(&job));
        // Before the promise is settled, so that a caller who awaited it can use the id again at once.
        drop(registration);
        match job.channel {
            Some(channel) => channel.finish(move |thrown| match thrown {
                Some(thrown) => settlement.reject(thrown),
                None => settlement.settle(answer),
            }),
            None => settlement.settle(answer),
        }
    })
}

/// What running work knows of its caller.
pub(crate) struct Job<P: ToNapiValue + Send + 'static> {
    cancelled: Arc<AtomicBool>,
    channel: Option<Channel<P>>,
}

impl<P: ToNapiValue + Send + 'static> Job<P> {
    /// Whether the caller wants no more of it. Costs one relaxed load; loops ask once per unit of work.
    #[must_use]
    pub(crate) fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed) || self.channel.as_ref().is_some_and(Channel::has_thrown)
    }

    /// Reports how far the work is. Never waits for JavaScript: what comes faster than it is taken is replaced by
    /// the next report, and the last one is always delivered. Free when nobody listens.
    pub(crate) fn report(&self, progress: P) {
        if let Some(channel) = &self.channel {
            channel.send(progress);
        }
    }
}

// ---------------------------------------------------------------------------------------------------------------
// Promises
// ---------------------------------------------------------------------------------------------------------------

type Resolver<T> = Box<dyn FnOnce(Env) -> napi::Result<T>>;

/// The duty to settle one promise, from any thread.
pub(crate) struct Settlement<T: ToNapiValue + Send + 'static>(JsDeferred<T, Resolver<T>>);

impl<T: ToNapiValue + Send + 'static> Settlement<T> {
    /// Resolves with the answer, or rejects with its error.
    pub(crate) fn settle(self, answer: han_base::Result<T>) {
        self.0.resolve(Box::new(move |env| answer.map_err(|error| rejection(env, &error))));
    }

    /// Rejects with an error that holds the JavaScript value to reject with.
    pub(crate) fn reject(self, thrown: napi::Error) {
        self.0.reject(thrown);
    }
}

/// Makes a promise. It keeps the event loop alive until it is settled, which any thread may do; where the environment
/// ended before, nothing happens.
pub(crate) fn unsettled<T>(env: &Env) -> error::Result<(Settlement<T>, PromiseRaw<'_, T>)>
where
    T: ToNapiValue + Send + 'static,
{
    let (deferred, promise) = env
        .create_deferred::<T, Resolver<T>>()
        .map_err(|error| error::thrown(&from_napi("create a promise", &error)))?;
    Ok((Settlement(deferred), PromiseRaw::new(env.raw(), promise.raw())))
}

/// Makes a promise and hands the duty to settle it to `body` on a thread of the pool.
fn promise<T>(
    env: &Env,
    body: impl FnOnce(Settlement<T>) + Send + 'static,
) -> error::Result<PromiseRaw<'_, T>>
where
    T: ToNapiValue + Send + 'static,
{
    let (settlement, promise) = unsettled(env)?;
    spawn(Box::new(move || body(settlement)));
    Ok(promise)
}

// ---------------------------------------------------------------------------------------------------------------
// Jobs that run
// ---------------------------------------------------------------------------------------------------------------

/// Largest whole number that JavaScript holds exactly.
const MAX_JOB_ID: f64 = 9_007_199_254_740_991.0;

/// A job id from a number of JavaScript.
fn job_id_of(number: f64) -> Option<u64> {
    (number.fract() == 0.0 && (1.0..=MAX_JOB_ID).contains(&number)).then_some(number as u64)
}

static NEXT_JOB_ID: AtomicU64 = AtomicU64::new(1);

static RUNNING: Mutex<Option<Running>> = Mutex::new(None);

/// Every job that waits or runs, in all environments of the process.
#[derive(Default)]
struct Running {
    next_serial: u64,
    jobs: HashMap<u64, Entry>,
}

struct Entry {
    id: Option<u64>,
    /// The JavaScript thread that started it.
    owner: ThreadId,
    cancelled: Arc<AtomicBool>,
}

fn with_running<T>(body: impl FnOnce(&mut Running) -> T) -> T {
    body(RUNNING.lock().get_or_insert_default())
}

/// The place of one job in [`RUNNING`]; freed when dropped.
struct Registration {
    serial: u64,
    cancelled: Arc<AtomicBool>,
}

impl Registration {
    /// Must be called on the JavaScript thread that starts the job.
    fn new(id: Option<f64>) -> han_base::Result<Self> {
        let id = match id {
            None => None,
            Some(number) => Some(job_id_of(number).ok_or_else(|| {
                let attempt = format!("take jobId = {number}: it is a whole number from 1 to 2^53 - 1");
                han_base::Error::new(Code::InvalidArgument, attempt)
            })?),
        };
        with_running(|running| {
            if let Some(id) = id
                && running.jobs.values().any(|entry| entry.id == Some(id))
            {
                return Err(han_base::Error::new(
                    Code::JobDuplicate,
                    format!("start a job with jobId = {id}"),
                ));
            }
            let serial = running.next_serial;
            running.next_serial += 1;
            let cancelled = Arc::new(AtomicBool::new(false));
            let entry = Entry { id, owner: thread::current().id(), cancelled: Arc::clone(&cancelled) };
            running.jobs.insert(serial, entry);
            Ok(Self { serial, cancelled })
        })
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        with_running(|running| running.jobs.remove(&self.serial));
    }
}

/// A job id that no running job of this process has: pass it as `jobId` in the options of an asynchronous function
/// and to `cancelJob`.
#[napi]
pub fn create_job_id() -> error::Result<f64> {
    error::guard(|| {
        with_running(|running| {
            loop {
                let id = NEXT_JOB_ID.fetch_add(1, Ordering::Relaxed);
                if running.jobs.values().all(|entry| entry.id != Some(id)) {
                    return Ok(id as f64);
                }
            }
        })
    })
}

/// Asks the job with this id to stop. It ends soon afterwards, keeps what it finished, and its promise is resolved
/// with an answer that says so (`status: 'partial'`). Returns false when no job with this id waits or runs.
#[napi]
pub fn cancel_job(job_id: f64) -> error::Result<bool> {
    error::guard(|| {
        with_running(|running| {
            let Some(id) = job_id_of(job_id) else { return Ok(false) };
            let entry = running.jobs.values().find(|entry| entry.id == Some(id));
            if let Some(entry) = entry {
                entry.cancelled.store(true, Ordering::Relaxed);
            }
            Ok(entry.is_some())
        })
    })
}

/// Cancels what the environment of this thread started, since nobody can take its answers any more.
pub(crate) fn cancel_jobs_of_this_thread() {
    let owner = thread::current().id();
    with_running(|running| {
        for entry in running.jobs.values().filter(|entry| entry.owner == owner) {
            entry.cancelled.store(true, Ordering::Relaxed);
        }
    });
}

// ---------------------------------------------------------------------------------------------------------------
// Progress
// ---------------------------------------------------------------------------------------------------------------

/// Shortest time between two progress calls, the last excepted.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(50);

/// Progress calls that may wait for the JavaScript thread at once, the last excepted.
const PROGRESS_IN_FLIGHT: u32 = 2;

/// A function that is called from other threads, does not keep the event loop alive and gets no error argument.
type ProgressFunction<P> = ThreadsafeFunction<P, UnknownReturnValue, P, Status, false, true>;

/// The way of progress from a job to a JavaScript function.
struct Channel<P: ToNapiValue + Send + 'static> {
    function: ProgressFunction<P>,
    pace: Mutex<Pace<P>>,
    delivery: Arc<Mutex<Delivery>>,
    thrown: Arc<AtomicBool>,
}

struct Pace<P> {
    next_call: Instant,
    /// The newest report that was not passed on yet.
    held_back: Option<P>,
}

/// What both threads know of the calls on their way.
#[derive(Default)]
struct Delivery {
    in_flight: u32,
    /// What the function threw; it is not called afterwards.
    thrown: Option<napi::Error>,
    /// What to do when the last call is back.
    finish: Option<Box<dyn FnOnce(Option<napi::Error>) + Send>>,
}

impl<P: ToNapiValue + Send + 'static> Channel<P> {
    /// `None` when the caller gave `null` or `undefined`.
    fn new(on_progress: OnProgress<'_, P>) -> han_base::Result<Option<Self>> {
        match on_progress.to_unknown().get_type() {
            Ok(ValueType::Function) => {}
            Ok(ValueType::Null | ValueType::Undefined) => return Ok(None),
            _ => {
                let attempt = "take onProgress: it is a function that takes one argument";
                return Err(han_base::Error::new(Code::InvalidArgument, attempt));
            }
        }
        let function = on_progress
            .build_threadsafe_function::<P>()
            .callee_handled::<false>()
            .weak::<true>()
            .build_callback(|call| Ok(call.value))
            .map_err(|error| from_napi("make onProgress callable from another thread", &error))?;
        Ok(Some(Self {
            function,
            pace: Mutex::new(Pace { next_call: Instant::now(), held_back: None }),
            delivery: Arc::default(),
            thrown: Arc::default(),
        }))
    }

    fn has_thrown(&self) -> bool {
        self.thrown.load(Ordering::Relaxed)
    }

    fn send(&self, progress: P) {
        let mut pace = self.pace.lock();
        let now = Instant::now();
        if now < pace.next_call || self.delivery.lock().in_flight >= PROGRESS_IN_FLIGHT {
            pace.held_back = Some(progress);
            return;
        }
        pace.next_call = now + PROGRESS_INTERVAL;
        pace.held_back = None;
        // Still under the lock of the pace: calls go out in the order of their reports.
        self.call(progress);
    }

    /// Queues one call. The queue of the host has no bound of its own, so this never waits; the bound is
    /// [`PROGRESS_IN_FLIGHT`].
    fn call(&self, progress: P) {
        if self.has_thrown() {
            return;
        }
        self.delivery.lock().in_flight += 1;
        let (delivery, thrown) = (Arc::clone(&self.delivery), Arc::clone(&self.thrown));
        let status = self.function.call_with_return_value(
            progress,
            ThreadsafeFunctionCallMode::NonBlocking,
            move |returned, _env| {
                if let Err(error) = returned {
                    thrown.store(true, Ordering::Relaxed);
                    delivery.lock().thrown.get_or_insert(error);
                }
                Delivery::came_back(&delivery);
                Ok(())
            },
        );
        if status != Status::Ok {
            // The environment is ending: nobody is there to be called.
            Delivery::came_back(&self.delivery);
        }
    }

    /// Sends what was held back, and runs `finish` with what the function threw, if it did, once all calls are back:
    /// on this thread when none is on its way, else on the JavaScript thread.
    fn finish(self, finish: impl FnOnce(Option<napi::Error>) + Send + 'static) {
        if let Some(last) = self.pace.lock().held_back.take() {
            self.call(last);
        }
        let mut delivery = self.delivery.lock();
        delivery.finish = Some(Box::new(finish));
        // Counts as a call, so that both ends of the last one meet in one place.
        delivery.in_flight += 1;
        drop(delivery);
        Delivery::came_back(&self.delivery);
    }
}

impl Delivery {
    fn came_back(delivery: &Mutex<Self>) {
        let mut state = delivery.lock();
        state.in_flight -= 1;
        if state.in_flight > 0 {
            return;
        }
        if let Some(finish) = state.finish.take() {
            let thrown = state.thrown.take();
            drop(state);
            finish(thrown);
        }
    }
}

// ---------------------------------------------------------------------------------------------------------------
// The pool
// ---------------------------------------------------------------------------------------------------------------

type Work = Box<dyn FnOnce() + Send>;

static POOL: Pool = Pool {
    state: Mutex::new(PoolState { queue: VecDeque::new(), threads: 0, idle: 0 }),
    work: Condvar::new(),
};

/// Threads that start when first needed and then wait for more. They belong to the process, not to an environment.
struct Pool {
    state: Mutex<PoolState>,
    work: Condvar,
}

struct PoolState {
    queue: VecDeque<Work>,
    threads: usize,
    idle: usize,
}

/// Upper bound of threads in the pool: one per core, at most 8.
pub(crate) fn max_threads() -> usize {
    thread::available_parallelism().map_or(1, usize::from).min(8)
}

/// Puts `work` in the queue and starts a thread for it when none is idle and there may be more.
///
/// Where the operating system allows not even one thread, the work is done at once on this one: slow, but right.
fn spawn(work: Work) {
    let mut state = POOL.state.lock();
    state.queue.push_back(work);
    if state.queue.len() <= state.idle {
        POOL.work.notify_one();
        return;
    }
    if state.threads < max_threads() {
        let name = format!("han-{}", state.threads);
        state.threads += 1;
        if thread::Builder::new().name(name).spawn(run_work).is_err() {
            state.threads -= 1;
        }
    }
    if state.threads == 0
        && let Some(work) = state.queue.pop_back()
    {
        drop(state);
        work();
    }
}

/// The life of a thread of the pool.
fn run_work() {
    let mut state = POOL.state.lock();
    loop {
        while let Some(work) = state.queue.pop_front() {
            drop(state);
            // The work itself is guarded; this keeps the thread alive should settling its promise panic. That can
            // only be an ending environment, where there is no one left to tell.
            let _ = catch(|| {
                work();
                Ok(())
            });
            state = POOL.state.lock();
        }
        state.idle += 1;
        POOL.work.wait(&mut state);
        state.idle -= 1;
    }
}
