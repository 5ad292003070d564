//! What models cost: usage from the ledger, times prices from a table.
//!
//! Money is counted in whole nano-dollars. A price of a token is a whole number of them, so the cost of a sum is the sum
//! of the costs, to the last one.

use crate::reply::SYNTHETIC_MODEL;
use han_base::{Code, Error, Result};
use han_db::{Activity, Database, ModelUsage, TokenUsage, UsageFilter, UsageGroup, UsageKey, UsageLabel};
use han_transcript::{PriceError, PriceTable, Usage};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    io::Read as _,
    path::Path,
};

/// Which usage is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsageQuery {
    /// What it is added up by.
    pub group: UsageGroup,
    /// Time, project and session.
    pub filter: UsageFilter,
    /// Only this model; `""` is that of lines that name none.
    pub model: Option<String>,
    /// At most so many rows; the total counts all.
    pub limit: usize,
}

/// Usage and its cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Tokens and requests.
    pub usage: TokenUsage,
    /// What they cost by the price table, in nano-dollars, up to the largest `i64`.
    pub nano_dollars: i64,
    /// Replies of models that the table does not know: they cost nothing here.
    pub unpriced_replies: i64,
}

impl Cost {
    fn add(&mut self, other: &Self) {
        self.usage.add(&other.usage);
        self.nano_dollars = self.nano_dollars.saturating_add(other.nano_dollars);
        self.unpriced_replies += other.unpriced_replies;
    }

    /// The cost in US dollars, for showing.
    #[must_use]
    pub fn dollars(&self) -> f64 {
        han_transcript::dollars(self.nano_dollars.cast_unsigned())
    }
}

/// Usage and cost of one thing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UsageRow {
    /// What it is.
    pub label: UsageLabel,
    /// What it used and cost.
    pub cost: Cost,
}

/// The answer to a [`UsageQuery`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UsageReport {
    /// Days in their order; everything else by cost, then by tokens written, the largest first.
    pub rows: Vec<UsageRow>,
    /// How many rows there are without a limit.
    pub row_count: usize,
    /// Everything together.
    pub total: Cost,
    /// Models that used something and that the price table does not know, in their order; `""` is that of lines that
    /// name none.
    pub unpriced_models: Vec<String>,
    /// The day the prices are of, as their table says.
    pub prices_date: String,
}

/// What models used, and what that costs by the built-in prices under those of the file `prices`.
///
/// Codes: `INVALID_ARGUMENT` for agents without a session, those of [`read_prices`].
pub fn query_usage(database: &Database, query: &UsageQuery, prices: Option<&Path>) -> Result<UsageReport> {
    let prices = read_prices(prices)?;
    database.read(|read| report(&read.activity(), query, &prices))
}

fn report(activity: &Activity<'_>, query: &UsageQuery, prices: &PriceTable) -> Result<UsageReport> {
    let mut total = Cost::default();
    let mut unpriced: BTreeSet<String> = BTreeSet::new();
    let mut sums: BTreeMap<UsageKey, Cost> = BTreeMap::new();
    for used in activity.usage(query.group, &query.filter, query.model.as_deref())? {
        let cost = cost_of(&used, prices);
        if cost.unpriced_replies > 0 {
            unpriced.insert(used.model);
        }
        total.add(&cost);
        sums.entry(used.key).or_default().add(&cost);
    }
    let mut sums: Vec<(UsageKey, Cost)> = sums.into_iter().collect();
    if query.group != UsageGroup::Day {
        let weight = |cost: &Cost| (cost.nano_dollars, cost.usage.output_tokens, cost.usage.reply_count);
        sums.sort_by_key(|(_, cost)| std::cmp::Reverse(weight(cost)));
    }
    let row_count = sums.len();
    let rows = sums
        .into_iter()
        .take(query.limit)
        .map(|(key, cost)| Ok(UsageRow { label: activity.usage_label(&key)?, cost }))
        .collect::<Result<_>>()?;
    let unpriced_models = unpriced.into_iter().collect();
    Ok(UsageReport { rows, row_count, total, unpriced_models, prices_date: prices.date.clone() })
}

fn cost_of(used: &ModelUsage, prices: &PriceTable) -> Cost {
    let TokenUsage { reply_count, cache_creation_tokens, cache_hour_tokens, .. } = used.usage;
    let figure = |figure: i64| Some(figure.max(0).cast_unsigned());
    let usage = Usage {
        input: figure(used.usage.input_tokens),
        output: figure(used.usage.output_tokens),
        cache_read: figure(used.usage.cache_read_tokens),
        cache_creation: figure(cache_creation_tokens),
        cache_creation_1h: figure(cache_hour_tokens),
        web_search_requests: figure(used.usage.web_search_requests),
        ..Usage::default()
    };
    match prices.cost(&usage, &used.model) {
        Some(cost) => Cost { usage: used.usage, nano_dollars: cost.cast_signed(), unpriced_replies: 0 },
        // What used nothing costs nothing, by whatever prices.
        None => Cost {
            usage: used.usage,
            nano_dollars: 0,
            unpriced_replies: if used.usage.is_used() && used.model != SYNTHETIC_MODEL {
                reply_count
            } else {
                0
            },
        },
    }
}

/// The largest price file that is read.
const LARGEST_FILE: u64 = 1 << 20;

/// The built-in prices, with those of a file laid over them.
///
/// Codes: `PRICES_INVALID`, with the line, when the file is no price table; `FILE_NOT_FOUND`, `FILE_UNREADABLE`,
/// `NOT_A_FILE` and others when it cannot be read.
pub fn read_prices(path: Option<&Path>) -> Result<PriceTable> {
    let mut table = PriceTable::built_in();
    if let Some(path) = path {
        let text = read_text(path)?;
        table.merge(
            PriceTable::parse(&text).map_err(|error| invalid(path, line_of(&text, &error)).because(error))?,
        );
    }
    Ok(table)
}

fn read_text(path: &Path) -> Result<String> {
    let failed = |error| Error::io("read the prices in", path, error);
    // Asked before it is opened: a pipe would make us wait for its writer.
    if !std::fs::metadata(path).map_err(failed)?.is_file() {
        return Err(Error::new(Code::NotAFile, format!("read the prices in {}", path.display())));
    }
    let mut bytes = Vec::new();
    File::open(path).and_then(|file| file.take(LARGEST_FILE + 1).read_to_end(&mut bytes)).map_err(failed)?;
    if bytes.len() as u64 > LARGEST_FILE {
        return Err(invalid(path, None).because("it is larger than 1 MiB"));
    }
    String::from_utf8(bytes).map_err(|error| {
        let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        invalid(path, Some(line_at(before))).because("it is not UTF-8")
    })
}

fn invalid(path: &Path, line: Option<usize>) -> Error {
    let line = line.map(|line| format!(", line {line}")).unwrap_or_default();
    Error::new(Code::PricesInvalid, format!("read the prices in {}{line}", path.display()))
}

/// The line, counted from 1, that an error is about.
fn line_of(text: &str, error: &PriceError) -> Option<usize> {
    let offset = match error {
        PriceError::NotJson { offset } => *offset,
        PriceError::NotTable => return None,
        PriceError::BadPrice { model, price } => {
            // The last entry of this name: a later one wins.
            let entry = text.rfind(&format!("\"{model}\""))?;
            let end = text[entry..].find('}').map_or(text.len(), |length| entry + length);
            entry + text[entry..end].find(&format!("\"{price}\"")).unwrap_or(0)
        }
    };
    let before = text.as_bytes().get(..offset.min(text.len()))?;
    Some(line_at(before))
}

/// The line, counted from 1, that begins or goes on behind `before`.
fn line_at(before: &[u8]) -> usize {
    before.split(|byte| *byte == b'\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use han_db::NewReply;
    use std::fs;

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().unwrap()
    }

    #[test]
    fn a_bad_price_file_is_told_with_its_line() {
        let folder = folder();
        let path = folder.path().join("prices.json");
        for (text, place) in [
            (&b"{\n  \"models\": {\n    oops\n  }\n}"[..], ", line 3: not JSON at byte"),
            (b"[]", "prices.json: no object with an object `models`"),
            (b"{\"models\": {\n\"a\": {\"input\": 1, \"output\": 1},\n\"b\": {\n\"input\": -1,\n\"output\": 2}}}", ", line 4: `input` of the model b"),
            (b"{\"models\": {\n\"b\": {\"input\": 1}}}", ", line 2: `output` of the model b is missing"),
            (b"{\n\"note\": \"\xff\"}", ", line 2: it is not UTF-8"),
            (b"", ", line 1: not JSON at byte 0"),
        ] {
            fs::write(&path, text).unwrap();
            let error = read_prices(Some(&path)).unwrap_err();
            assert_eq!(error.code(), Code::PricesInvalid);
            assert!(error.to_string().contains(place), "{error}");
        }
        fs::write(&path, vec![b' '; LARGEST_FILE as usize + 1]).unwrap();
        assert!(read_prices(Some(&path)).unwrap_err().to_string().contains("larger than 1 MiB"));
        assert_eq!(read_prices(Some(folder.path())).unwrap_err().code(), Code::NotAFile);
        let gone = folder.path().join("gone");
        assert_eq!(read_prices(Some(&gone)).unwrap_err().code(), Code::FileNotFound);
    }

    /// A database with a session, and replies `(model, input, output, cache, cache for one hour, searches)` in it.
    fn database(folder: &Path, replies: &[(&str, [i64; 5])]) -> Database {
        let database = Database::open(&folder.join("han.db")).unwrap();
        database
            .write(|write| {
                let (session_row, _) = write.sessions().ensure("s")?;
                let replies: Vec<NewReply> = replies
                    .iter()
                    .enumerate()
                    .map(|(index, (model, [input, output, cache, hour, searches]))| NewReply {
                        message_id: format!("r{index}"),
                        model: Some((*model).to_owned()),
                        input_tokens: *input,
                        output_tokens: *output,
                        cache_read_tokens: 10,
                        cache_creation_tokens: *cache,
                        cache_hour_tokens: *hour,
                        web_search_requests: *searches,
                        ..NewReply::default()
                    })
                    .collect();
                write.replies().book(session_row, None, &replies)
            })
            .unwrap();
        database
    }

    fn query(group: UsageGroup) -> UsageQuery {
        UsageQuery { group, filter: UsageFilter::default(), model: None, limit: usize::MAX }
    }

    #[test]
    fn cost_is_exact_by_the_prices_and_unknown_models_are_listed() {
        let folder = folder();
        let replies = [
            ("claude-haiku-4-5-20251001", [1, 1, 3, 2, 1]),
            ("claude-opus-4-5", [1000, 0, 0, 0, 0]),
            ("a-new-model", [7, 7, 0, 0, 0]),
            ("<synthetic>", [0, 0, 0, 0, 0]),
        ];
        let database = database(folder.path(), &replies);
        let report = query_usage(&database, &query(UsageGroup::Model), None).unwrap();
        let told: Vec<_> = report
            .rows
            .iter()
            .map(|row| {
                (row.label.model.as_deref().unwrap(), row.cost.nano_dollars, row.cost.unpriced_replies)
            })
            .collect();
        // In nano-dollars: 1000 in + 5000 out + 10 read x 100 + 1 x 1250 + 2 x 2000 for an hour + a search.
        let haiku = 1000 + 5000 + 1000 + 1250 + 4000 + 10_000_000;
        let opus = 1000 * 5000 + 10 * 500;
        assert_eq!(
            told,
            [
                ("claude-haiku-4-5-20251001", haiku, 0),
                ("claude-opus-4-5", opus, 0),
                ("a-new-model", 0, 1),
                ("<synthetic>", 0, 0),
            ]
        );
        assert_eq!(report.total.nano_dollars, haiku + opus);
        assert_eq!(report.total.usage.reply_count, 4);
        assert_eq!(report.unpriced_models, ["a-new-model"]);
        assert_eq!(report.prices_date, PriceTable::built_in().date);

        // An override prices what was unknown, and changes what was known.
        let prices = folder.path().join("prices.json");
        let text = r#"{"date":"2027-01-01","models":{"a-new-model":{"input":1,"output":2,"cache_read":0},
            "claude-opus-4-5":{"input":0.001,"output":0,"cache_read":0}}}"#;
        fs::write(&prices, text).unwrap();
        let report = query_usage(&database, &query(UsageGroup::Session), Some(&prices)).unwrap();
        assert_eq!(report.rows[0].cost.nano_dollars, haiku + 1000 + 21_000);
        assert_eq!(report.rows[0].label.session_id.as_deref(), Some("s"));
        assert_eq!((report.prices_date.as_str(), report.unpriced_models.as_slice()), ("2027-01-01", &[][..]));
    }

    #[test]
    fn a_limit_cuts_rows_and_not_the_total() {
        let folder = folder();
        let database = database(
            folder.path(),
            &[("claude-haiku-4-5", [1, 0, 0, 0, 0]), ("claude-opus-4-5", [1, 0, 0, 0, 0])],
        );
        let report =
            query_usage(&database, &UsageQuery { limit: 1, ..query(UsageGroup::Model) }, None).unwrap();
        assert_eq!((report.rows.len(), report.row_count, report.total.usage.reply_count), (1, 2, 2));
        assert_eq!(report.rows[0].label.model.as_deref(), Some("claude-opus-4-5"));
    }
}
