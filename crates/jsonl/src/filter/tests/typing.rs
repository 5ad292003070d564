//! The documented typing rules, row by row.

use super::{all, any, leaf, matches, not, text};
use crate::{Condition, Filter, Literal};

fn number(number: f64) -> Literal {
    Literal::Number(number)
}

/// Whether a condition on the field `f` holds for its value, as JSON text.
fn holds(field: &str, operator: &str, value: Literal) -> bool {
    let filter = Filter::compile(&[leaf("f", operator, value)]).unwrap();
    matches(&filter, format!("{{\"f\":{field}}}"))
}

/// Each row: the field, a value, and whether they are equal.
fn check_equality(rows: Vec<(&str, Literal, bool)>) {
    for (field, value, equal) in rows {
        assert_eq!(holds(field, "eq", value.clone()), equal, "{field} eq {value:?}");
        assert_eq!(holds(field, "ne", value.clone()), !equal, "{field} ne {value:?}");
        let none_else = Condition {
            value: None,
            values: Some(vec![Literal::Text("something else".to_owned()), value.clone()]),
            ..leaf("f", "in", Literal::Null)
        };
        let filter = Filter::compile(&[none_else]).unwrap();
        assert_eq!(matches(&filter, format!("{{\"f\":{field}}}")), equal, "{field} in {value:?}");
    }
}

#[test]
fn a_text_equals_by_the_type_of_the_field() {
    check_equality(vec![
        (r#""value""#, text("value"), true),
        (r#""v\u0061lue""#, text("value"), true),
        (r#""Value""#, text("value"), false),
        (r#""""#, text(""), true),
        (r#""a\"\n""#, text("a\"\n"), true),
        (r#""2026-01-01T02:00:00.000+02:00""#, text("2026-01-01T00:00:00Z"), true),
        (r#""2026-01-01 00:00""#, text("2026-01-01T00:00:00Z"), true),
        (r#""2026-01-01T00:00:00.000000001Z""#, text("2026-01-01T00:00:00Z"), false),
        (r#""2026-01-01""#, text("2026-01-01T00:00:00Z"), false),
        ("1.50e1", text("15"), true),
        ("9007199254740993", text("9007199254740992"), false),
        ("9007199254740993", text("9007199254740993"), true),
        ("15", text(" 15"), false),
        ("15", text("fifteen"), false),
        (r#""15.0""#, text("15"), false),
        ("true", text("true"), true),
        ("true", text("false"), false),
        (r#""true""#, text("true"), true),
        ("null", text("null"), true),
        ("null", text(""), false),
        ("1", text("true"), false),
        (r#"{ "b" : [ 1 , "x y" ], "a":null }"#, text(r#"{"b":[1,"x y"],"a":null}"#), true),
        (r#"{"b":1,"a":2}"#, text(r#"{"a":2,"b":1}"#), false),
        (r#"["\u0061"]"#, text(r#"["\u0061"]"#), true),
        (r#"["\u0061"]"#, text(r#"["a"]"#), false),
        ("[ ]", text("[]"), true),
        ("[1]", text("1"), false),
        (r#""[1]""#, text("[1]"), true),
    ]);
}

#[test]
fn other_values_equal_only_their_own_type() {
    check_equality(vec![
        ("1.0", number(1.0), true),
        ("0.1", number(0.1), true),
        ("0.1000000000000000055511151231257827", number(0.1), false),
        ("-0", number(0.0), true),
        ("9007199254740993", number(9_007_199_254_740_992.0), false),
        ("18446744073709551616", number(18_446_744_073_709_551_616.0), true),
        ("1e400", number(f64::MAX), false),
        (r#""1""#, number(1.0), false),
        ("true", number(1.0), false),
        ("true", Literal::Boolean(true), true),
        ("false", Literal::Boolean(true), false),
        (r#""true""#, Literal::Boolean(true), false),
        ("null", Literal::Null, true),
        (r#""null""#, Literal::Null, false),
        ("0", Literal::Null, false),
        ("[]", Literal::Null, false),
        ("{}", Literal::Boolean(false), false),
    ]);
}

#[test]
fn fields_are_ordered_as_numbers_times_or_characters() {
    // Each row: the field, the value, and how the field compares: <, =, > or not at all.
    let rows = [
        ("2", text("10"), "<"),
        (r#""2""#, text("10"), "<"),
        (r#""1e1""#, text("10"), "="),
        ("9007199254740993", text("9007199254740992"), ">"),
        ("1e400", text("1e399"), ">"),
        ("2", number(10.0), "<"),
        ("10.5", number(10.0), ">"),
        (r#""2""#, number(10.0), "none"),
        ("2", text("two"), "none"),
        (r#""2""#, text("two"), "<"),
        (r#""b""#, text("a"), ">"),
        (r#""a""#, text("a"), "="),
        (r#""Z""#, text("a"), "<"),
        (r#""\uffff""#, text("😀"), "<"),
        (r#""2026-01-01T01:00:00+02:00""#, text("2026-01-01T00:00:00Z"), "<"),
        (r#""2026-01-01T00:00:00.0000000001""#, text("2026-01-01T00:00:00Z"), "="),
        (r#""2026-01-01T00:00:00Z""#, text("2026-01-01"), ">"),
        ("true", text("true"), "none"),
        ("null", text("null"), "none"),
        ("[2]", text("[1]"), "none"),
    ];
    for (field, value, order) in rows {
        for (operator, orders) in [("gt", ">"), ("gte", ">="), ("lt", "<"), ("lte", "<=")] {
            let expected = orders.contains(order);
            assert_eq!(holds(field, operator, value.clone()), expected, "{field} {operator} {value:?}");
        }
    }
}

#[test]
fn texts_are_searched_in_strings_and_in_json() {
    let rows = [
        (r#""a\u0062c""#, "contains", "bc", true),
        (r#""abc""#, "contains", "", true),
        (r#""abc""#, "contains", "bd", false),
        (r#""a\nb""#, "contains", "a\nb", true),
        ("12.50", "contains", "2.5", true),
        ("true", "contains", "ru", true),
        ("null", "contains", "null", true),
        (r#"[ { "type" : "text" } ]"#, "contains", r#"[{"type":"text"}]"#, true),
        (r#"[ "a b" ]"#, "contains", "a b", true),
        ("[12 , 13]", "contains", "12,13", true),
        (r#"[ "a" , "b" ]"#, "contains", "\"a\" ", false),
        (r#"["a\nb"]"#, "contains", "a\nb", false),
        (r#"["a\nb"]"#, "contains", r"a\nb", true),
        (r#""abc""#, "startsWith", "ab", true),
        (r#""\u0061bc""#, "startsWith", "ab", true),
        (r#""abc""#, "startsWith", "b", false),
        ("12", "startsWith", "1", false),
        (r#"["a"]"#, "startsWith", "[", false),
        (r#""abc""#, "regex", "^a.c$", true),
        (r#""xabcx""#, "regex", "a.c", true),
        (r#""a\nc""#, "regex", "a.c", false),
        (r#""a\nc""#, "regex", "(?s)a.c", true),
        (r#""naïve""#, "regex", r"\w{5}", true),
        ("12", "regex", "1", false),
    ];
    for (field, operator, value, expected) in rows {
        assert_eq!(holds(field, operator, text(value)), expected, "{field} {operator} {value}");
    }
}

fn all_hold(conditions: &[Condition], line: &str) -> bool {
    matches(&Filter::compile(conditions).unwrap(), line)
}

#[test]
fn a_missing_field_holds_nothing_but_what_turns_it_around() {
    let exists = |value: Option<Literal>| Condition { value, ..leaf("f", "exists", Literal::Null) };
    for (line, is_there) in [
        (r#"{"f":1}"#, true),
        (r#"{"f":null}"#, true),
        (r#"{"f":{}}"#, true),
        ("{}", false),
        (r#"{"g":{"f":1}}"#, false),
        ("[]", false),
        ("1", false),
        (r#""f""#, false),
    ] {
        assert_eq!(all_hold(&[exists(None)], line), is_there, "{line}");
        assert_eq!(all_hold(&[exists(Some(Literal::Boolean(true)))], line), is_there, "{line}");
        assert_eq!(all_hold(&[exists(Some(text("true")))], line), is_there, "{line}");
        assert_eq!(all_hold(&[exists(Some(Literal::Boolean(false)))], line), !is_there, "{line}");
        assert_eq!(all_hold(&[exists(Some(text("false")))], line), !is_there, "{line}");
        assert_eq!(all_hold(&[leaf("f", "ne", text("x"))], line), is_there, "{line}");
        assert!(all_hold(&[not(leaf("f", "eq", text("x")))], line), "{line}");
        assert_eq!(all_hold(&[not(leaf("f", "ne", text("x")))], line), !is_there, "{line}");
    }
}

#[test]
fn only_whole_json_matches() {
    for line in [
        "",
        " ",
        "\t\r",
        "{",
        r#"{"f":1"#,
        r#"{"f":1}}"#,
        r#"{"f":1}{"f":1}"#,
        "nul",
        "\u{0}",
        "{\"f\":1}\u{0}",
        "{'f':1}",
        "{\"f\":1,}",
        "\u{feff}\u{feff}{}",
        "{\"f\":\"a\tb\"}",
    ] {
        for conditions in
            [vec![], vec![not(leaf("f", "eq", text("x")))], vec![leaf("f", "exists", Literal::Boolean(true))]]
        {
            assert!(!all_hold(&conditions, line), "{line:?}");
        }
    }
    let f_is_1 = [leaf("f", "eq", text("1"))];
    for line in [r#"{"f":1}"#, " {\"f\" : 1 } \r", "\u{feff}{\"f\":1}", r#"{"f":{},"f":[],"f":1}"#] {
        assert!(all_hold(&f_is_1, line) && all_hold(&[], line), "{line:?}");
    }
    let nested = |depth: usize| format!("{{\"f\":1,\"g\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
    assert!(all_hold(&f_is_1, &nested(511)));
    assert!(!all_hold(&f_is_1, &nested(512)));
    let invalid = Filter::compile(&[leaf("f", "eq", text("a\u{fffd}b"))]).unwrap();
    assert!(matches(&invalid, b"{\"f\":\"a\xffb\"}") && matches(&invalid, br#"{"f":"a\ud83db"}"#));
}

#[test]
fn of_keys_that_stand_twice_the_last_one_counts() {
    let deep = [leaf("a.b", "eq", text("1"))];
    for (line, expected) in [
        (r#"{"a":{"b":1}}"#, true),
        (r#"{"a":{"b":2,"b":1}}"#, true),
        (r#"{"a":{"b":1,"b":2}}"#, false),
        (r#"{"a":{"b":1},"a":{}}"#, false),
        (r#"{"a":{"b":1},"a":null}"#, false),
        (r#"{"a":3,"a":{"b":1}}"#, true),
        (r#"{"a":{"b":1},"\u0061":{"b":2}}"#, false),
    ] {
        assert_eq!(all_hold(&deep, line), expected, "{line}");
    }
}

#[test]
fn paths_lead_through_objects_and_arrays() {
    for (path, line, expected) in [
        ("a.0", r#"{"a":["x"]}"#, true),
        ("a.0", r#"{"a":{"0":"x"}}"#, true),
        ("a[0]", r#"{"a":["x"]}"#, true),
        ("a[0]", r#"{"a":{"0":"x"}}"#, false),
        ("a[1]", r#"{"a":["x"]}"#, false),
        ("a.00", r#"{"a":["x"]}"#, false),
        ("a.00", r#"{"a":{"00":"x"}}"#, true),
        ("[1].a", r#"[0,{"a":"x"}]"#, true),
        (r"a\.b", r#"{"a.b":"x"}"#, true),
        (r"a\.b", r#"{"a":{"b":"x"}}"#, false),
        ("a.b", r#"{"a.b":"x"}"#, false),
        (r"\[\]\\", r#"{"[]\\":"x"}"#, true),
        ("a.length", r#"{"a":["x"]}"#, false),
    ] {
        assert_eq!(all_hold(&[leaf(path, "eq", text("x"))], line), expected, "{path} of {line}");
    }
    // Both kinds of steps to the same item, and one field asked twice.
    let both =
        [leaf("a[0]", "eq", text("x")), leaf("a.0", "ne", text("y")), leaf("a[0]", "startsWith", text("x"))];
    assert!(all_hold(&both, r#"{"a":["x"]}"#));
}

#[test]
fn groups_join_conditions() {
    let is = |value: &str| leaf("f", "eq", text(value));
    let row = |line: &str, conditions: &[Condition]| all_hold(conditions, line);
    let one = r#"{"f":"one","g":1}"#;
    assert!(row(one, &[any(vec![is("two"), is("one")])]));
    assert!(!row(one, &[any(vec![is("two"), is("three")])]));
    assert!(row(one, &[all(vec![is("one"), leaf("g", "gte", number(1.0))])]));
    assert!(!row(one, &[all(vec![is("one"), is("two")])]));
    assert!(row(one, &[not(any(vec![is("two"), all(vec![is("one"), is("two")])]))]));
    assert!(!row(one, &[is("one"), not(is("one"))]));
}

#[test]
fn time_ranges_include_their_ends_at_full_precision() {
    let range = Filter::time_range("at", "2026-01-01T00:00:00.1Z", "2026-01-01T02:00+01:00").unwrap();
    for (field, expected) in [
        (r#""2026-01-01T00:00:00.100Z""#, true),
        (r#""2026-01-01T00:00:00.1""#, true),
        (r#""2026-01-01T00:00:00.099999999Z""#, false),
        (r#""2026-01-01T01:00:00.000Z""#, true),
        (r#""2026-01-01T01:00:00.000000001Z""#, false),
        (r#""2025-12-31T20:00:00-05:00""#, true),
        (r#""2026-01-01t00:30z""#, true),
        (r#""2026\u002d01-01 00:30""#, true),
        (r#""2026-01-01""#, false),
        (r#""soon""#, false),
        ("1767225600000", false),
        ("null", false),
        (r#"["2026-01-01T00:30Z"]"#, false),
    ] {
        let line = format!("{{\"x\":{{\"at\":\"2026-01-01T00:30Z\"}},\"at\":{field}}}");
        assert_eq!(matches(&range, line), expected, "{field}");
    }
    let backwards = Filter::time_range("at", "2026-01-02T00:00Z", "2026-01-01T00:00Z").unwrap();
    assert!(!matches(&backwards, r#"{"at":"2026-01-01T12:00:00.000Z"}"#));
}
