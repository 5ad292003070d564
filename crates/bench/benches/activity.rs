//! Dashboards over a synthetic archive, against queries that scan the rows. `HAN_MESSAGES` is how many messages it holds
//! (default 100,000), spread over 180 days in sessions of 200.

use criterion::{Criterion, criterion_group, criterion_main};
use han_bench::archive::{DAYS, days_before_end, write_archive};
use han_db::Database;
use std::{env, hint::black_box, time::Duration};

fn messages() -> i64 {
    env::var("HAN_MESSAGES").map_or(100_000, |text| text.parse().expect("HAN_MESSAGES is a number"))
}

/// What a dashboard takes where nothing is kept: the rows themselves.
const SCANS: [&str; 6] = [
    "SELECT strftime('%Y-%m-%d', timestamp_ms / 1000, 'unixepoch') AS day, sum(input_tokens), sum(output_tokens),
       sum(cache_read_tokens) FROM replies WHERE timestamp_ms > ?1 GROUP BY day",
    "SELECT strftime('%Y-%m-%d', timestamp_ms / 1000, 'unixepoch') AS day, count(*), count(DISTINCT session_row_id),
       sum(lines_added), sum(lines_removed), sum(files_changed)
     FROM messages WHERE timestamp_ms > ?1 AND message_type = 'assistant' GROUP BY day",
    "SELECT session_row_id, count(*), sum(message_type = 'user'), min(timestamp_ms), avg(sentiment_score)
     FROM messages WHERE timestamp_ms > ?1 GROUP BY session_row_id",
    "SELECT session_row_id, sum(input_tokens), sum(output_tokens), sum(cache_read_tokens)
     FROM replies WHERE timestamp_ms > ?1 GROUP BY session_row_id",
    "SELECT session_row_id, count(DISTINCT name) FROM tool_calls WHERE started_at_ms > ?1 GROUP BY session_row_id",
    "SELECT name, count(*) FROM tool_calls WHERE started_at_ms > ?1 GROUP BY name ORDER BY 2 DESC LIMIT 20",
];

fn activity(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a folder");
    let database = Database::open(&folder.path().join("han.db")).expect("a database");
    write_archive(&database, messages()).expect("an archive");
    let plain = rusqlite::Connection::open(database.path()).expect("a connection");

    let mut group = criterion.benchmark_group("activity");
    group.sample_size(20).measurement_time(Duration::from_secs(4));
    for (name, days) in [("30-days", 30), ("all", DAYS + 1)] {
        let cutoff = days_before_end(days);
        group.bench_function(format!("dashboard/{name}"), |bencher| {
            bencher.iter(|| database.read(|read| read.activity().dashboard(cutoff)).expect("figures"));
        });
        group.bench_function(format!("aggregates/{name}"), |bencher| {
            bencher.iter(|| database.read(|read| read.activity().aggregates(cutoff)).expect("figures"));
        });
        group.bench_function(format!("scan/{name}"), |bencher| {
            bencher.iter(|| {
                for sql in SCANS {
                    let mut statement = plain.prepare_cached(sql).expect("a statement");
                    let mut rows = statement.query([cutoff.as_millis()]).expect("rows");
                    while let Some(row) = rows.next().expect("a row") {
                        black_box(row.get_ref_unwrap(0));
                    }
                }
            });
        });
    }
    group.finish();
}

criterion_group!(benches, activity);
criterion_main!(benches);
