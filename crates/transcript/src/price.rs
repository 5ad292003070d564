//! What a reply costs, by a price table that is data.
//!
//! Money is counted in whole nano-dollars (10⁻⁹ US dollars), so that sums are exact in any order. A price of a million
//! tokens with at most three decimals is a whole number of them for each token.

use crate::Usage;
use crate::members::{each_member, each_member_of};
use han_base::json::{Error, Scanner};
use std::collections::BTreeMap;
use std::fmt;

/// Nano-dollars in one US dollar.
pub const NANO_DOLLARS: u64 = 1_000_000_000;

/// Prices of one model, in nano-dollars for one token and for one search.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Price {
    /// Tokens read that came from no cache.
    pub input: u64,
    /// Tokens written.
    pub output: u64,
    /// Tokens read from the cache.
    pub cache_read: u64,
    /// Tokens put into the cache for five minutes.
    pub cache_write_5m: u64,
    /// Tokens put into the cache for one hour.
    pub cache_write_1h: u64,
    /// One search that the server made. Pages that it fetched cost only their tokens.
    pub web_search: u64,
}

impl Price {
    /// What a reply costs, in nano-dollars: each count of the usage times its price, with [`Usage::cache_split`] for
    /// the cache. Counts that the line does not tell are 0. It is the list price: no discount, no surcharge, whatever
    /// the tier of service. Sums beyond `i64` stay at its largest value, so that they fit a database.
    #[must_use]
    pub fn cost(&self, usage: &Usage<'_>) -> u64 {
        let cache = usage.cache_split();
        let parts = [
            (usage.input.unwrap_or(0), self.input),
            (usage.output.unwrap_or(0), self.output),
            (usage.cache_read.unwrap_or(0), self.cache_read),
            (cache.five_minutes, self.cache_write_5m),
            (cache.one_hour, self.cache_write_1h),
            (usage.web_search_requests.unwrap_or(0), self.web_search),
        ];
        let costs = parts.iter().map(|&(count, price)| u128::from(count) * u128::from(price));
        u64::try_from(costs.fold(0, u128::saturating_add)).unwrap_or(u64::MAX).min(i64::MAX.cast_unsigned())
    }
}

/// Nano-dollars as US dollars, for showing. Add up nano-dollars, not these.
#[must_use]
pub fn dollars(nano_dollars: u64) -> f64 {
    nano_dollars as f64 / NANO_DOLLARS as f64
}

/// Why a text is no price table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PriceError {
    /// It is not JSON.
    NotJson {
        /// Byte offset of the first byte that cannot be right.
        offset: usize,
    },
    /// It is JSON, but no object with an object `models`.
    NotTable,
    /// A price of a model is missing, or no number of 0 and more with at most three decimals (of a web search: nine).
    BadPrice {
        /// The model.
        model: String,
        /// The price, for instance `cache_read`.
        price: String,
    },
}

impl fmt::Display for PriceError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotJson { offset } => write!(formatter, "not JSON at byte {offset}"),
            Self::NotTable => formatter.write_str("no object with an object `models`"),
            Self::BadPrice { model, price } => {
                write!(formatter, "`{price}` of the model {model} is missing or no price")
            }
        }
    }
}

impl std::error::Error for PriceError {}

/// Prices by model.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PriceTable {
    /// The day the prices are of, `YYYY-MM-DD`; empty when the text does not say.
    pub date: String,
    /// Where they come from; empty when the text does not say.
    pub note: String,
    models: BTreeMap<String, Price>,
}

impl PriceTable {
    /// The table that comes with this crate (`prices.json`).
    ///
    /// # Panics
    /// Never: it is read by a test.
    #[must_use]
    pub fn built_in() -> Self {
        Self::parse(include_str!("../prices.json")).expect("the table of this crate is a table")
    }

    /// Reads a table: JSON, `{"date"?, "note"?, "models": {"<name>": {"input", "output", "cache_read"?,
    /// "cache_write_5m"?, "cache_write_1h"?, "web_search"?}}}` in US dollars, per million tokens and per search.
    ///
    /// What is left out of the cache follows from the price of input as it does for all Claude models: a tenth for
    /// reading, 1.25 times for five minutes, twice for one hour (rounded down to a whole nano-dollar). A web search
    /// that is left out costs 0.01.
    ///
    /// ```
    /// use han_transcript::{PriceTable, Usage};
    ///
    /// let table = PriceTable::parse(r#"{"models":{"my-model":{"input":2,"output":"8.5"}}}"#)?;
    /// let usage = Usage { input: Some(1_000_000), output: Some(2), ..Usage::default() };
    /// assert_eq!(table.cost(&usage, "my-model-20260101"), Some(2_000_017_000));
    /// assert_eq!(table.cost(&usage, "another"), None);
    /// # Ok::<(), han_transcript::PriceError>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self, PriceError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut scanner = Scanner::new(text);
        let checked = scanner.skip().and_then(|()| scanner.finish());
        checked.map_err(|error| PriceError::NotJson { offset: error.offset })?;

        let mut table = Self::default();
        let mut models = None;
        each_member(text, |key, scanner| {
            match key {
                "date" => table.date = scanner.text_value()?.unwrap_or_default().into_owned(),
                "note" => table.note = scanner.text_value()?.unwrap_or_default().into_owned(),
                "models" => models = Some(read_models(scanner)?),
                _ => scanner.skip()?,
            }
            Ok(())
        });
        for (name, entry) in models.flatten().ok_or(PriceError::NotTable)? {
            let price = entry
                .price()
                .map_err(|price| PriceError::BadPrice { model: name.clone(), price: price.to_owned() })?;
            table.models.insert(name, price);
        }
        Ok(table)
    }

    /// Lays another table over this one: its models win, and its date and note when it has them.
    pub fn merge(&mut self, over: Self) {
        self.models.extend(over.models);
        if !over.date.is_empty() {
            self.date = over.date;
        }
        if !over.note.is_empty() {
            self.note = over.note;
        }
    }

    /// The names of the models, in their order, with their prices.
    pub fn models(&self) -> impl Iterator<Item = (&str, &Price)> {
        self.models.iter().map(|(name, price)| (name.as_str(), price))
    }

    /// The prices of a model: by its exact name, else without the date or `latest` at its end (`-20250929`,
    /// `@20250929`, `-latest`). `None` for any other: an unknown model has no price, not a guessed one.
    #[must_use]
    pub fn price(&self, model: &str) -> Option<&Price> {
        self.models.get(model).or_else(|| self.models.get(without_date(model)?))
    }

    /// What a reply of a model costs, in nano-dollars; `None` when the model is unknown.
    #[must_use]
    pub fn cost(&self, usage: &Usage<'_>, model: &str) -> Option<u64> {
        self.price(model).map(|price| price.cost(usage))
    }
}

fn without_date(model: &str) -> Option<&str> {
    if let Some(name) = model.strip_suffix("-latest") {
        return Some(name);
    }
    let (name, date) = model.rsplit_once(['-', '@'])?;
    (date.len() == 8 && date.bytes().all(|byte| byte.is_ascii_digit())).then_some(name)
}

/// The prices of a model as they are written: `None` when one is left out, an error when it is no price.
#[derive(Default)]
struct Entry {
    prices: [Option<Result<u64, ()>>; NAMES.len()],
}

const NAMES: [&str; 6] = ["input", "output", "cache_read", "cache_write_5m", "cache_write_1h", "web_search"];

impl Entry {
    fn price(&self) -> Result<Price, &'static str> {
        let read = |index: usize| self.prices[index].transpose().map_err(|()| NAMES[index]);
        let input = read(0)?.ok_or(NAMES[0])?;
        Ok(Price {
            input,
            output: read(1)?.ok_or(NAMES[1])?,
            cache_read: read(2)?.unwrap_or(input / 10),
            cache_write_5m: read(3)?.unwrap_or(input.saturating_add(input / 4)),
            cache_write_1h: read(4)?.unwrap_or(input.saturating_mul(2)),
            web_search: read(5)?.unwrap_or(NANO_DOLLARS / 100),
        })
    }
}

type Models = Vec<(String, Entry)>;

fn read_models(scanner: &mut Scanner<'_>) -> Result<Option<Models>, Error> {
    let mut models = Models::new();
    let is_object = each_member_of(scanner, |name, scanner| {
        let mut entry = Entry::default();
        each_member_of(scanner, |key, scanner| {
            let value = scanner.skip_value()?;
            if let Some(index) = NAMES.iter().position(|name| *name == key) {
                // Prices are per million tokens, but per single search.
                let decimals = if key == "web_search" { 9 } else { 3 };
                entry.prices[index] = Some(scaled(value, decimals).ok_or(()));
            }
            Ok(())
        })?;
        models.push((name.to_owned(), entry));
        Ok(())
    })?;
    Ok(is_object.then_some(models))
}

/// A decimal number, or a string that is one, times a power of ten: exact, or `None`.
fn scaled(value: &str, decimals: usize) -> Option<u64> {
    let digits = value.strip_prefix('"').map_or(value, |inner| inner.strip_suffix('"').unwrap_or(inner));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let fraction = fraction.trim_end_matches('0');
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) || fraction.len() > decimals {
        return None;
    }
    format!("{whole}{fraction:0<decimals$}").parse().ok().filter(|scaled| i64::try_from(*scaled).is_ok())
}
