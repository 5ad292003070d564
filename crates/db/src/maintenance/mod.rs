//! Keeping a database well: backup, integrity and repair, sizes, vacuum, checkpoint, export, and giving transcripts back.
//!
//! What reads much does so on a connection of its own and from one snapshot: nobody waits for it, and it sees one committed
//! state. Meanwhile the write-ahead log cannot be emptied beyond that state, so it grows by what others write. What writes
//! much does so in short transactions, save where there is one step only ([`Database::vacuum`], making an index of a table
//! anew, or a search index other than that of messages).
//!
//! [`Database::vacuum`]: crate::Database::vacuum

mod backup;
mod checkpoint;
mod counters;
mod disk;
mod export;
mod integrity;
mod locks;
mod new_file;
mod restore;
mod search_index;
mod stats;
mod tables;
mod vacuum;
mod watch;

pub use backup::{BackupOptions, BackupReport};
pub use checkpoint::{CheckpointMode, CheckpointReport};
pub(crate) use counters::miscounted;
pub use export::ExportChunk;
pub use integrity::{IntegrityOptions, IntegrityPart, IntegrityReport};
pub use restore::{RestoreOptions, RestoreReport, RestoredTranscript};
pub(crate) use search_index::{compare, search_indexes};
pub use stats::{DatabaseStats, SizesReport, TableSize};
pub use vacuum::{VacuumOptions, VacuumReport};
pub use watch::{MaintenanceProgress, Observer, Unwatched};
