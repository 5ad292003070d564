//! What replies cost.

use han_transcript::{NANO_DOLLARS, PriceError, PriceTable, Usage, dollars};
use proptest::prelude::*;

#[test]
fn the_table_of_the_crate_knows_the_models() {
    let table = PriceTable::built_in();
    assert!(table.date.len() == 10 && !table.note.is_empty());
    for (model, input, output) in [
        ("claude-sonnet-4-5-20250929", 3_000, 15_000),
        ("claude-opus-4-1-20250805", 15_000, 75_000),
        ("claude-opus-4-5-20251101", 5_000, 25_000),
        ("claude-opus-4-6", 5_000, 25_000),
        ("claude-haiku-4-5@20251001", 1_000, 5_000),
        ("claude-3-7-sonnet-latest", 3_000, 15_000),
        ("claude-3-haiku-20240307", 250, 1_250),
    ] {
        let price = table.price(model).unwrap_or_else(|| panic!("{model}"));
        assert_eq!((price.input, price.output), (input, output), "{model}");
    }
    for model in [
        "",
        "<synthetic>",
        "claude",
        "claude-sonnet-4-5-2025",
        "gpt-5",
        "claude-opus-9",
        "claude-opus-4-6-1m",
        "CLAUDE-OPUS-4-6",
    ] {
        assert_eq!(table.price(model), None, "{model}");
        assert_eq!(table.cost(&Usage { input: Some(1), ..Usage::default() }, model), None);
    }
    // What is written out for the cache is what follows from the price of input.
    for (name, price) in table.models() {
        let haiku = name == "claude-3-haiku";
        assert_eq!(price.cache_write_1h, price.input * 2, "{name}");
        assert!(
            haiku || (price.cache_read, price.cache_write_5m) == (price.input / 10, price.input * 5 / 4),
            "{name}"
        );
    }
}

#[test]
fn a_cost_is_the_sum_of_its_parts() {
    let usage = Usage {
        input: Some(10),
        output: Some(200),
        cache_read: Some(90_000),
        cache_creation: Some(1_500),
        cache_creation_1h: Some(500),
        web_search_requests: Some(2),
        ..Usage::default()
    };
    let cost = PriceTable::built_in().cost(&usage, "claude-sonnet-4-5").unwrap();
    // 1,000 tokens of the cache have no lifetime and count as five minutes.
    assert_eq!(cost, 10 * 3_000 + 200 * 15_000 + 90_000 * 300 + 1_000 * 3_750 + 500 * 6_000 + 2 * 10_000_000);
    assert!((dollars(cost) - 0.056_78).abs() < 1e-12);
    assert_eq!(PriceTable::built_in().cost(&Usage::default(), "claude-sonnet-4-5"), Some(0));
}

#[test]
fn an_override_is_laid_over_the_table() {
    let mut table = PriceTable::built_in();
    let over = r#"{"date":"2027-01-01","models":{"claude-opus-4-6":{"input":"1.005","output":2,"web_search":0},"own":{"input":0,"output":0}}}"#;
    table.merge(PriceTable::parse(over).unwrap());
    let price = table.price("claude-opus-4-6").unwrap();
    assert_eq!((price.input, price.output, price.cache_read, price.web_search), (1_005, 2_000, 100, 0));
    assert_eq!((price.cache_write_5m, price.cache_write_1h), (1_256, 2_010));
    assert_eq!(table.price("own").map(|price| price.web_search), Some(NANO_DOLLARS / 100));
    assert_eq!((table.date.as_str(), table.note == PriceTable::built_in().note), ("2027-01-01", true));
    assert!(table.price("claude-sonnet-4").is_some());
}

#[test]
fn a_text_that_is_no_table_says_why() {
    let bad =
        |model: &str, price: &str| PriceError::BadPrice { model: model.to_owned(), price: price.to_owned() };
    for (text, error) in [
        ("", PriceError::NotJson { offset: 0 }),
        (r#"{"models":{"#, PriceError::NotJson { offset: 11 }),
        ("[]", PriceError::NotTable),
        (r#"{"models":[]}"#, PriceError::NotTable),
        (r#"{"models":{"m":{}}}"#, bad("m", "input")),
        (r#"{"models":{"m":7}}"#, bad("m", "input")),
        (r#"{"models":{"m":{"input":1}}}"#, bad("m", "output")),
        (r#"{"models":{"m":{"input":-1,"output":1}}}"#, bad("m", "input")),
        (r#"{"models":{"m":{"input":0.0001,"output":1}}}"#, bad("m", "input")),
        (r#"{"models":{"m":{"input":1e3,"output":1}}}"#, bad("m", "input")),
        (r#"{"models":{"m":{"input":1,"output":1,"cache_read":null}}}"#, bad("m", "cache_read")),
        (r#"{"models":{"m":{"input":99999999999999999999,"output":1}}}"#, bad("m", "input")),
    ] {
        assert_eq!(PriceTable::parse(text), Err(error.clone()), "{text}");
        assert!(!error.to_string().is_empty());
    }
    assert_eq!(PriceTable::parse("\u{feff}{\"models\":{}}"), Ok(PriceTable::default()));
}

proptest! {
    #[test]
    fn the_cost_of_a_sum_is_the_sum_of_the_costs(replies in prop::collection::vec(any::<[u64; 6]>(), 1..8), shift in 40..64_u32) {
        let table = PriceTable::built_in();
        let cost = |counts: [u64; 6]| {
            let [input, output, cache_read, cache_5m, cache_1h, web_search_requests] = counts.map(Some);
            let cache_creation = cache_5m.zip(cache_1h).map(|(five, one)| five.saturating_add(one));
            let usage = Usage {
                input,
                output,
                cache_read,
                cache_creation,
                cache_creation_1h: cache_1h,
                web_search_requests,
                ..Usage::default()
            };
            table.cost(&usage, "claude-opus-4-6").expect("a known model")
        };
        // Whatever the counts are, a cost fits a database.
        prop_assert!(replies.iter().all(|&counts| i64::try_from(cost(counts)).is_ok()));
        let replies: Vec<[u64; 6]> = replies.iter().map(|counts| counts.map(|count| count >> shift)).collect();
        let all = replies.iter().fold([0; 6], |sum: [u64; 6], counts| std::array::from_fn(|index| sum[index] + counts[index]));
        prop_assert_eq!(replies.iter().map(|&counts| cost(counts)).sum::<u64>(), cost(all));
    }
}
