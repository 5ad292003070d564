//! What a path tells about a transcript: see the table of files in `docs/transcripts.md`.

use han_base::id::is_uuid_like;
use std::path::{Component, Path, PathBuf};

/// What kind of transcript a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FileType {
    /// The session's own transcript.
    Main,
    /// The transcript of an agent that the session started.
    Agent,
    /// Events that hooks recorded (`<session>-han.jsonl`).
    HanEvents,
}

impl FileType {
    /// The stored name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Main => "main",
            Self::Agent => "agent",
            Self::HanEvents => "han_events",
        }
    }
}

/// The session that the path of a transcript tells; `None` when only its lines can.
#[must_use]
pub fn session_of_path(path: &Path) -> Option<String> {
    Layout::of(path).session_id
}

/// What the path of a transcript tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) file_type: FileType,
    /// `None` when only the lines can tell it.
    pub(crate) session_id: Option<String>,
    /// The agent that the name tells.
    pub(crate) agent_id: Option<String>,
    /// Name of the project's folder, below the last folder called `projects`.
    pub(crate) project_slug: Option<String>,
    /// The folder that holds `projects`.
    pub(crate) config_dir: Option<PathBuf>,
}

impl Layout {
    pub(crate) fn of(path: &Path) -> Self {
        let stem = path.file_stem().map(|stem| stem.to_string_lossy()).unwrap_or_default();
        let folders: Vec<&std::ffi::OsStr> = path
            .parent()
            .into_iter()
            .flat_map(Path::components)
            .filter_map(|part| if let Component::Normal(name) = part { Some(name) } else { None })
            .collect();
        // Agents of newer versions lie in `<session>/subagents/**`.
        let session_of_folder = folders
            .iter()
            .rposition(|name| *name == "subagents")
            .and_then(|at| at.checked_sub(1))
            .map(|at| folders[at].to_string_lossy().into_owned());
        let agent_id = stem.strip_prefix("agent-").filter(|id| !id.is_empty()).map(str::to_owned);
        let (file_type, session_id) = if session_of_folder.is_some() {
            (FileType::Agent, session_of_folder.filter(|id| is_uuid_like(id)))
        } else if agent_id.is_some() {
            (FileType::Agent, None)
        } else if let Some(name) = stem.strip_suffix("-han") {
            (FileType::HanEvents, han_session(name))
        } else {
            let id = stem.strip_suffix("_messages").unwrap_or(&stem);
            (FileType::Main, is_uuid_like(id).then(|| id.to_owned()))
        };
        let (project_slug, config_dir) = project_folder(path);
        Self { file_type, session_id, agent_id, project_slug, config_dir }
    }
}

/// The session in `<session>`, `cli-<session>` or `<date>-<session>`.
fn han_session(name: &str) -> Option<String> {
    let bytes = name.as_bytes();
    let is_date = |text: &[u8]| {
        text.len() == 11
            && text.iter().enumerate().all(|(at, byte)| match at {
                4 | 7 | 10 => *byte == b'-',
                _ => byte.is_ascii_digit(),
            })
    };
    let name = match bytes.get(..11) {
        // A session id alone may begin like a date; then what is left is too short to be one.
        Some(head) if is_date(head) && is_uuid_like(name[11..].trim_start_matches("cli-")) => &name[11..],
        _ => name,
    };
    is_uuid_like(name.strip_prefix("cli-").unwrap_or(name)).then(|| name.to_owned())
}

/// The name of the folder below the last `projects` that has one, and the folder that `projects` stands in.
fn project_folder(path: &Path) -> (Option<String>, Option<PathBuf>) {
    for folder in path.ancestors().skip(1) {
        if let (Some(parent), Some(name)) = (folder.parent(), folder.file_name())
            && parent.file_name().is_some_and(|name| name == "projects")
        {
            return (Some(name.to_string_lossy().into_owned()), parent.parent().map(Path::to_path_buf));
        }
    }
    (None, None)
}

/// The name that a working directory's transcripts' folder has: every character but ASCII letters and digits is a
/// dash. It cannot be reversed.
///
/// Source: observed; `docs/transcripts.md`.
pub(crate) fn slug_of(cwd: &str) -> String {
    let mut slug = String::with_capacity(cwd.len());
    for character in cwd.chars() {
        if character.is_ascii_alphanumeric() {
            slug.push(character);
        } else {
            slug.extend(std::iter::repeat_n('-', character.len_utf16()));
        }
    }
    slug
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "8d435985-6805-4c80-a2d4-1c11d8d39e98";

    fn layout(path: &str) -> (FileType, Option<String>, Option<String>) {
        let layout = Layout::of(Path::new(path));
        (layout.file_type, layout.session_id, layout.agent_id)
    }

    #[test]
    fn every_place_of_a_transcript_is_known() {
        let id = || Some(ID.to_owned());
        let agent = || Some("a1b2c3".to_owned());
        let p = "/home/me/.claude/projects/-home-me-app";
        assert_eq!(layout(&format!("{p}/{ID}.jsonl")), (FileType::Main, id(), None));
        assert_eq!(layout(&format!("{p}/{ID}_messages.jsonl")), (FileType::Main, id(), None));
        assert_eq!(layout(&format!("{p}/small.jsonl")), (FileType::Main, None, None));
        assert_eq!(layout(&format!("{p}/agent-a1b2c3.jsonl")), (FileType::Agent, None, agent()));
        assert_eq!(
            layout(&format!("{p}/{ID}/subagents/agent-a1b2c3.jsonl")),
            (FileType::Agent, id(), agent())
        );
        assert_eq!(
            layout(&format!("{p}/{ID}/subagents/workflows/w/journal.jsonl")),
            (FileType::Agent, id(), None)
        );
        assert_eq!(layout(&format!("{p}/{ID}-han.jsonl")), (FileType::HanEvents, id(), None));
        assert_eq!(layout(&format!("{p}/2026-11-20-{ID}-han.jsonl")), (FileType::HanEvents, id(), None));
        assert_eq!(
            layout(&format!("{p}/cli-{ID}-han.jsonl")),
            (FileType::HanEvents, Some(format!("cli-{ID}")), None)
        );
    }

    #[test]
    fn the_project_is_the_folder_below_the_last_projects() {
        let layout =
            Layout::of(Path::new("/home/me/projects/x/.claude/projects/-srv-a-b/s/subagents/agent-1.jsonl"));
        assert_eq!(layout.project_slug.as_deref(), Some("-srv-a-b"));
        assert_eq!(layout.config_dir.as_deref(), Some(Path::new("/home/me/projects/x/.claude")));
        let loose = Layout::of(Path::new("/tmp/a.jsonl"));
        assert_eq!((loose.project_slug, loose.config_dir), (None, None));
    }

    #[test]
    fn a_working_directory_has_one_folder_name() {
        assert_eq!(slug_of("/home/dev/.x/a_b.c"), "-home-dev--x-a-b-c");
    }
}
