//! Lines that edits added and removed.

use han_transcript::{FileAction, FileEdit, LineChange, Rule, diff_files, parse};
use proptest::prelude::*;
use serde_json::{Value, json};

fn call_line(name: &str, input: &Value) -> String {
    json!({"type": "assistant", "message": {"content": [{"type": "tool_use", "name": name, "input": input}]}})
        .to_string()
}

fn result_line(kept: &Value, is_error: bool) -> String {
    json!({
        "type": "user",
        "message": {"content": [{"type": "tool_result", "tool_use_id": "t", "content": "x", "is_error": is_error}]},
        "toolUseResult": kept,
    })
    .to_string()
}

/// What a call asks for, as added, removed and rule.
fn asked(name: &str, input: &Value) -> Option<(u64, u64, Rule)> {
    let line = call_line(name, input);
    let record = parse(&line).expect("a record");
    record
        .tool_calls()
        .next()
        .expect("a call")
        .edit()
        .map(|edit| (edit.lines.added, edit.lines.removed, edit.rule))
}

/// What a result tells.
fn told(kept: &Value) -> Option<(u64, u64, Rule)> {
    let line = result_line(kept, false);
    let record = parse(&line).expect("a record");
    record.tool_results()[0].edit().map(|edit| (edit.lines.added, edit.lines.removed, edit.rule))
}

#[test]
fn a_call_counts_what_it_asks_for() {
    let edit = |old: &str, new: &str| {
        asked("Edit", &json!({"file_path": "/a", "old_string": old, "new_string": new}))
    };
    assert_eq!(
        edit("a\nb\nc", "a\nB\nc"),
        Some((1, 1, Rule::DiffEdit)),
        "a rewrite of equal size is a change"
    );
    assert_eq!(edit("", "a\nb\n"), Some((2, 0, Rule::DiffEdit)));
    assert_eq!(edit("a\nb", ""), Some((0, 2, Rule::DiffEdit)));
    let edits = json!([{"old_string": "a", "new_string": "b"}, {"old_string": "c", "new_string": "c\nd", "replace_all": true}, 7]);
    assert_eq!(asked("MultiEdit", &json!({"file_path": "/a", "edits": edits})), Some((2, 1, Rule::DiffEdit)));
    assert_eq!(
        asked("Write", &json!({"file_path": "/a", "content": "a\nb\n"})),
        Some((2, 0, Rule::DiffWrite))
    );
    assert_eq!(asked("write", &json!({"file_path": "/a"})), Some((0, 0, Rule::DiffWrite)));
    let cell = |mode: &str| {
        asked("NotebookEdit", &json!({"notebook_path": "/n", "new_source": "a\nb", "edit_mode": mode}))
    };
    assert_eq!(cell("replace"), Some((2, 0, Rule::DiffNotebook)));
    assert_eq!(cell("delete"), Some((0, 0, Rule::DiffNotebook)));
    assert_eq!(asked("Read", &json!({"file_path": "/a"})), None);
}

#[test]
fn the_marked_lines_of_a_patch_count_before_all_else() {
    let patch = json!([
        {"oldStart": 1, "oldLines": 2, "newStart": 1, "newLines": 3, "lines": [" a", "-b", "+c", "+d", "\\ No newline at end of file"]},
        {"lines": ["+e", 7, ""]},
        {"lines": "none"},
    ]);
    let kept = json!({"filePath": "/a", "oldString": "x", "newString": "y", "originalFile": "x", "structuredPatch": patch});
    assert_eq!(told(&kept), Some((3, 1, Rule::DiffStructuredPatch)));
}

#[test]
fn a_write_is_held_against_what_was_there() {
    let write = |kind: &str, original: Value, content: &str| {
        told(
            &json!({"type": kind, "filePath": "/a", "content": content, "originalFile": original, "structuredPatch": []}),
        )
    };
    assert_eq!(write("create", Value::Null, "a\nb"), Some((2, 0, Rule::DiffCreate)));
    assert_eq!(write("update", json!("a\nb\nc\n"), "a\nc\n"), Some((0, 1, Rule::DiffOriginal)));
    assert_eq!(write("update", json!("a\n"), "a\n"), Some((0, 0, Rule::DiffOriginal)));
    let untold = |kind: &str| told(&json!({"type": kind, "filePath": "/a", "content": "a\nb"}));
    assert_eq!(untold("create"), Some((2, 0, Rule::DiffCreate)));
    assert_eq!(untold("update"), Some((2, 0, Rule::DiffWrite)));
    assert_eq!(
        told(&json!({"type": "update", "filePath": "/a", "content": "a", "structuredPatch": []})),
        Some((0, 0, Rule::DiffStructuredPatch)),
        "an empty patch says that nothing changed"
    );
}

#[test]
fn an_edit_without_a_patch_is_carried_out_on_the_original() {
    let edit = |original: Value, old: &str, new: &str, all: bool| {
        told(
            &json!({"filePath": "/a", "oldString": old, "newString": new, "originalFile": original, "replaceAll": all}),
        )
    };
    assert_eq!(edit(json!("x\ny\nx\nz x\n"), "x", "w", true), Some((3, 3, Rule::DiffOriginal)));
    assert_eq!(edit(json!("x\ny\nx\n"), "x", "w", false), Some((1, 1, Rule::DiffOriginal)));
    assert_eq!(
        edit(json!("a\nb\nc\n"), "b", "", false),
        Some((0, 1, Rule::DiffOriginal)),
        "the line goes with its newline"
    );
    assert_eq!(edit(json!(""), "", "a\nb\n", false), Some((2, 0, Rule::DiffOriginal)));
    assert_eq!(
        edit(json!("other"), "x", "w\nv", false),
        Some((2, 1, Rule::DiffEdit)),
        "the old text is not in the file"
    );
    assert_eq!(edit(Value::Null, "x", "w\nv", false), Some((2, 1, Rule::DiffEdit)));
    let edits = json!([{"old_string": "a", "new_string": "b"}, {"old_string": "b\nb", "new_string": "c"}]);
    assert_eq!(
        told(&json!({"filePath": "/a", "edits": edits, "originalFileContents": "a\nb\n"})),
        Some((1, 2, Rule::DiffOriginal)),
        "the second edit sees what the first one made"
    );
}

#[test]
fn a_cell_is_held_against_the_one_in_the_notebook() {
    let notebook =
        json!({"cells": [{"id": "c0", "source": "q"}, {"id": "c1", "source": ["a\n", "b\n", "c"]}]})
            .to_string();
    let cell = |mode: &str, new: &str| {
        told(
            &json!({"notebook_path": "/n", "cell_id": "c1", "new_source": new, "edit_mode": mode, "original_file": notebook}),
        )
    };
    assert_eq!(cell("replace", "a\nB\nc"), Some((1, 1, Rule::DiffNotebook)));
    assert_eq!(cell("insert", "x\ny"), Some((2, 0, Rule::DiffNotebook)));
    assert_eq!(cell("delete", ""), Some((0, 3, Rule::DiffNotebook)));
    assert_eq!(
        told(&json!({"new_source": "x", "old_source": "y\nz", "edit_mode": "replace"})),
        Some((1, 2, Rule::DiffNotebook))
    );
}

#[test]
fn what_is_no_edit_gives_none() {
    for kept in [
        json!("Error: no"),
        json!(null),
        json!([]),
        json!({}),
        json!({"filePath": "/a"}),
        json!({"type": "text", "file": {"filePath": "/a", "content": "x"}}),
        json!({"filePath": "/a", "content": "read by another tool"}),
        json!({"operation": "hover", "filePath": "/a", "result": "x"}),
        json!({"filenames": [], "numFiles": 0, "content": "x"}),
    ] {
        assert_eq!(told(&kept), None, "{kept}");
    }
    let failed = result_line(&json!({"filePath": "/a", "oldString": "x", "newString": "y"}), true);
    assert_eq!(parse(&failed).unwrap().tool_results()[0].edit(), None, "a failed call changed nothing");
}

#[test]
fn an_edit_tells_its_file_and_what_became_of_it() {
    let line = call_line("Write", &json!({"file_path": "/a b", "content": "x"}));
    let record = parse(&line).unwrap();
    let edit = record.tool_calls().next().unwrap().edit().unwrap();
    let lines = LineChange { added: 1, removed: 0 };
    assert_eq!(
        edit,
        FileEdit { path: Some("/a b".into()), action: FileAction::Created, lines, rule: Rule::DiffWrite }
    );
    for (kind, action) in [("create", FileAction::Created), ("update", FileAction::Modified)] {
        let line = result_line(
            &json!({"type": kind, "filePath": "/a", "content": "x", "structuredPatch": []}),
            false,
        );
        assert_eq!(parse(&line).unwrap().tool_results()[0].edit().unwrap().action, action);
    }
}

#[test]
fn a_replacement_that_would_grow_without_bounds_is_counted_instead() {
    let original = "a".repeat(1 << 20);
    let kept = json!({"filePath": "/a", "oldString": "a", "newString": "b\n".repeat(100), "originalFile": original, "replaceAll": true});
    assert_eq!(told(&kept), Some((101, 1, Rule::DiffEdit)));
}

proptest! {
    #[test]
    fn a_result_counts_as_the_files_themselves_do(
        lines in prop::collection::vec(prop::sample::select(vec!["a", "b", "c", "", "d e"]), 1..20),
        from in 0..20_usize,
        length in 1..6_usize,
        new in prop::collection::vec(prop::sample::select(vec!["a", "x", ""]), 0..5),
    ) {
        let original = lines.join("\n") + "\n";
        let from = from % lines.len();
        let old = lines[from..lines.len().min(from + length)].join("\n");
        prop_assume!(!old.is_empty());
        let new = new.join("\n");
        let after = if new.is_empty() && !old.ends_with('\n') && original.contains(&format!("{old}\n")) {
            original.replacen(&format!("{old}\n"), "", 1)
        } else {
            original.replacen(&old, &new, 1)
        };
        let expected = diff_files(&original, &after);
        let found = told(&json!({"filePath": "/a", "oldString": old, "newString": new, "originalFile": original}));
        prop_assert_eq!(found, Some((expected.added, expected.removed, Rule::DiffOriginal)));
    }
}
