//! The usage that an API reply reports.

use crate::Rule;
use crate::members::{count, each_member_of};
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
    /// Where the usage stood: [`Rule::UsageMessage`] or [`Rule::UsageEntry`].
    pub rule: Rule,
}

/// Tokens and server calls of one API reply. `None` means that the line does not say (or says no whole number that
/// fits `i64`), which is not the same as 0.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Usage<'a> {
    /// Tokens read that came from no cache.
    pub input: Option<u64>,
    /// Tokens written, those of thoughts included.
    pub output: Option<u64>,
    /// Tokens read from the cache.
    pub cache_read: Option<u64>,
    /// Tokens put into the cache, all lifetimes together. [`Usage::cache_split`] has them apart.
    pub cache_creation: Option<u64>,
    /// Tokens put into the cache for five minutes, as the line says.
    pub cache_creation_5m: Option<u64>,
    /// Tokens put into the cache for one hour, as the line says.
    pub cache_creation_1h: Option<u64>,
    /// Searches that the server made.
    pub web_search_requests: Option<u64>,
    /// Pages that the server fetched.
    pub web_fetch_requests: Option<u64>,
    /// Tokens of `output` that were thoughts (late versions).
    pub thinking: Option<u64>,
    /// The tier of service, for instance `standard`.
    pub service_tier: Option<Cow<'a, str>>,
}

/// Tokens put into the cache, by how long they are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CacheSplit {
    /// For five minutes.
    pub five_minutes: u64,
    /// For one hour.
    pub one_hour: u64,
    /// [`Rule::CacheSplit`] when the line told both, else [`Rule::CacheAssumed5m`].
    pub rule: Rule,
}

impl<'a> Usage<'a> {
    /// The tokens put into the cache, by lifetime.
    ///
    /// What the line tells by lifetime counts. When it tells more in all than by lifetime (older versions tell only
    /// the whole), the rest counts as five minutes, which is what the client asks for unless told otherwise. When it
    /// tells less in all, the lifetimes count. So the sum is the larger of both.
    #[must_use]
    pub fn cache_split(&self) -> CacheSplit {
        let told = self.cache_creation_5m.unwrap_or(0);
        let one_hour = self.cache_creation_1h.unwrap_or(0);
        let rest = self.cache_creation.unwrap_or(0).saturating_sub(told.saturating_add(one_hour));
        let rule = if rest == 0 { Rule::CacheSplit } else { Rule::CacheAssumed5m };
        CacheSplit { five_minutes: told.saturating_add(rest), one_hour, rule }
    }

    /// Reads the value that follows; `None` when it is no object.
    pub(crate) fn read(scanner: &mut Scanner<'a>) -> Result<Option<Self>, Error> {
        let mut usage = Self::default();
        let is_object = each_member_of(scanner, |key, scanner| {
            match key {
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
                "output_tokens_details" => usage.thinking = pair(scanner, "thinking_tokens", "")?.0,
                _ => scanner.skip()?,
            }
            Ok(())
        })?;
        Ok(is_object.then_some(usage))
    }
}

/// Two counts of the object that follows.
fn pair(scanner: &mut Scanner<'_>, first: &str, second: &str) -> Result<(Option<u64>, Option<u64>), Error> {
    let mut counts = (None, None);
    each_member_of(scanner, |key, scanner| {
        if key == first {
            counts.0 = count(scanner)?;
        } else if key == second {
            counts.1 = count(scanner)?;
        } else {
            scanner.skip()?;
        }
        Ok(())
    })?;
    Ok(counts)
}
