//! The filter and its slow twin agree: on odd generated lines, on chosen ones, and on every fixture.

use super::{all, any, generate, leaf, not, text, twin};
use crate::{Condition, Filter, Literal, lines};
use proptest::prelude::*;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Whether a line matches, as the twin has it.
type Expected<'e> = &'e dyn Fn(&twin::Line) -> bool;

/// Checks both ways of asking the filter against the twin, over a whole file.
fn check(filter: &Filter, file: &[u8], expected: Expected<'_>) -> Result<usize, TestCaseError> {
    let mut matching = Vec::new();
    for line in lines(0, file) {
        let answer = twin::Line::read(line.bytes).is_some_and(|line| expected(&line));
        let shown = String::from_utf8_lossy(line.bytes);
        prop_assert_eq!(filter.matches(line.bytes), answer, "{:?} of {:?}", shown, filter);
        if answer {
            matching.push(line.offset as usize..line.offset as usize + line.bytes.len());
        }
    }
    let found: Vec<_> = filter.matching_lines(file).collect();
    prop_assert_eq!(&found, &matching, "{:?} of {:?}", String::from_utf8_lossy(file), filter);
    Ok(found.len())
}

fn joined(lines: &[Vec<u8>], has_final_newline: bool) -> Vec<u8> {
    let mut file = lines.join(&b'\n');
    if has_final_newline {
        file.push(b'\n');
    }
    file
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn conditions_agree_with_the_twin(
        lines in generate::lines(), final_newline: bool, conditions in generate::conditions(), more in generate::conditions(),
    ) {
        let file = joined(&lines, final_newline);
        let filter = Filter::compile(&conditions).unwrap();
        check(&filter, &file, &|line| line.matches(&conditions))?;
        let both = filter.and(&Filter::compile(&more).unwrap()).unwrap();
        check(&both, &file, &|line| line.matches(&conditions) && line.matches(&more))?;
    }

    #[test]
    fn probes_agree_with_the_twin(lines in generate::near_lines(), conditions in generate::near_conditions()) {
        let filter = Filter::compile(&conditions).unwrap();
        check(&filter, &joined(&lines, true), &|line| line.matches(&conditions))?;
    }

    #[test]
    fn time_ranges_agree_with_the_twin(
        lines in generate::lines(), final_newline: bool, (path, start, end) in generate::time_ranges(),
    ) {
        let filter = Filter::time_range(path, start, end).unwrap();
        check(&filter, &joined(&lines, final_newline), &|line| line.is_within(path, start, end))?;
    }
}

#[test]
fn lines_are_found_however_keys_and_values_are_written() {
    let escaped_everywhere = r"\u0074\u0069\u006D\u0065";
    let file = [
        r#"{"k":"rare/value"}"#,
        r#"{"k":"rare\/value"}"#,
        r#"{"k" : "rare/value"}"#,
        r#"{"k":"rare/v\u0061lue"}"#,
        r#"{"\u006b":"rare/value"}"#,
        r#"{"\u006B"	:	"\u0072are/value"}"#,
        r#"{"k":"other","k":"rare/value"}"#,
        r#"{"x":"\\u006b","k":["rare/value"]}"#,
        r#"{"x":{"k":"rare/value"}}"#,
        r#"{"k":"rare/value","k":"other"}"#,
        r#"{"k":"rare/value"} torn"#,
        &format!(r#"{{"{escaped_everywhere}":"rare/value"}}"#),
        "{\"x\":\"v\",\",\":\"rare/value\"}",
        "{\"\":\"\",\"x\":\"rare/value\"}",
    ]
    .join("\n");
    let find = |path: &str, operator: &str, value: &str, count: usize| {
        let conditions = [leaf(path, operator, text(value))];
        let filter = Filter::compile(&conditions).unwrap();
        let found = check(&filter, file.as_bytes(), &|line| line.matches(&conditions)).unwrap();
        assert_eq!(found, count, "{path} {operator} {value}");
    };
    find("k", "eq", "rare/value", 7);
    find("k", "startsWith", "rare/v", 7);
    find("k", "contains", "re/val", 8);
    find("k", "gt", "rare", 7);
    find("k", "regex", "^rare", 7);
    find("time", "eq", "rare/value", 1);
    find("time", "regex", "rare", 1);
    find(",", "gte", "rare/value", 1);
    find("x.k", "eq", "rare/value", 1);
    find("k[0]", "eq", "rare/value", 1);
    find("k.0", "regex", "rare", 1);
}

/// Files of the bundled fixtures.
fn fixtures(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            fixtures(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "jsonl") {
            files.push(path);
        }
    }
}

/// Filters as people ask them of transcripts.
fn usual_conditions() -> Vec<Vec<Condition>> {
    let eq = |path: &str, value: &str| leaf(path, "eq", text(value));
    let exists = |path: &str| leaf(path, "exists", Literal::Boolean(true));
    vec![
        vec![],
        vec![eq("type", "user")],
        vec![leaf("type", "ne", text("user"))],
        vec![eq("message.role", "assistant"), eq("message.content[0].type", "tool_use")],
        vec![eq("sessionId", "0dd00000-0000-4000-8000-000000000013")],
        vec![leaf("message.content", "contains", text("error"))],
        vec![leaf("message.content[0].content", "startsWith", text("Th"))],
        vec![leaf("message.usage.output_tokens", "gte", Literal::Number(100.0))],
        vec![leaf("timestamp", "gt", text("2026-01-01T00:00:00Z"))],
        vec![leaf("message.model", "regex", text("(?i)sonnet|opus"))],
        vec![exists("toolUseResult"), not(eq("toolUseResult.type", "text"))],
        vec![any(vec![eq("type", "summary"), all(vec![eq("type", "system"), exists("parentUuid")])])],
        vec![any(vec![eq("type", "system"), leaf("message.content.0.text", "contains", text("the"))])],
        vec![leaf("isSidechain", "eq", Literal::Boolean(true))],
        vec![eq("parentUuid", "null")],
        vec![not(exists("uuid"))],
    ]
}

#[test]
fn filters_agree_with_the_twin_on_every_fixture() {
    let mut files = Vec::new();
    fixtures(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../testkit/fixtures"), &mut files);
    let files: Vec<Vec<u8>> = files.iter().map(|path| fs::read(path).unwrap()).collect();
    assert!(files.len() > 40, "{} files", files.len());
    for conditions in usual_conditions() {
        let filter = Filter::compile(&conditions).unwrap();
        let found = files.iter().map(|file| check(&filter, file, &|line| line.matches(&conditions)).unwrap());
        assert!(found.sum::<usize>() > 0, "nothing matches {conditions:?}");
    }
    let range = ("timestamp", "2025-06-01", "2026-06-01");
    let (start, end) = (format!("{}T00:00Z", range.1), format!("{}T00:00:00.000000001+02:00", range.2));
    let filter = Filter::time_range(range.0, &start, &end).unwrap();
    let found =
        files.iter().map(|file| check(&filter, file, &|line| line.is_within(range.0, &start, &end)).unwrap());
    assert!(found.sum::<usize>() > 0);
}
