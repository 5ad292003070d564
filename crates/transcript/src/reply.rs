//! The usage that an API reply reports.

use han_base::json::{Error, Scanner};
use std::borrow::Cow;

/// What one assistant line says about the API reply it is a part of.
///
/// One reply is written as several lines that repeat its message id and usage; the last line (or the greatest
/// `output`) has the final numbers. A total must therefore count each `message_id` once, over all files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiReply<'a> {
    /// The id of the message, `msg_…`; `None` behind some gateways.
    pub message_id: Option<Cow<'a, str>>,
    /// The id of the request, `req_…`; `None` on lines that the client made itself.
    pub request_id: Option<Cow<'a, str>>,
    /// The model; `<synthetic>` on lines that the client made itself.
    pub model: Option<Cow<'a, str>>,
    /// The tokens and calls.
    pub usage: Usage<'a>,
}

/// Tokens and server calls of one API reply. `None` means that the line does not say (or says no whole number that
/// fits `i64`), which is not the same as 0.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Usage<'a> {
    /// Tokens read that came from no cache.
    pub input: Option<u64>,
    /// Tokens written.
    pub output: Option<u64>,
    /// Tokens read from the cache.
    pub cache_read: Option<u64>,
    /// Tokens put into the cache, all lifetimes together.
    pub cache_creation: Option<u64>,
    /// Tokens put into the cache for five minutes.
    pub cache_creation_5m: Option<u64>,
    /// Tokens put into the cache for one hour.
    pub cache_creation_1h: Option<u64>,
    /// Searches that the server made.
    pub web_search_requests: Option<u64>,
    /// Pages that the server fetched.
    pub web_fetch_requests: Option<u64>,
    /// The tier of service, for instance `standard`.
    pub service_tier: Option<Cow<'a, str>>,
}

impl<'a> Usage<'a> {
    /// Reads the value that follows; `None` when it is no object.
    pub(crate) fn read(scanner: &mut Scanner<'a>) -> Result<Option<Self>, Error> {
        if !scanner.enter_object()? {
            return Ok(None);
        }
        let mut usage = Self::default();
        while let Some(key) = scanner.next_key()? {
            match &*key {
                "input_tokens" => usage.input = count(scanner)?,
                "output_tokens" => usage.output = count(scanner)?,
                "cache_read_input_tokens" => usage.cache_read = count(scanner)?,
                "cache_creation_input_tokens" => usage.cache_creation = count(scanner)?,
                "service_tier" => usage.service_tier = scanner.text_value()?,
                "cache_creation" => {
                    (usage.cache_creation_5m, usage.cache_creation_1h) =
                        pair(scanner, "ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens")?;
                }
                "server_tool_use" => {
                    (usage.web_search_requests, usage.web_fetch_requests) =
                        pair(scanner, "web_search_requests", "web_fetch_requests")?;
                }
                _ => scanner.skip()?,
            }
        }
        Ok(Some(usage))
    }
}

/// A count that fits a signed 64-bit column.
fn count(scanner: &mut Scanner<'_>) -> Result<Option<u64>, Error> {
    Ok(scanner.unsigned()?.filter(|&count| i64::try_from(count).is_ok()))
}

/// Two counts of the object that follows.
fn pair(scanner: &mut Scanner<'_>, first: &str, second: &str) -> Result<(Option<u64>, Option<u64>), Error> {
    let mut counts = (None, None);
    if scanner.enter_object()? {
        while let Some(key) = scanner.next_key()? {
            if key == first {
                counts.0 = count(scanner)?;
            } else if key == second {
                counts.1 = count(scanner)?;
            } else {
                scanner.skip()?;
            }
        }
    }
    Ok(counts)
}
