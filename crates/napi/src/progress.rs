//! Progress that several threads report.

use crate::task::Job;
use napi::bindgen_prelude::ToNapiValue;
use parking_lot::Mutex;
use std::time::Instant;

/// Reports of one job, of which none shows less than the one before.
pub(crate) struct Reports<'j, P: ToNapiValue + Send + 'static> {
    job: &'j Job<P>,
    started: Instant,
    /// Held while reporting.
    reporting: Mutex<()>,
}

impl<'j, P: ToNapiValue + Send + 'static> Reports<'j, P> {
    pub(crate) fn new(job: &'j Job<P>) -> Self {
        Self { job, started: Instant::now(), reporting: Mutex::new(()) }
    }

    /// Reports what is given for the milliseconds since the work began.
    pub(crate) fn send(&self, progress: impl FnOnce(f64) -> P) {
        let _reporting = self.reporting.lock();
        self.send_alone(progress);
    }

    /// As [`Reports::send`], unless another thread reports: then this one works on.
    pub(crate) fn send_unless_busy(&self, progress: impl FnOnce(f64) -> P) {
        if let Some(_reporting) = self.reporting.try_lock() {
            self.send_alone(progress);
        }
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.job.is_cancelled()
    }

    fn send_alone(&self, progress: impl FnOnce(f64) -> P) {
        self.job.report(progress(self.started.elapsed().as_secs_f64() * 1000.0));
    }
}
