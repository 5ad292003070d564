//! Tests that the rights of files bind.

use std::{panic::resume_unwind, thread};

/// Runs `test` on a thread that the rights of files bind: the user root may do everything.
///
/// # Panics
/// When `test` does.
pub fn as_ordinary_user(test: impl FnOnce() + Send) {
    thread::scope(|scope| {
        let thread = scope.spawn(|| {
            // SAFETY: it has no condition; on Linux it changes this thread and those it will start, no others.
            unsafe {
                if libc::geteuid() == 0 {
                    libc::setfsuid(65534);
                }
            }
            test();
        });
        if let Err(panic) = thread.join() {
            resume_unwind(panic);
        }
    });
}
