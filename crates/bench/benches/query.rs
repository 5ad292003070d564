//! Search and lists over an indexed corpus.

use criterion::{Criterion, criterion_group, criterion_main};
use han_bench::corpus;
use han_db::{Database, MessageFilter, SearchFilter, SessionFilter};
use han_indexer::{Unwatched, index_config_dirs};

fn query(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a folder");
    let database = Database::open(&folder.path().join("han.db")).expect("a database");
    index_config_dirs(&database, &[corpus()], &Unwatched).expect("a report");
    let sessions = database.read(|read| read.sessions().list(None, None, 1)).expect("sessions");
    let session = sessions.first().expect("a session").id.clone();

    let mut group = criterion.benchmark_group("query");
    for (name, query) in [("rare", "zqsparrow"), ("pair", "error test"), ("common", "the")] {
        group.bench_function(format!("search/{name}"), |bencher| {
            bencher.iter(|| {
                database
                    .read(|read| read.search().page(query, &SearchFilter::default(), None, 20))
                    .expect("hits")
            });
        });
    }
    group.bench_function("sessions/50", |bencher| {
        bencher.iter(|| {
            database.read(|read| read.sessions().page(&SessionFilter::default(), None, 50)).expect("sessions")
        });
    });
    for with_raw in [false, true] {
        let filter = MessageFilter { with_raw, ..MessageFilter::default() };
        group.bench_function(format!("messages/100/raw={with_raw}"), |bencher| {
            bencher.iter(|| {
                database.read(|read| read.messages().page(&session, &filter, None, 100)).expect("page")
            });
        });
    }
    group.finish();
}

criterion_group!(benches, query);
criterion_main!(benches);
