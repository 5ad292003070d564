//! Orchestrations: runs of many hooks together. Functions without a `dbPath` mean the database of
//! `withDatabase`, else the `han.db` that was used last.

use crate::{
    error::{self, guard},
    state,
};
use han_db::{HookExecution, Orchestration, OrchestrationInput, OrchestrationUpdate};
use napi_derive::napi;

/// Begins an orchestration. What runs for its session is cancelled before, with the hooks that have not ended. An
/// unknown `sessionId` is `DB_CONSTRAINT`.
#[napi]
pub fn create_orchestration(input: OrchestrationInput) -> error::Result<Orchestration> {
    guard(|| state::current()?.write(|write| write.orchestrations().create(&input)))
}

/// The orchestration with this id; null when there is none.
#[napi]
pub fn get_orchestration(id: String) -> error::Result<Option<Orchestration>> {
    guard(|| state::current()?.read(|read| read.orchestrations().get(&id)))
}

/// Changes what is given of an orchestration; an unknown id changes nothing. The statuses `completed`, `failed` and
/// `cancelled` end it now.
#[napi]
pub fn update_orchestration(update: OrchestrationUpdate) -> error::Result<()> {
    guard(|| state::current()?.write(|write| write.orchestrations().update(&update)))
}

/// Cancels an orchestration that runs, and its hooks that have not ended; an unknown id changes nothing.
#[napi]
pub fn cancel_orchestration(id: String) -> error::Result<()> {
    guard(|| state::current()?.write(|write| write.orchestrations().cancel(&id)))
}

/// The hooks of an orchestration, whatever their status, in order of arrival.
#[napi]
pub fn get_orchestration_hooks(orchestration_id: String) -> error::Result<Vec<HookExecution>> {
    guard(|| state::current()?.read(|read| read.hook_executions().list_of_orchestration(&orchestration_id)))
}
