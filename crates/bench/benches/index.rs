//! Reading lines, a first index, and a scan of files that did not change.

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use han_bench::corpus;
use han_db::Database;
use han_indexer::{Unwatched, discover_config_dir, index_config_dirs};
use han_jsonl::{Chunk, ChunkReader, lines};
use std::{fs::File, hint::black_box};

fn index(criterion: &mut Criterion) {
    let corpus = corpus();
    let found = discover_config_dir(&corpus).expect("a corpus");
    let paths: Vec<_> = found.files.iter().map(|file| file.path.clone()).collect();
    let bytes: u64 = paths.iter().map(|path| path.metadata().expect("a file").len()).sum();
    let config_dirs = [corpus];

    let mut group = criterion.benchmark_group("index");
    group.sample_size(10).throughput(Throughput::Bytes(bytes));
    group.bench_function("lines", |bencher| {
        bencher.iter(|| {
            let mut count = 0;
            for path in &paths {
                let mut reader = ChunkReader::new(File::open(path).expect("a file"), 0);
                while let Some(chunk) = reader.next_chunk().expect("a chunk") {
                    if let Chunk::Lines { offset, bytes } = chunk {
                        count += lines(offset, bytes).count();
                    }
                }
            }
            black_box(count)
        });
    });
    group.bench_function("first", |bencher| {
        bencher.iter_batched(
            || tempfile::tempdir().expect("a folder"),
            |folder| {
                let database = Database::open(&folder.path().join("han.db")).expect("a database");
                index_config_dirs(&database, &config_dirs, &Unwatched).expect("a report");
                folder
            },
            BatchSize::PerIteration,
        );
    });
    let folder = tempfile::tempdir().expect("a folder");
    let database = Database::open(&folder.path().join("han.db")).expect("a database");
    index_config_dirs(&database, &config_dirs, &Unwatched).expect("a report");
    group.bench_function("unchanged", |bencher| {
        bencher.iter(|| index_config_dirs(&database, &config_dirs, &Unwatched).expect("a report"));
    });
    group.finish();
}

criterion_group!(benches, index);
criterion_main!(benches);
