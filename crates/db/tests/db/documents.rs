//! Documents in stores of callers: names are data, what is found, what is counted, and that stores do not meet.

use crate::fixture::{Store, cases, code};
use han_base::{Code, Result};
use han_db::{Database, DocumentStore, FtsDocument, FtsSearchResult, VectorDocumentInput};
use proptest::prelude::{prop, prop_assert_eq, proptest};
use std::collections::BTreeMap;

fn document(id: &str, content: &str) -> FtsDocument {
    FtsDocument { id: id.into(), content: content.into(), metadata: None }
}

fn index(store: &Store, name: &str, documents: &[FtsDocument]) -> Result<u64> {
    store.write(|write| write.documents().index(name, documents))
}

fn put(store: &Store, name: &str, documents: &[(&str, &str)]) -> u64 {
    let documents: Vec<_> = documents.iter().map(|(id, content)| document(id, content)).collect();
    index(store, name, &documents).unwrap()
}

fn search(store: &Store, name: &str, query: &str) -> Result<Vec<FtsSearchResult>> {
    store.read(|read| read.documents().search(name, query, 10))
}

/// Ids of what a query finds, best first.
fn found(store: &Store, name: &str, query: &str) -> Vec<String> {
    search(store, name, query).unwrap().into_iter().map(|found| found.id).collect()
}

fn delete(store: &Store, name: &str, ids: &[&str]) -> Result<u64> {
    let ids: Vec<String> = ids.iter().map(|&id| id.into()).collect();
    store.write(|write| write.documents().delete(name, &ids))
}

fn list(store: &Store) -> Vec<DocumentStore> {
    store.read(|read| read.document_stores().list()).unwrap()
}

fn drop_store(store: &Store, name: &str) -> u64 {
    store.write(|write| write.document_stores().drop(name)).unwrap()
}

fn assert_sound(store: &Store) {
    assert_eq!(store.write(|write| write.documents().check_index()).unwrap(), Vec::<String>::new());
    store.assert_sound();
}

/// Everything that the schema names, besides what SQLite keeps itself.
fn schema(store: &Store) -> Vec<String> {
    let connection = store.plain();
    let mut statement = connection.prepare("SELECT name FROM sqlite_schema ORDER BY name").unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

const ODD_NAMES: [&str; 14] = [
    "han_team_github.com_org_repo",
    "with-dash",
    "with space",
    "quote\"quote",
    "apostrophe'; DROP TABLE documents; --",
    "[brackets]`ticks`",
    "sqlite_master",
    "documents",
    "documents_fts_1",
    "ünïcödé 日本語 🚢",
    "\u{0}\u{1}\n\t",
    "%_*?",
    "x); DELETE FROM document_stores; --",
    " ",
];

#[test]
fn any_name_is_data_and_never_becomes_sql() {
    let store = Store::new();
    let long = "n".repeat(512);
    let names: Vec<&str> = ODD_NAMES.into_iter().chain([long.as_str(), "Case", "case"]).collect();
    for name in &names {
        assert_eq!(put(&store, name, &[("id", name), ("other", "word")]), 2, "{name}");
    }
    for name in &names {
        let results = search(&store, name, "word").unwrap();
        assert_eq!(results.len(), 1, "{name}");
        assert_eq!(delete(&store, name, &["other", "nobody"]).unwrap(), 1, "{name}");
        assert_eq!(found(&store, name, "word"), [""; 0], "{name}");
    }
    let mut listed: Vec<String> = list(&store).into_iter().map(|one| one.name).collect();
    let mut expected: Vec<String> = names.iter().map(|&name| name.into()).collect();
    listed.sort();
    expected.sort();
    assert_eq!(listed, expected);
    assert_sound(&store);
}

#[test]
fn a_name_has_from_one_to_512_bytes() {
    let store = Store::new();
    for name in [String::new(), "n".repeat(513), "é".repeat(257)] {
        assert_eq!(code(index(&store, &name, &[document("a", "text")])), Code::InvalidArgument);
        assert_eq!(code(index(&store, &name, &[])), Code::InvalidArgument);
        assert_eq!(code(search(&store, &name, "text")), Code::InvalidArgument);
        assert_eq!(code(delete(&store, &name, &["a"])), Code::InvalidArgument);
        assert_eq!(code(store.write(|write| write.document_stores().drop(&name))), Code::InvalidArgument);
    }
    let error = search(&store, &"n".repeat(513), "text").unwrap_err().to_string();
    assert!(error.contains("tableName") && error.contains("513 bytes"), "{error}");
    assert_eq!(list(&store), []);
}

#[test]
fn a_store_that_never_was_is_no_such_table_and_nothing_makes_none() {
    let store = Store::new();
    assert_eq!(index(&store, "none", &[]).unwrap(), 0);
    assert_eq!(delete(&store, "none", &[]).unwrap(), 0);
    assert_eq!(list(&store), []);
    for error in [
        search(&store, "none", "text").map(|_| 0).unwrap_err(),
        search(&store, "none", "").map(|_| 0).unwrap_err(),
        delete(&store, "none", &["a"]).unwrap_err(),
    ] {
        assert_eq!(error.code(), Code::TableNotFound);
        assert!(error.to_string().contains("no such table: none"), "{error}");
    }
    put(&store, "some", &[("a", "text")]);
    assert_eq!(delete(&store, "some", &["a"]).unwrap(), 1);
    assert_eq!(found(&store, "some", "text"), [""; 0]);
}

#[test]
fn indexing_a_document_again_replaces_it() {
    let store = Store::new();
    assert_eq!(put(&store, "s", &[("a", "alpha common"), ("b", "beta common")]), 2);
    assert_eq!(put(&store, "s", &[("b", "gamma common"), ("c", "delta common")]), 2);
    assert_eq!(found(&store, "s", "beta"), [""; 0]);
    assert_eq!(found(&store, "s", "gamma"), ["b"]);
    assert_eq!(found(&store, "s", "common"), ["a", "b", "c"]);
    assert_eq!(list(&store)[0].documents, 3);
    // The same content with other metadata.
    let again = FtsDocument { metadata: Some("{}".into()), ..document("a", "alpha common") };
    assert_eq!(index(&store, "s", &[again]).unwrap(), 1);
    assert_eq!(search(&store, "s", "alpha").unwrap()[0].metadata.as_deref(), Some("{}"));
    assert_eq!(put(&store, "s", &[("a", "alpha common")]), 1);
    assert_eq!(search(&store, "s", "alpha").unwrap()[0].metadata, None);
    assert_sound(&store);
}

#[test]
fn counts_tell_what_happened() {
    let store = Store::new();
    // Of several with one id the last one counts.
    assert_eq!(put(&store, "s", &[("a", "first"), ("b", "text"), ("a", "second")]), 2);
    assert_eq!(found(&store, "s", "first"), [""; 0]);
    assert_eq!(found(&store, "s", "second"), ["a"]);
    assert_eq!(delete(&store, "s", &["a", "a", "nobody"]).unwrap(), 1);
    assert_eq!(delete(&store, "s", &["a"]).unwrap(), 0);
    assert_eq!(list(&store)[0].documents, 1);
    assert_sound(&store);
}

#[test]
fn a_call_is_one_transaction() {
    let store = Store::new();
    put(&store, "s", &[("a", "kept")]);
    let failed: Result<()> = store.write(|write| {
        write.documents().index("s", &[document("a", "lost"), document("b", "lost")])?;
        write.documents().index("t", &[document("a", "lost")])?;
        write.documents().delete("s", &["a".into()])?;
        write.documents().search("nowhere", "text", 1).map(|_| ())
    });
    assert_eq!(code(failed), Code::TableNotFound);
    assert_eq!(found(&store, "s", "kept"), ["a"]);
    assert_eq!(found(&store, "s", "lost"), [""; 0]);
    assert_eq!(list(&store).len(), 1);
    assert_sound(&store);
}

#[test]
fn only_content_is_searched_and_metadata_comes_back_as_it_was() {
    let store = Store::new();
    let metadata = "{\"kind\": \"needle\", \"n\": 1,  \"x\": \"\u{0}é\"}";
    let documents = [
        FtsDocument { id: "needle".into(), content: "hay".into(), metadata: Some(metadata.into()) },
        FtsDocument { id: "b".into(), content: "needle".into(), metadata: Some(String::new()) },
        document("", ""),
    ];
    assert_eq!(index(&store, "s", &documents).unwrap(), 3);
    let results = search(&store, "s", "needle").unwrap();
    assert_eq!(results.len(), 1);
    assert_eq!((results[0].id.as_str(), results[0].metadata.as_deref()), ("b", Some("")));
    let results = search(&store, "s", "hay").unwrap();
    assert_eq!(results[0].metadata.as_deref(), Some(metadata));
    assert_eq!(results[0].content, "hay");
    assert_eq!(delete(&store, "s", &[""]).unwrap(), 1);
}

#[test]
fn search_honours_well_formed_expressions() {
    let store = Store::new();
    put(
        &store,
        "s",
        &[
            ("git", "a strategy for git branches"),
            ("vcs", "version control strategy"),
            ("apart", "control of a version and its strategy"),
            ("name", "getUserName reads src/main.rs"),
            ("field", "content cats"),
        ],
    );
    for (query, expected) in [
        ("(\"vcs\" OR \"version control\" OR \"git\") \"strategy\"", &["git", "vcs"][..]),
        ("\"version control\"", &["vcs"]),
        ("version control", &["apart", "vcs"]),
        ("strategy NOT git", &["apart", "vcs"]),
        ("strategy -git -apart", &["apart", "vcs"]),
        ("git OR cats", &["field", "git"]),
        ("strat*", &["apart", "git", "vcs"]),
        ("user_name", &["name"]),
        ("src/main.rs", &["name"]),
        ("content:cats", &["field"]),
        ("store:s git", &[]),
        // Not well formed: all words, literally.
        ("git AND (", &[]),
        ("strategy) (git", &["git"]),
        ("\"git strategy", &["git"]),
        ("", &[]),
        ("  \n", &[]),
        ("\"\"", &[]),
        ("?!*^", &[]),
        ("NOT git", &[]),
    ] {
        let mut ids = found(&store, "s", query);
        ids.sort();
        assert_eq!(ids, expected, "{query}");
    }
}

#[test]
fn the_best_come_first_and_no_more_than_the_limit() {
    let store = Store::new();
    put(
        &store,
        "s",
        &[
            ("long", &format!("ferry {}", "filling ".repeat(300))),
            ("best", "ferry ferry ferry"),
            ("good", "ferry timetable"),
            ("other", "nothing of it"),
        ],
    );
    let results = search(&store, "s", "ferry").unwrap();
    let ids: Vec<&str> = results.iter().map(|found| found.id.as_str()).collect();
    assert_eq!(ids, ["best", "good", "long"]);
    assert!(results.windows(2).all(|pair| pair[0].score > pair[1].score));
    assert!(results.iter().all(|found| found.score >= 0.0 && found.score.is_finite()));
    for limit in [0, 1, 2, u32::MAX] {
        let limited = store.read(|read| read.documents().search("s", "ferry", limit)).unwrap();
        assert_eq!(limited, results[..(limit as usize).min(3)]);
    }
}

#[test]
fn what_stands_in_other_stores_changes_nothing() {
    let (alone, crowded) = (Store::new(), Store::new());
    for number in 0..20 {
        let filling: Vec<_> =
            (0..30).map(|id| (format!("{id}"), format!("common rare{id} filling {number}"))).collect();
        let filling: Vec<_> = filling.iter().map(|(id, text)| (id.as_str(), text.as_str())).collect();
        put(&crowded, &format!("store {number}"), &filling);
    }
    let documents = [("a", "common rare1 words"), ("b", "common words of a longer text"), ("c", "rare1")];
    for store in [&alone, &crowded] {
        put(store, "mine", &documents);
    }
    for query in ["common", "rare1", "words", "filling", "common OR rare1"] {
        // Scores too: they depend on how often a word is in the store.
        assert_eq!(
            search(&alone, "mine", query).unwrap(),
            search(&crowded, "mine", query).unwrap(),
            "{query}"
        );
    }
    assert_sound(&crowded);
}

#[test]
fn dropping_a_store_removes_all_of_it_and_nothing_else() {
    let store = Store::new();
    let empty = schema(&store);
    put(&store, "kept", &[("a", "text")]);
    let one = schema(&store);
    put(&store, "gone", &[("a", "text"), ("b", "text")]);
    let vector = VectorDocumentInput { id: "v".into(), vector: vec![1.0], ..VectorDocumentInput::default() };
    store.write(|write| write.vectors().index("gone", &[vector], None)).unwrap();
    assert_eq!(drop_store(&store, "gone"), 3);
    assert_eq!(drop_store(&store, "gone"), 0);
    assert_eq!(schema(&store), one);
    assert_eq!(code(search(&store, "gone", "text")), Code::TableNotFound);
    assert_eq!(found(&store, "kept", "text"), ["a"]);
    for table in ["documents", "vectors", "vector_texts"] {
        let rows: i64 =
            store.plain().query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap();
        assert_eq!(rows, i64::from(table == "documents"), "{table}");
    }
    // The number of the row is free again, and what it gets is new.
    put(&store, "gone", &[("c", "other")]);
    assert_eq!(found(&store, "gone", "text"), [""; 0]);
    assert_eq!(found(&store, "gone", "other"), ["c"]);
    assert_sound(&store);
    assert_eq!((drop_store(&store, "gone"), drop_store(&store, "kept")), (1, 1));
    assert_eq!(schema(&store), empty);
    assert_sound(&store);
}

#[test]
fn readers_that_are_open_already_see_new_stores_and_dropped_ones() {
    let store = Store::new();
    put(&store, "first", &[("a", "text")]);
    for round in 0..5 {
        assert_eq!(found(&store, "first", "text"), ["a"]);
        let name = format!("store {round}");
        put(&store, &name, &[("b", "text")]);
        assert_eq!(found(&store, &name, "text"), ["b"]);
        // A snapshot keeps its store while another connection drops it.
        store
            .read(|read| {
                assert_eq!(read.documents().search(&name, "text", 10)?.len(), 1);
                assert_eq!(drop_store(&store, &name), 1);
                assert_eq!(read.documents().search(&name, "text", 10)?.len(), 1);
                Ok(())
            })
            .unwrap();
        assert_eq!(code(search(&store, &name, "text")), Code::TableNotFound);
    }
}

#[test]
fn two_writers_of_one_file_make_and_drop_stores_in_turn() {
    let store = Store::new();
    let other = Database::open(store.path()).unwrap();
    for round in 0..5 {
        let (mine, shared) = (format!("mine {round}"), "shared");
        put(&store, &mine, &[("a", "text")]);
        other.write(|write| write.documents().index(shared, &[document("b", "text")])).unwrap();
        put(&store, shared, &[("c", "text")]);
        let found = other.read(|read| read.documents().search(shared, "text", 10)).unwrap();
        assert_eq!(found.len(), 2);
        assert_eq!(other.write(|write| write.document_stores().drop(&mine)).unwrap(), 1);
        assert_eq!(drop_store(&store, shared), 2);
        assert_eq!(code(search(&store, &mine, "text")), Code::TableNotFound);
    }
    assert_sound(&store);
}

#[test]
fn a_damaged_index_is_told_and_can_be_rebuilt() {
    let store = Store::new();
    put(&store, "sound", &[("a", "text")]);
    put(&store, "broken \"one\"", &[("a", "alpha"), ("b", "beta")]);
    let plain = store.plain();
    plain.execute("UPDATE documents SET content = 'gamma' WHERE content = 'beta'", []).unwrap();
    plain.execute("UPDATE document_stores SET document_count = 7 WHERE name = 'sound'", []).unwrap();
    let problems = store.write(|write| write.documents().check_index()).unwrap();
    assert_eq!(problems.len(), 2, "{problems:?}");
    assert!(problems[0].contains("\"sound\"") && problems[0].contains("counters"), "{problems:?}");
    assert!(
        problems[1].contains("broken \\\"one\\\"") && problems[1].contains("search index"),
        "{problems:?}"
    );
    store.write(|write| write.documents().rebuild_index()).unwrap();
    assert_sound(&store);
    assert_eq!(found(&store, "broken \"one\"", "gamma"), ["b"]);
    assert_eq!(found(&store, "broken \"one\"", "beta"), [""; 0]);
    assert_eq!(list(&store).iter().map(|one| one.documents).collect::<Vec<_>>(), [2, 1]);
}

#[test]
fn an_index_that_is_gone_is_told_and_made_anew() {
    let store = Store::new();
    put(&store, "s", &[("a", "alpha")]);
    store.plain().execute_batch("DROP TABLE documents_fts_1; DROP VIEW document_texts_1").unwrap();
    assert_eq!(code(search(&store, "s", "alpha")), Code::DbFailed);
    assert_eq!(store.write(|write| write.documents().check_index()).unwrap().len(), 1);
    store.write(|write| write.documents().rebuild_index()).unwrap();
    assert_sound(&store);
    assert_eq!(found(&store, "s", "alpha"), ["a"]);
}

#[test]
fn vacuum_and_truncating_leave_stores_as_they_are() {
    let store = Store::new();
    for round in 0..3 {
        let documents: Vec<_> = (0..50).map(|id| document(&format!("{id}"), &format!("word{id}"))).collect();
        index(&store, "s", &documents[round..]).unwrap();
        delete(&store, "s", &["10", "20", "30"]).unwrap();
    }
    store.truncate_derived().unwrap();
    store.plain().execute_batch("VACUUM").unwrap();
    assert_eq!(found(&store, "s", "word40"), ["40"]);
    assert_eq!(found(&store, "s", "word20"), [""; 0]);
    assert_eq!(list(&store)[0].documents, 47);
    assert_sound(&store);
}

proptest! {
    #![proptest_config(cases(48))]

    /// Any order of writes leaves what a map would hold, and finds it by its words.
    #[test]
    fn stores_agree_with_a_map(steps in prop::collection::vec(
        (0..2_usize, prop::collection::vec((0..6_usize, 0..5_usize), 1..6), 0..3_u8), 1..12))
    {
        let store = Store::new();
        let names = ["one.store", "another-store"];
        let words = ["ash", "birch", "cedar", "dogwood", "elm"];
        let mut twin: [BTreeMap<String, &str>; 2] = [BTreeMap::new(), BTreeMap::new()];
        let mut made = [false; 2];
        for (at, documents, kind) in steps {
            if kind == 0 && made[at] {
                let ids: Vec<String> = documents.iter().map(|(id, _)| id.to_string()).collect();
                let before = twin[at].len();
                for id in &ids { twin[at].remove(id); }
                let removed = store.write(|write| write.documents().delete(names[at], &ids)).unwrap();
                prop_assert_eq!(removed, (before - twin[at].len()) as u64);
            } else {
                let mut given = BTreeMap::new();
                for (id, word) in &documents { given.insert(id.to_string(), words[*word]); }
                let inputs: Vec<_> =
                    documents.iter().map(|(id, word)| document(&id.to_string(), words[*word])).collect();
                prop_assert_eq!(index(&store, names[at], &inputs).unwrap(), given.len() as u64);
                twin[at].extend(given);
                made[at] = true;
            }
        }
        for at in 0..2 {
            if !made[at] { continue; }
            for word in words {
                let mut ids = found(&store, names[at], word);
                ids.sort();
                let expected: Vec<&String> =
                    twin[at].iter().filter(|(_, content)| **content == word).map(|(id, _)| id).collect();
                prop_assert_eq!(ids.iter().collect::<Vec<_>>(), expected);
            }
        }
        prop_assert_eq!(store.write(|write| write.documents().check_index()).unwrap(), Vec::<String>::new());
    }
}
