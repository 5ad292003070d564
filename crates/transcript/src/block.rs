//! Content blocks of a message.

use han_base::json::{Error, JsonString, Kind, Scanner};
use std::borrow::Cow;

/// One block of the `content` array of a message.
#[derive(Clone, Debug)]
pub enum Block<'a> {
    /// Written words, of a person or of the model.
    Text {
        /// The words.
        text: JsonString<'a>,
    },
    /// What the model thought; empty in some late versions.
    Thinking {
        /// The thought.
        text: JsonString<'a>,
    },
    /// A call of a tool.
    ToolUse {
        /// The id that the result names, `toolu_…`.
        id: Option<Cow<'a, str>>,
        /// The tool, for instance `Bash`.
        name: Option<Cow<'a, str>>,
        /// The arguments, as JSON text; checked to be valid.
        input: Option<&'a str>,
        /// Who called, as JSON text (`{"type":"direct"}`); late versions tell it.
        caller: Option<&'a str>,
    },
    /// What a tool answered.
    ToolResult {
        /// The id of the call.
        tool_use_id: Option<Cow<'a, str>>,
        /// Whether the tool failed or was refused; `false` when the line does not say.
        is_error: bool,
        /// The answer; `None` when it has none.
        text: Option<Body<'a>>,
    },
    /// A picture.
    Image,
    /// A document, for instance a PDF.
    Document,
    /// A block of another type, or one without the field that its type needs.
    Other,
}

/// A text that is written either as a string or as an array of blocks.
#[derive(Clone, Copy, Debug)]
pub enum Body<'a> {
    /// A string.
    Text(JsonString<'a>),
    /// An array, as JSON text; checked to be valid.
    Blocks(&'a str),
}

impl<'a> Body<'a> {
    /// Reads the value that follows; `None` when it is neither a string nor an array.
    pub(crate) fn read(scanner: &mut Scanner<'a>) -> Result<Option<Self>, Error> {
        match scanner.kind()? {
            Kind::String => Ok(scanner.string()?.map(Self::Text)),
            Kind::Array => Ok(Some(Self::Blocks(scanner.skip_value()?))),
            _ => scanner.skip().map(|()| None),
        }
    }

    /// The string as it is, or the non-empty text blocks of the array joined by newlines. `None` when an array has
    /// no such block.
    #[must_use]
    pub fn text(&self) -> Option<Cow<'a, str>> {
        match self {
            Self::Text(text) => Some(text.decode()),
            Self::Blocks(array) => join(text_blocks(array).into_iter().map(JsonString::decode)),
        }
    }

    /// The string, or the text blocks of the array, one by one.
    pub(crate) fn texts(&self) -> Vec<JsonString<'a>> {
        match self {
            Self::Text(text) => vec![*text],
            Self::Blocks(array) => text_blocks(array),
        }
    }
}

/// The texts of the text blocks of a JSON array that was checked before.
pub(crate) fn text_blocks(array: &str) -> Vec<JsonString<'_>> {
    let mut texts = Vec::new();
    // The array was checked when its line was read, so the scanner meets no error.
    let read = each_block(&mut Scanner::new(array), |block| {
        if let Block::Text { text } = block {
            texts.push(text);
        }
    });
    debug_assert!(read.is_ok(), "a body holds checked JSON");
    texts
}

/// Joins the parts that are not empty by newlines. `None` when there is none; borrowed when there is one.
pub(crate) fn join<'a>(parts: impl IntoIterator<Item = Cow<'a, str>>) -> Option<Cow<'a, str>> {
    let mut parts = parts.into_iter().filter(|part| !part.is_empty());
    let mut text = parts.next()?;
    for part in parts {
        let text = text.to_mut();
        text.push('\n');
        text.push_str(&part);
    }
    Some(text)
}

/// Reads the array that follows and hands over its items; any other value is skipped. Items that are no blocks are
/// [`Block::Other`].
pub(crate) fn each_block<'a>(
    scanner: &mut Scanner<'a>,
    mut visit: impl FnMut(Block<'a>),
) -> Result<(), Error> {
    if scanner.enter_array()? {
        while scanner.next_item()? {
            visit(read_block(scanner)?);
        }
    }
    Ok(())
}

fn read_block<'a>(scanner: &mut Scanner<'a>) -> Result<Block<'a>, Error> {
    let (mut block_type, mut text, mut thinking, mut content) = (None, None, None, None);
    let (mut id, mut name, mut input, mut caller) = (None, None, None, None);
    let (mut tool_use_id, mut is_error) = (None, None);
    if scanner.enter_object()? {
        while let Some(key) = scanner.next_key()? {
            match &*key {
                "type" => block_type = scanner.text_value()?,
                "text" => text = scanner.string()?,
                "thinking" => thinking = scanner.string()?,
                "id" => id = scanner.text_value()?,
                "name" => name = scanner.text_value()?,
                "input" => input = Some(scanner.skip_value()?),
                "caller" => caller = Some(scanner.skip_value()?),
                "tool_use_id" => tool_use_id = scanner.text_value()?,
                "is_error" => is_error = scanner.boolean()?,
                "content" => content = Body::read(scanner)?,
                _ => scanner.skip()?,
            }
        }
    }
    Ok(match block_type.as_deref() {
        Some("text") => text.map_or(Block::Other, |text| Block::Text { text }),
        Some("thinking") => thinking.map_or(Block::Other, |text| Block::Thinking { text }),
        Some("tool_use") => Block::ToolUse { id, name, input, caller },
        Some("tool_result") => {
            Block::ToolResult { tool_use_id, is_error: is_error.unwrap_or(false), text: content }
        }
        Some("image") => Block::Image,
        Some("document") => Block::Document,
        _ => Block::Other,
    })
}
