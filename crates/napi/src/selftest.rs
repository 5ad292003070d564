//! Exports with which the tests reach every path of the job machinery. Built only with the feature `selftest`.

use crate::{
    error::{self, guard},
    task::{self, OnProgress},
};
use han_base::Code;
use napi::{Env, bindgen_prelude::PromiseRaw};
use napi_derive::napi;
use std::{
    thread,
    time::{Duration, Instant},
};

/// What `selftestCount` is to do.
#[napi(object, object_to_js = false)]
pub struct CountOptions<'env> {
    /// Id to cancel it by.
    pub job_id: Option<f64>,
    /// Called with the number of steps done.
    #[napi(ts_type = "(progress: CountProgress) => void")]
    pub on_progress: Option<OnProgress<'env, CountProgress>>,
    /// Milliseconds that a step takes; 0 when not given.
    pub step_ms: Option<f64>,
}

/// How far `selftestCount` is.
#[napi(object, object_from_js = false)]
pub struct CountProgress {
    /// Steps done.
    pub done: u32,
}

/// How `selftestCount` ended.
#[napi(object, object_from_js = false)]
pub struct CountReport {
    /// `complete`, or `partial` when cancelled.
    #[napi(ts_type = "'complete' | 'partial'")]
    pub status: String,
    /// Steps done.
    pub done: u32,
    /// Name of the thread that counted.
    pub thread: String,
    /// Milliseconds that the reports took, all together.
    pub report_ms: f64,
}

/// Counts to `steps` on the pool and reports after each.
#[napi]
pub fn selftest_count<'env>(
    env: &'env Env,
    steps: u32,
    options: Option<CountOptions<'env>>,
) -> error::Result<PromiseRaw<'env, CountReport>> {
    let (job_id, on_progress, step_ms) =
        options.map_or((None, None, None), |options| (options.job_id, options.on_progress, options.step_ms));
    task::job(env, job_id, on_progress, move |job| {
        let mut report = CountReport {
            status: "complete".to_owned(),
            done: 0,
            thread: thread::current().name().unwrap_or_default().to_owned(),
            report_ms: 0.0,
        };
        while report.done < steps {
            if job.is_cancelled() {
                "partial".clone_into(&mut report.status);
                break;
            }
            thread::sleep(Duration::from_secs_f64(step_ms.unwrap_or(0.0) / 1000.0));
            report.done += 1;
            let before = Instant::now();
            job.report(CountProgress { done: report.done });
            report.report_ms += before.elapsed().as_secs_f64() * 1000.0;
        }
        Ok(report)
    })
}

/// Fails with `code`, or panics when `code` is `"panic"`.
fn fail(code: &str) -> han_base::Result<u32> {
    assert!(code != "panic", "as asked");
    let code =
        Code::ALL.iter().find(|known| known.as_str() == code).copied().unwrap_or(Code::InvalidArgument);
    Err(han_base::Error::new(code, "fail as asked").because(std::io::Error::other("the cause")))
}

/// Throws an error with this code; `panic` panics.
#[napi]
pub fn selftest_throw(code: String) -> error::Result<u32> {
    guard(|| fail(&code))
}

/// Rejects with an error with this code; `panic` panics.
#[napi]
pub fn selftest_reject(env: &Env, code: String) -> error::Result<PromiseRaw<'_, u32>> {
    task::blocking(env, move || fail(&code))
}
