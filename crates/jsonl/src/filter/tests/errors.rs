//! What is not compiled, and what the messages say.

use super::{all, any, leaf, not, text};
use crate::{Condition, Filter, Literal};
use han_base::Code;

fn values(operator: &str, value: Option<Literal>, values: Option<Vec<Literal>>) -> Condition {
    Condition { value, values, ..leaf("a", operator, Literal::Null) }
}

#[test]
fn conditions_that_mean_nothing_are_refused_by_name() {
    let none = Condition::default;
    let is_x = || leaf("a", "eq", text("x"));
    let rows = [
        (none(), "filters[0]: it has none of fieldPath, any, all and not"),
        (
            Condition { any: Some(vec![is_x()]), ..is_x() },
            "filters[0]: it has more than one of fieldPath, any, all and not",
        ),
        (Condition { not: Some(Box::new(is_x())), ..all(vec![is_x()]) }, "it has more than one of"),
        (
            Condition { value: Some(text("x")), ..any(vec![is_x()]) },
            "operator, value and values go only with fieldPath",
        ),
        (any(vec![]), "filters[0]: any holds no condition"),
        (all(vec![is_x(), all(vec![])]), "filters[0].all[1]: all holds no condition"),
        (any(vec![is_x(), not(none())]), "filters[0].any[1].not: it has none of"),
        (Condition { operator: None, ..is_x() }, "it has a fieldPath but no operator"),
        (leaf("a", "equals", text("x")), "unknown operator \"equals\"; it is one of eq, ne,"),
        (leaf("a", "EQ", text("x")), "unknown operator \"EQ\""),
        (leaf("a..b", "eq", text("x")), "an empty segment at character 3 of the field path \"a..b\""),
        (leaf(&"a[".repeat(100), "eq", text("x")), "a bracket that is not closed at character 2"),
        (values("eq", None, None), "eq needs a value"),
        (values("eq", None, Some(vec![text("x")])), "values go only with the operator in"),
        (values("exists", None, Some(vec![])), "values go only with the operator in"),
        (values("in", None, None), "in needs values, and no value"),
        (values("in", Some(text("x")), Some(vec![text("x")])), "in needs values, and no value"),
        (values("in", None, Some(vec![])), "in takes 1 to 10000 values"),
        (values("in", None, Some(vec![Literal::Null; 10_001])), "in takes 1 to 10000 values"),
        (values("in", None, Some(vec![Literal::Number(f64::NAN)])), "in takes only finite numbers"),
        (leaf("a", "ne", Literal::Number(f64::INFINITY)), "ne takes only finite numbers"),
        (leaf("a", "gt", Literal::Boolean(true)), "gt takes only a text or a finite number"),
        (leaf("a", "lte", Literal::Null), "lte takes only a text or a finite number"),
        (leaf("a", "lt", Literal::Number(f64::NAN)), "lt takes only a text or a finite number"),
        (leaf("a", "contains", Literal::Number(1.0)), "contains takes only a text"),
        (leaf("a", "startsWith", Literal::Null), "startsWith takes only a text"),
        (leaf("a", "regex", Literal::Boolean(true)), "regex takes only a text"),
        (leaf("a", "exists", text("yes")), "exists takes true or false as its value, or none"),
        (leaf("a", "exists", Literal::Number(1.0)), "exists takes true or false as its value, or none"),
        (leaf("a", "regex", text("a(b")), "regex has a bad pattern \"a(b\": unclosed group"),
        (leaf("a", "regex", text("(a{1000}){1000}")), "exceeds size limit of 1048576 bytes"),
        (leaf("a", "regex", text(&"a".repeat(20_000))), "regex takes a pattern of 16384 bytes at most"),
    ];
    for (condition, message) in rows {
        let error = Filter::compile(std::slice::from_ref(&condition)).expect_err(message);
        assert_eq!(error.code(), Code::InvalidFilter);
        let shown = error.to_string();
        assert!(shown.starts_with("[INVALID_FILTER] compile filters"), "{shown}");
        assert!(shown.contains(message) && shown.len() < 300 && !shown.contains('\n'), "{shown}");
    }
}

#[test]
fn the_message_names_the_condition_among_others() {
    let fine = leaf("a", "eq", text("x"));
    let error = Filter::compile(&[fine.clone(), any(vec![fine, leaf("a", "", text("x"))])]).unwrap_err();
    assert!(error.to_string().contains("filters[1].any[1]: unknown operator \"\""), "{error}");
}

#[test]
fn filters_are_bounded() {
    let is_x = || leaf("a", "eq", text("x"));
    let nested = |depth: usize| (0..depth).fold(is_x(), |inner, _| not(inner));
    Filter::compile(&[nested(32)]).unwrap();
    let error = Filter::compile(&[nested(33)]).unwrap_err();
    assert!(error.to_string().contains("more than 32 deep"), "{error}");

    let most = Filter::compile(&vec![is_x(); 128]).unwrap();
    assert!(most.matches(br#"{"a":"x"}"#) && !most.matches(br#"{"a":"y"}"#));
    let error = Filter::compile(&vec![is_x(); 129]).unwrap_err();
    assert!(error.to_string().contains("more than 128 conditions"), "{error}");
    let error = most.and(&Filter::compile(&[is_x()]).unwrap()).unwrap_err();
    assert_eq!(error.code(), Code::InvalidFilter);
}

#[test]
fn time_ranges_refuse_what_is_no_time_or_path() {
    for (start, end, message) in [
        ("yesterday", "2026-01-01T00:00Z", "read the start \"yesterday\" of a time range"),
        ("2026-01-01T00:00Z", "2026-01-01", "read the end \"2026-01-01\" of a time range"),
        ("", "", "read the start \"\" of a time range"),
    ] {
        let error = Filter::time_range("timestamp", start, end).unwrap_err();
        assert_eq!((error.code(), error.detail()), (Code::InvalidTimestamp, message.to_owned()));
    }
    let error = Filter::time_range("a.", "2026-01-01T00:00Z", "2026-01-01T00:00Z").unwrap_err();
    assert_eq!(error.code(), Code::InvalidFilter);
    assert_eq!(
        error.detail(),
        "compile a time range: an empty segment at character 3 of the field path \"a.\""
    );
}

#[test]
fn filters_are_shared_between_threads() {
    fn is_shared<T: Send + Sync + Clone + 'static>(_: &T) {}
    is_shared(&Filter::compile(&[]).unwrap());
}
