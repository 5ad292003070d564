//! Vectors in stores of callers: similarity and its order, dimension and model, what is counted.

use crate::fixture::{Store, cases, code};
use han_base::{Code, Result};
use han_db::{DocumentStore, FtsDocument, VectorDocumentInput, VectorSearchResult};
use proptest::prelude::{prop, prop_assert_eq, proptest};

fn vector(id: &str, numbers: &[f64]) -> VectorDocumentInput {
    VectorDocumentInput {
        id: id.into(),
        content: format!("content of {id}"),
        vector: numbers.into(),
        metadata: None,
    }
}

fn index(store: &Store, name: &str, vectors: &[VectorDocumentInput]) -> Result<u64> {
    store.write(|write| write.vectors().index(name, vectors, None))
}

fn index_as(store: &Store, model: &str, vectors: &[VectorDocumentInput]) -> Result<u64> {
    store.write(|write| write.vectors().index("s", vectors, Some(model)))
}

fn search(store: &Store, name: &str, numbers: &[f64], limit: u32) -> Result<Vec<VectorSearchResult>> {
    store.read(|read| read.vectors().search(name, numbers, limit, None))
}

fn search_as(store: &Store, model: &str, numbers: &[f64]) -> Result<Vec<VectorSearchResult>> {
    store.read(|read| read.vectors().search("s", numbers, 10, Some(model)))
}

fn found(store: &Store, name: &str, numbers: &[f64]) -> Vec<String> {
    search(store, name, numbers, 10).unwrap().into_iter().map(|found| found.id).collect()
}

fn delete(store: &Store, name: &str, ids: &[&str]) -> Result<u64> {
    let ids: Vec<String> = ids.iter().map(|&id| id.into()).collect();
    store.write(|write| write.vectors().delete(name, &ids))
}

fn only(store: &Store) -> DocumentStore {
    let mut stores = store.read(|read| read.document_stores().list()).unwrap();
    assert_eq!(stores.len(), 1);
    stores.remove(0)
}

#[test]
fn vectors_are_stored_and_found() {
    let store = Store::new();
    let with_metadata =
        VectorDocumentInput { metadata: Some("{ \"n\":1 }".into()), ..vector("b", &[1.0, 1.0]) };
    assert_eq!(index(&store, "s", &[vector("a", &[1.0, 0.0]), with_metadata]).unwrap(), 2);
    let results = search(&store, "s", &[2.0, 0.0], 10).unwrap();
    assert_eq!(results.len(), 2);
    assert_eq!(
        results[0],
        VectorSearchResult { id: "a".into(), content: "content of a".into(), metadata: None, score: 1.0 }
    );
    assert_eq!((results[1].id.as_str(), results[1].metadata.as_deref()), ("b", Some("{ \"n\":1 }")));
    assert!((results[1].score - 0.5_f64.sqrt()).abs() < 1e-15);
}

#[test]
fn scores_are_cosine_similarities_best_first_and_ties_by_id() {
    let store = Store::new();
    let vectors = [
        vector("opposite", &[-3.0, 0.0]),
        vector("zero", &[0.0, 0.0]),
        vector("c same", &[5.0, 0.0]),
        vector("across", &[0.0, 7.0]),
        vector("a same", &[1.0, 0.0]),
        vector("b same", &[0.25, 0.0]),
    ];
    index(&store, "s", &vectors).unwrap();
    let results = search(&store, "s", &[9.0, 0.0], 10).unwrap();
    let shown: Vec<(&str, f64)> = results.iter().map(|found| (found.id.as_str(), found.score)).collect();
    assert_eq!(
        shown,
        [
            ("a same", 1.0),
            ("b same", 1.0),
            ("c same", 1.0),
            ("across", 0.0),
            ("zero", 0.0),
            ("opposite", -1.0)
        ]
    );
    for limit in 0..8 {
        assert_eq!(search(&store, "s", &[9.0, 0.0], limit).unwrap(), results[..(limit as usize).min(6)]);
    }
    // A direction that is none is as similar to all.
    let ids = ["a same", "across", "b same", "c same", "opposite", "zero"];
    assert_eq!(found(&store, "s", &[0.0, 0.0]), ids);
}

#[test]
fn names_with_dots_dashes_and_quotes_work() {
    let store = Store::new();
    for name in ["han_team_github.com_org_repo", "a-b", "quote\"'; DROP TABLE vectors; --", "日本語", " "]
    {
        assert_eq!(index(&store, name, &[vector(name, &[1.0])]).unwrap(), 1);
    }
    for name in ["han_team_github.com_org_repo", "a-b", "quote\"'; DROP TABLE vectors; --", "日本語", " "]
    {
        assert_eq!(found(&store, name, &[1.0]), [name]);
    }
    for name in [String::new(), "n".repeat(513)] {
        assert_eq!(code(index(&store, &name, &[vector("a", &[1.0])])), Code::InvalidArgument);
        assert_eq!(code(search(&store, &name, &[1.0], 1)), Code::InvalidArgument);
        assert_eq!(code(delete(&store, &name, &["a"])), Code::InvalidArgument);
    }
}

#[test]
fn a_store_that_never_was_is_no_such_table_and_nothing_makes_none() {
    let store = Store::new();
    assert_eq!(index(&store, "none", &[]).unwrap(), 0);
    assert_eq!(delete(&store, "none", &[]).unwrap(), 0);
    for error in [
        search(&store, "none", &[1.0], 1).map(|_| 0).unwrap_err(),
        delete(&store, "none", &["a"]).unwrap_err(),
    ] {
        assert_eq!(error.code(), Code::TableNotFound);
        assert!(error.to_string().contains("no such table: none"), "{error}");
    }
    assert!(store.read(|read| read.document_stores().list()).unwrap().is_empty());
}

#[test]
fn indexing_again_replaces_and_counts_tell_what_happened() {
    let store = Store::new();
    let both = [vector("a", &[1.0, 0.0]), vector("b", &[0.0, 1.0]), vector("a", &[0.0, 1.0])];
    assert_eq!(index(&store, "s", &both).unwrap(), 2);
    assert_eq!(found(&store, "s", &[0.0, 1.0]), ["a", "b"]);
    let anew = VectorDocumentInput { content: "anew".into(), ..vector("b", &[1.0, 0.0]) };
    assert_eq!(index(&store, "s", &[anew]).unwrap(), 1);
    assert_eq!(search(&store, "s", &[1.0, 0.0], 1).unwrap()[0].content, "anew");
    assert_eq!(only(&store).vectors, 2);
    assert_eq!(delete(&store, "s", &["b", "b", "nobody"]).unwrap(), 1);
    assert_eq!(delete(&store, "s", &["b"]).unwrap(), 0);
    assert_eq!(found(&store, "s", &[1.0, 0.0]), ["a"]);
    assert_eq!(only(&store).vectors, 1);
    let texts: i64 =
        store.plain().query_row("SELECT count(*) FROM vector_texts", [], |row| row.get(0)).unwrap();
    assert_eq!(texts, 1);
    assert_eq!(store.write(|write| write.documents().check_index()).unwrap(), Vec::<String>::new());
}

#[test]
fn another_dimension_is_refused_and_leaves_nothing_behind() {
    let store = Store::new();
    let mixed = [vector("a", &[1.0, 0.0]), vector("b", &[1.0])];
    assert_eq!(code(index(&store, "s", &mixed)), Code::VectorDimensionMismatch);
    assert!(store.read(|read| read.document_stores().list()).unwrap().is_empty());
    index(&store, "s", &mixed[..1]).unwrap();
    assert_eq!(only(&store).dimension, Some(2));
    let error = index(&store, "s", &[vector("c", &[1.0, 0.0]), vector("d", &[1.0; 3])]).unwrap_err();
    assert_eq!(error.code(), Code::VectorDimensionMismatch);
    assert!(
        error.to_string().contains("\"d\" of 3 numbers") && error.to_string().contains("have 2"),
        "{error}"
    );
    assert_eq!(only(&store).vectors, 1);
    assert_eq!(code(search(&store, "s", &[1.0], 1)), Code::VectorDimensionMismatch);
    // With its last vector a store loses its dimension.
    delete(&store, "s", &["a"]).unwrap();
    assert_eq!(only(&store).dimension, None);
    assert_eq!(found(&store, "s", &[1.0; 5]), [""; 0]);
    assert_eq!(index(&store, "s", &[vector("a", &[1.0; 5])]).unwrap(), 1);
    assert_eq!(only(&store).dimension, Some(5));
}

#[test]
fn a_model_is_kept_and_another_one_refused() {
    let store = Store::new();
    assert_eq!(index_as(&store, "model-1", &[vector("a", &[1.0, 0.0])]).unwrap(), 1);
    assert_eq!(only(&store).model_id.as_deref(), Some("model-1"));
    assert_eq!(index_as(&store, "model-1", &[vector("b", &[1.0, 0.0])]).unwrap(), 1);
    for refused in [
        index_as(&store, "model-2", &[vector("c", &[1.0, 0.0])]).map(|_| 0),
        search_as(&store, "model-2", &[1.0, 0.0]).map(|_| 0),
    ] {
        let error = refused.unwrap_err();
        assert_eq!(error.code(), Code::VectorModelMismatch);
        assert!(error.to_string().contains("model-1") && error.to_string().contains("model-2"), "{error}");
    }
    assert_eq!(search_as(&store, "model-1", &[1.0, 0.0]).unwrap().len(), 2);
    // Whoever names no model takes what there is.
    assert_eq!(index(&store, "s", &[vector("c", &[1.0, 0.0])]).unwrap(), 1);
    assert_eq!(found(&store, "s", &[1.0, 0.0]), ["a", "b", "c"]);
    assert_eq!(only(&store).model_id.as_deref(), Some("model-1"));
    delete(&store, "s", &["a", "b", "c"]).unwrap();
    assert_eq!(only(&store).model_id, None);
    assert_eq!(search_as(&store, "model-2", &[1.0, 0.0]).unwrap(), []);
    assert_eq!(index_as(&store, "model-2", &[vector("c", &[1.0])]).unwrap(), 1);
    for bad in ["", &"m".repeat(513)] {
        assert_eq!(code(index_as(&store, bad, &[vector("d", &[1.0])])), Code::InvalidArgument);
    }
}

#[test]
fn vectors_of_no_model_are_not_taken_for_those_of_one() {
    let store = Store::new();
    index(&store, "s", &[vector("a", &[1.0])]).unwrap();
    assert_eq!(code(index_as(&store, "model", &[vector("b", &[1.0])])), Code::VectorModelMismatch);
    assert_eq!(code(search_as(&store, "model", &[1.0])), Code::VectorModelMismatch);
    assert_eq!(only(&store).model_id, None);
    // Documents alone leave the model open.
    let text = FtsDocument { id: "a".into(), content: "text".into(), metadata: None };
    let other = Store::new();
    other.write(|write| write.documents().index("s", &[text])).unwrap();
    assert_eq!(search_as(&other, "model", &[1.0]).unwrap(), []);
    index_as(&other, "model", &[vector("b", &[1.0])]).unwrap();
    assert_eq!(only(&other).model_id.as_deref(), Some("model"));
}

#[test]
fn what_is_no_vector_is_refused() {
    let store = Store::new();
    index(&store, "s", &[vector("a", &[1.0, 0.0])]).unwrap();
    let bad: [&[f64]; 6] = [
        &[],
        &[1.0, f64::NAN],
        &[f64::INFINITY, 0.0],
        &[0.0, f64::NEG_INFINITY],
        &[1e300, 0.0],
        &[0.0, -1e39],
    ];
    for numbers in bad {
        let error = index(&store, "s", &[vector("good", &[1.0, 0.0]), vector("bad", numbers)]).unwrap_err();
        assert_eq!(error.code(), Code::InvalidArgument, "{numbers:?}");
        assert!(error.to_string().contains("document \"bad\""), "{error}");
        assert_eq!(code(search(&store, "s", numbers, 1)), Code::InvalidArgument, "{numbers:?}");
        assert_eq!(code(index(&store, "new", &[vector("bad", numbers)])), Code::InvalidArgument);
    }
    assert_eq!(only(&store).vectors, 1);
}

#[test]
fn documents_and_vectors_of_one_name_live_side_by_side() {
    let store = Store::new();
    let text = |id: &str| FtsDocument { id: id.into(), content: "text".into(), metadata: None };
    store.write(|write| write.documents().index("s", &[text("a"), text("b")])).unwrap();
    index(&store, "s", &[vector("a", &[1.0])]).unwrap();
    let expected =
        DocumentStore { name: "s".into(), documents: 2, vectors: 1, dimension: Some(1), model_id: None };
    assert_eq!(only(&store), expected);
    assert_eq!(store.write(|write| write.documents().delete("s", &["a".into()])).unwrap(), 1);
    assert_eq!(found(&store, "s", &[1.0]), ["a"]);
    assert_eq!(delete(&store, "s", &["a"]).unwrap(), 1);
    let left = store.read(|read| read.documents().search("s", "text", 10)).unwrap();
    assert_eq!(left.len(), 1);
    // A store of vectors only has no documents, which is no error.
    index(&store, "t", &[vector("a", &[1.0])]).unwrap();
    assert_eq!(store.read(|read| read.documents().search("t", "text", 10)).unwrap(), []);
}

#[test]
fn a_damaged_vector_is_told() {
    for damage in ["x'00'", "x''", "zeroblob(12)", "x'0000c07f00000000'"] {
        let store = Store::new();
        index(&store, "s", &[vector("a", &[1.0, 0.0])]).unwrap();
        store.plain().execute(&format!("UPDATE vectors SET vector = {damage}"), []).unwrap();
        assert_eq!(code(search(&store, "s", &[1.0, 0.0], 1)), Code::DbCorrupt, "{damage}");
    }
}

proptest! {
    #![proptest_config(cases(64))]

    /// Whole numbers have exact sums, so that the twin's scores are the same to the last bit.
    #[test]
    fn a_search_is_what_the_slow_twin_finds(
        stored in prop::collection::vec(prop::collection::vec(-4_i8..=4, 21), 1..40),
        query in prop::collection::vec(-4_i8..=4, 21), limit in 0_u32..50)
    {
        let store = Store::new();
        let numbers = |list: &[i8]| list.iter().map(|&number| f64::from(number)).collect::<Vec<f64>>();
        let id = |at: usize| format!("{:02}", at * 7 % 40);
        let vectors: Vec<_> =
            stored.iter().enumerate().map(|(at, list)| vector(&id(at), &numbers(list))).collect();
        // Vectors of other stores stand before, between and behind.
        index(&store, "before", &vectors).unwrap();
        let (first, rest) = vectors.split_at(vectors.len() / 2);
        index(&store, "s", first).unwrap();
        index(&store, "behind", &vectors).unwrap();
        index(&store, "s", rest).unwrap();

        let product = |one: &[i8], other: &[i8]| -> f64 {
            one.iter().zip(other).map(|(&one, &other)| f64::from(one) * f64::from(other)).sum()
        };
        let mut expected: Vec<(f64, String)> = stored
            .iter()
            .enumerate()
            .map(|(at, list)| {
                let length = (product(&query, &query) * product(list, list)).sqrt();
                let score = if length == 0.0 { 0.0 } else { product(&query, list) / length };
                (score, id(at))
            })
            .collect();
        expected.sort_by(|one, other| other.0.partial_cmp(&one.0).unwrap().then_with(|| one.1.cmp(&other.1)));
        expected.truncate(limit as usize);
        let found: Vec<(f64, String)> = search(&store, "s", &numbers(&query), limit)
            .unwrap()
            .into_iter()
            .map(|found| (found.score, found.id))
            .collect();
        prop_assert_eq!(found, expected);
    }
}
