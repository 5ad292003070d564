//! Signs of frustration: records and figures.

use crate::fixture::{Store, code};
use han_base::{Code, id::is_uuid_like};
use han_db::{FrustrationEvent, FrustrationEventInput, FrustrationMetrics};

fn sign(level: &str, score: f64) -> FrustrationEventInput {
    FrustrationEventInput {
        frustration_level: level.into(),
        frustration_score: score,
        user_message: "not again".into(),
        ..FrustrationEventInput::default()
    }
}

fn record(store: &Store, input: &FrustrationEventInput) -> FrustrationEvent {
    store.write(|write| write.frustration().record(input)).unwrap()
}

fn metrics(store: &Store, period: Option<&str>, total_tasks: f64) -> FrustrationMetrics {
    store.read(|read| read.frustration().metrics(period, total_tasks)).unwrap()
}

#[test]
fn a_sign_is_recorded_with_all_that_was_said_of_it() {
    let store = Store::new();
    store.session("s");
    let input = FrustrationEventInput {
        session_id: Some("s".into()),
        task_id: Some("t".into()),
        detected_signals: Some(vec!["\"CAPS\"".into(), "terse".into()]),
        context: Some("c".into()),
        ..sign("high", 6.5)
    };
    let made = record(&store, &input);
    assert!(is_uuid_like(made.id.as_deref().unwrap()) && made.recorded_at.is_some());
    let expected = FrustrationEvent {
        id: made.id.clone(),
        recorded_at: made.recorded_at.clone(),
        session_id: Some("s".into()),
        task_id: Some("t".into()),
        frustration_level: "high".into(),
        frustration_score: 6.5,
        user_message: "not again".into(),
        detected_signals: Some(r#"["\"CAPS\"","terse"]"#.into()),
        context: Some("c".into()),
    };
    assert_eq!(made, expected);
    let id = made.id.clone().unwrap();
    assert_eq!(store.read(|read| read.frustration().get(&id)).unwrap(), Some(made));
    assert_eq!(record(&store, &sign("low", 2.0)).detected_signals, None);
}

#[test]
fn of_an_unknown_session_is_an_error_and_not_recorded() {
    let store = Store::new();
    let input = FrustrationEventInput { session_id: Some("nobody".into()), ..sign("low", 1.0) };
    assert_eq!(code(store.write(|write| write.frustration().record(&input))), Code::DbConstraint);
    assert_eq!(metrics(&store, None, 1.0).total_frustrations, 0);
    assert_eq!(store.read(|read| read.sessions().get("nobody")).unwrap(), None);
}

#[test]
fn metrics_of_no_signs_are_zeros() {
    let store = Store::new();
    let nothing = FrustrationMetrics { by_level: Some("{}".into()), ..FrustrationMetrics::default() };
    assert_eq!([metrics(&store, None, 10.0), metrics(&store, Some("day"), 0.0)], [nothing.clone(), nothing]);
}

#[test]
fn metrics_weigh_what_is_significant() {
    let store = Store::new();
    for (level, score) in [("low", 2.0), ("moderate", 3.5), ("high", 7.0), ("low", 2.5)] {
        record(&store, &sign(level, score));
    }
    let expected = FrustrationMetrics {
        total_frustrations: 4,
        significant_frustrations: 2,
        frustration_rate: 0.5,
        significant_frustration_rate: 0.25,
        weighted_score: 10.5,
        by_level: Some(r#"{"high":1,"low":2,"moderate":1}"#.into()),
    };
    assert_eq!(metrics(&store, None, 8.0), expected);
    for total_tasks in [0.0, -1.0, f64::NAN] {
        let rateless = metrics(&store, None, total_tasks);
        assert_eq!((rateless.frustration_rate, rateless.significant_frustration_rate), (0.0, 0.0));
        assert_eq!(rateless.weighted_score.to_bits(), 10.5_f64.to_bits());
    }
}

#[test]
fn metrics_count_the_signs_of_a_period() {
    let store = Store::new();
    for days in [0, 2, 8, 31] {
        record(&store, &sign("high", 1.0));
        store
            .plain()
            .execute(
                "UPDATE frustration_events SET recorded_at_ms = recorded_at_ms - ?1 * 86400000
                 WHERE row_id = (SELECT max(row_id) FROM frustration_events)",
                [days],
            )
            .unwrap();
    }
    let count = |period| metrics(&store, period, 1.0).total_frustrations;
    assert_eq!([Some("day"), Some("week"), Some("month"), Some("ever"), None].map(count), [1, 2, 3, 4, 4]);
}
