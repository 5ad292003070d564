//! Finding matching lines in memory: by their value, by a time, and where every line must be read.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use han_bench::corpus;
use han_indexer::discover_config_dir;
use han_jsonl::{Chunk, ChunkReader, Condition, Filter, Literal};
use std::fs::File;

/// Bytes of the corpus that are searched: few enough to stay in the processor's caches.
const SAMPLE_BYTES: usize = 16 * 1024 * 1024;

/// Whole lines from the head of the corpus, in the portions in which files are read.
fn sample() -> Vec<Vec<u8>> {
    let mut chunks = Vec::new();
    let mut bytes_left = SAMPLE_BYTES;
    for file in discover_config_dir(&corpus()).expect("a corpus").files {
        let mut reader = ChunkReader::new(File::open(&file.path).expect("a file"), 0);
        while let Some(chunk) = reader.next_chunk().expect("a chunk") {
            if let Chunk::Lines { bytes, .. } = chunk {
                chunks.push(bytes.to_vec());
                bytes_left = bytes_left.saturating_sub(bytes.len());
            }
            if bytes_left == 0 {
                return chunks;
            }
        }
    }
    chunks
}

fn condition(path: &str, operator: &str, value: &str) -> Condition {
    Condition {
        field_path: Some(path.to_owned()),
        operator: Some(operator.to_owned()),
        value: Some(Literal::Text(value.to_owned())),
        ..Condition::default()
    }
}

fn negated(condition: Condition) -> Condition {
    Condition { not: Some(Box::new(condition)), ..Condition::default() }
}

/// The times of the sample, ascending.
fn times(chunks: &[Vec<u8>]) -> Vec<String> {
    let lines = chunks.iter().flat_map(|chunk| chunk.split(|byte| *byte == b'\n'));
    let field = b"\"timestamp\":\"";
    let mut times: Vec<String> = lines
        .filter_map(|line| {
            let start = line.windows(field.len()).rposition(|window| window == field)? + field.len();
            Some(String::from_utf8_lossy(line.get(start..start + 24)?).into_owned())
        })
        .collect();
    times.sort_unstable();
    times
}

fn filter(criterion: &mut Criterion) {
    let chunks = sample();
    let times = times(&chunks);
    let (start, end) = (&times[times.len() * 45 / 100], &times[times.len() / 2]);
    let compiled = |condition| Filter::compile(&[condition]).expect("a filter");
    let filters = [
        ("value/none", compiled(condition("uuid", "eq", "00000000-0000-4000-8000-000000000000"))),
        ("value/many", compiled(condition("type", "eq", "user"))),
        ("key/number", compiled(condition("message.usage.output_tokens", "gt", "2000"))),
        ("contains/none", compiled(condition("message.content", "contains", "no such words anywhere"))),
        ("time/5%", Filter::time_range("timestamp", start, end).expect("a range")),
        ("every line", compiled(negated(condition("type", "eq", "user")))),
    ];
    let mut group = criterion.benchmark_group("filter");
    group.throughput(Throughput::Bytes(chunks.iter().map(|chunk| chunk.len() as u64).sum()));
    for (name, filter) in &filters {
        group.bench_function(*name, |bencher| {
            bencher.iter(|| chunks.iter().map(|chunk| filter.matching_lines(chunk).count()).sum::<usize>());
        });
    }
    group.finish();
}

criterion_group!(benches, filter);
criterion_main!(benches);
