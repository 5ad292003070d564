//! Where a conversation was cut short and replaced by its summary.

use crate::members::{count, each_member, each_member_of};
use crate::{Block, Record, RecordType};
use han_base::json::{Error, JsonString, Scanner};
use std::borrow::Cow;

/// What a line tells about a compaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CompactionKind {
    /// The line between what was summarised and what goes on (`compact_boundary`).
    Boundary,
    /// The summary, as the user line behind the boundary; in older versions it stands alone.
    Summary,
    /// The summary as an entry of its own (`summary` with a mark or the opening sentence, older versions).
    SummaryEntry,
    /// Results of tools were dropped from the context (`microcompact_boundary`). Nothing was summarised: this is no
    /// compaction and is not counted as one.
    Microcompact,
}

/// How a compaction came about, as it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CompactType {
    /// The context was full.
    Auto,
    /// The user asked for it.
    Manual,
    /// All that is known is that a summary continues an earlier conversation.
    Continuation,
}

impl CompactType {
    /// `auto_compact`, `compact` or `continuation`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto_compact",
            Self::Manual => "compact",
            Self::Continuation => "continuation",
        }
    }
}

/// One line of a compaction.
///
/// A compaction is a boundary and its summary: both have the same [`join`](Compaction::join), and the type and the
/// tokens are those of the boundary. A summary whose boundary is not there is a compaction by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compaction<'a> {
    /// What the line is of it.
    pub kind: CompactionKind,
    /// How it came about; `None` for a microcompaction.
    pub compact_type: Option<CompactType>,
    /// The `uuid` of the boundary: its own, or the parent of the summary line. For a summary entry the last line of
    /// what it summarises. `None` when the line does not tell.
    pub join: Option<&'a str>,
    /// `auto`, `manual`, or what a later version calls it.
    pub trigger: Option<Cow<'a, str>>,
    /// Tokens of the context before it.
    pub tokens_before: Option<u64>,
    /// Tokens of the context after it.
    pub tokens_after: Option<u64>,
    /// Tokens that a microcompaction took out.
    pub tokens_saved: Option<u64>,
    /// How long it took, in milliseconds.
    pub duration_ms: Option<u64>,
}

/// The English sentence that summaries of all versions open with.
const OPENING: &str = "This session is being continued from a previous conversation";

impl Record<'_> {
    /// What this line tells about a compaction; `None` for most lines.
    ///
    /// User lines are recognised by `isCompactSummary`, or by the sentence that such a summary opens with (older
    /// versions); the same sentence inside a typed prompt, a tool result or a subagent is none. `Record::content` of
    /// a summary is its text.
    #[must_use]
    pub fn compaction(&self) -> Option<Compaction<'_>> {
        match self.record_type {
            RecordType::System => self.boundary(),
            RecordType::User if self.is_summary_line() => {
                let mut compaction = Compaction::of(CompactionKind::Summary, self.parent_uuid.as_deref());
                compaction.compact_type = Some(CompactType::Continuation);
                Some(compaction)
            }
            RecordType::Summary => self.summary_entry(),
            _ => None,
        }
    }

    fn boundary(&self) -> Option<Compaction<'_>> {
        let kind = match self.subtype.as_deref()? {
            "compact_boundary" => CompactionKind::Boundary,
            "microcompact_boundary" => CompactionKind::Microcompact,
            _ => return None,
        };
        let mut compaction = Compaction::of(kind, self.uuid.as_deref());
        each_member(self.json(), |key, scanner| match key {
            "compactMetadata" | "microcompactMetadata" => compaction.read_metadata(scanner),
            _ => scanner.skip(),
        });
        if kind == CompactionKind::Boundary {
            let is_auto = compaction.trigger.as_deref() == Some("auto");
            compaction.compact_type = Some(if is_auto { CompactType::Auto } else { CompactType::Manual });
        }
        Some(compaction)
    }

    /// Whether this user line is the summary of a compaction.
    pub(crate) fn is_summary_line(&self) -> bool {
        if self.is_compact_summary {
            return true;
        }
        if self.is_sidechain || self.agent_id.is_some() {
            return false;
        }
        let first = self.message_text.or_else(|| match self.blocks.first() {
            Some(Block::Text { text }) => Some(*text),
            _ => None,
        });
        first.is_some_and(opens_summary)
    }

    fn summary_entry(&self) -> Option<Compaction<'_>> {
        let (mut marked, mut automatic) = (false, false);
        each_member(self.json(), |key, scanner| {
            match key {
                "is_compact" | "isCompact" => marked |= scanner.boolean()? == Some(true),
                "auto_compacted" | "autoCompacted" => automatic |= scanner.boolean()? == Some(true),
                _ => scanner.skip()?,
            }
            Ok(())
        });
        let opens = self.title.as_ref().is_some_and(|title| title.text.contains(OPENING));
        let compact_type = match (marked, automatic, opens) {
            (true, ..) => CompactType::Manual,
            (_, true, _) => CompactType::Auto,
            (.., true) => CompactType::Continuation,
            _ => return None,
        };
        let mut compaction = Compaction::of(CompactionKind::SummaryEntry, self.leaf_uuid.as_deref());
        compaction.compact_type = Some(compact_type);
        Some(compaction)
    }
}

fn opens_summary(text: JsonString<'_>) -> bool {
    // The sentence has no character that JSON must escape.
    text.raw().starts_with(OPENING)
}

impl<'a> Compaction<'a> {
    fn of(kind: CompactionKind, join: Option<&'a str>) -> Self {
        Self {
            kind,
            compact_type: None,
            join,
            trigger: None,
            tokens_before: None,
            tokens_after: None,
            tokens_saved: None,
            duration_ms: None,
        }
    }

    fn read_metadata(&mut self, scanner: &mut Scanner<'a>) -> Result<(), Error> {
        each_member_of(scanner, |key, scanner| {
            match key {
                "trigger" => self.trigger = scanner.text_value()?,
                "preTokens" => self.tokens_before = count(scanner)?,
                "postTokens" => self.tokens_after = count(scanner)?,
                "tokensSaved" => self.tokens_saved = count(scanner)?,
                "durationMs" => self.duration_ms = count(scanner)?,
                _ => scanner.skip()?,
            }
            Ok(())
        })
        .map(drop)
    }
}
