//! Writing transcripts line by line, in the shape of version 2.1.

use serde_json::{Value, json};
use std::fmt::Write;

/// Builds the lines of a transcript. Ids and times count up from the session's, so the same calls give the same bytes.
///
/// ```
/// use han_testkit::Transcript;
///
/// let mut transcript = Transcript::new("8d435985-6805-4c80-a2d4-1c11d8d39e98").in_folder("/home/dev/app");
/// transcript.prompt("hello").reply("good day", 12);
/// assert_eq!(transcript.lines().count(), 2);
/// ```
#[derive(Clone, Debug)]
pub struct Transcript {
    session_id: String,
    cwd: String,
    agent_id: Option<String>,
    entries: u64,
    text: String,
}

impl Transcript {
    /// An empty transcript of a session that works in `/home/dev/app`. The ids of its lines begin with the first eight
    /// characters of the session's id.
    #[must_use]
    pub fn new(session_id: &str) -> Self {
        Self {
            session_id: session_id.to_owned(),
            cwd: "/home/dev/app".to_owned(),
            agent_id: None,
            entries: 0,
            text: String::new(),
        }
    }

    /// The working directory of the lines that follow.
    #[must_use]
    pub fn in_folder(mut self, cwd: &str) -> Self {
        cwd.clone_into(&mut self.cwd);
        self
    }

    /// The lines that follow are those of an agent.
    #[must_use]
    pub fn of_agent(mut self, agent_id: &str) -> Self {
        self.agent_id = Some(agent_id.to_owned());
        self
    }

    /// The lines that follow belong to another session and have other ids; those before stay as they are.
    #[must_use]
    pub fn resumed_as(mut self, session_id: &str) -> Self {
        self.text = self.text.replace(
            &format!("\"sessionId\":\"{}\"", self.session_id),
            &format!("\"sessionId\":\"{session_id}\""),
        );
        session_id.clone_into(&mut self.session_id);
        self
    }

    /// A typed prompt.
    pub fn prompt(&mut self, text: &str) -> &mut Self {
        self.message("user", &json!({ "role": "user", "content": text }))
    }

    /// A reply of the model that wrote `output` tokens, read 10 and took 1,000 from the cache.
    pub fn reply(&mut self, text: &str, output: u64) -> &mut Self {
        let number = self.entries;
        self.reply_part(&json!({ "type": "text", "text": text }), number, output)
    }

    /// One line of reply `number`: replies with several blocks have several lines.
    pub fn reply_part(&mut self, block: &Value, number: u64, output: u64) -> &mut Self {
        let message = json!({
            "id": format!("msg_{}_{number}", &self.session_id[..8]), "type": "message", "role": "assistant",
            "model": "claude-opus-4-5", "content": [block],
            "usage": { "input_tokens": 10, "output_tokens": output, "cache_read_input_tokens": 1000,
              "cache_creation_input_tokens": 100 },
        });
        self.message("assistant", &message)
    }

    /// A title that the user gave; a line without id and time.
    pub fn title(&mut self, title: &str) -> &mut Self {
        self.line(
            &json!({ "type": "custom-title", "customTitle": title, "sessionId": self.session_id })
                .to_string(),
        )
    }

    /// Any line.
    pub fn line(&mut self, line: &str) -> &mut Self {
        self.text.push_str(line);
        self.text.push('\n');
        self
    }

    fn message(&mut self, entry_type: &str, message: &Value) -> &mut Self {
        let seconds = self.entries;
        let mut uuid = String::new();
        let _ = write!(uuid, "{}-0000-4000-8000-{:012x}", &self.session_id[..8], self.entries);
        self.entries += 1;
        let mut entry = json!({
            "type": entry_type, "uuid": uuid, "sessionId": self.session_id, "cwd": self.cwd, "version": "2.1.39",
            "isSidechain": self.agent_id.is_some(), "message": message,
            "timestamp": format!("2026-03-01T{:02}:{:02}:{:02}.000Z", 9 + seconds / 3600, seconds / 60 % 60, seconds % 60),
        });
        if let Some(agent_id) = &self.agent_id {
            entry["agentId"] = json!(agent_id);
        }
        if entry_type == "assistant" {
            entry["requestId"] = json!(message["id"].as_str().map(|id| id.replace("msg", "req")));
        }
        self.line(&entry.to_string())
    }

    /// What was built so far.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The lines so far, without their newlines.
    pub fn lines(&self) -> impl Iterator<Item = &str> {
        self.text.lines()
    }

    /// What was built so far; the next lines begin a new text.
    pub fn take(&mut self) -> String {
        std::mem::take(&mut self.text)
    }
}
