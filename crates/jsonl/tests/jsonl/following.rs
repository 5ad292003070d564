//! Following a file that grows, is truncated and is replaced.

use crate::odd::Sample;
use han_base::Code;
use han_jsonl::{LineStream, Stop, StreamOptions};
use std::{
    fs::{self, OpenOptions},
    io::Write,
    path::Path,
    sync::{Arc, mpsc},
    thread::{self, JoinHandle},
    time::Duration,
};

/// A line that was followed: whether a restart came before its batch, its number and text.
type Followed = (bool, u64, String);

struct Following {
    stop: Arc<Stop>,
    lines: mpsc::Receiver<Followed>,
    thread: JoinHandle<()>,
}

impl Following {
    fn start(path: &Path) -> Self {
        let stop = Arc::new(Stop::default());
        let mut stream = LineStream::follow(path, StreamOptions::default(), Arc::clone(&stop)).unwrap();
        let (sender, lines) = mpsc::channel();
        let thread = thread::spawn(move || {
            while let Some(batch) = stream.next_batch().unwrap() {
                for line in batch.lines.iter() {
                    let text = String::from_utf8_lossy(line.bytes).into_owned();
                    sender.send((batch.restarted, line.number, text)).unwrap();
                }
            }
        });
        Self { stop, lines, thread }
    }

    fn next(&self) -> Followed {
        self.lines.recv_timeout(Duration::from_secs(20)).expect("a line")
    }
}

fn append(path: &Path, text: &str) {
    OpenOptions::new().append(true).open(path).unwrap().write_all(text.as_bytes()).unwrap();
}

fn line(restarted: bool, number: u64, text: &str) -> Followed {
    (restarted, number, text.to_owned())
}

#[test]
fn lines_come_when_they_are_complete_and_from_whatever_is_at_the_path() {
    let sample = Sample::new(b"one\ntw");
    let path = &sample.path;
    let following = Following::start(path);
    assert_eq!(following.next(), line(false, 0, "one"));
    append(path, "o\nthree\n");
    assert_eq!(following.next(), line(false, 1, "two"));
    assert_eq!(following.next(), line(false, 2, "three"));

    OpenOptions::new().write(true).open(path).unwrap().set_len(0).unwrap();
    // Until the truncation is noticed, which a longer text at once would hide from every reader.
    thread::sleep(Duration::from_millis(300));
    append(path, "four\n");
    assert_eq!(following.next(), line(true, 0, "four"));

    let beside = path.with_extension("new");
    fs::write(&beside, "five\nsix\n").unwrap();
    fs::rename(&beside, path).unwrap();
    assert_eq!(following.next(), line(true, 0, "five"));
    assert_eq!(following.next(), line(true, 1, "six"));

    fs::remove_file(path).unwrap();
    thread::sleep(Duration::from_millis(300));
    fs::write(path, "seven\n").unwrap();
    assert_eq!(following.next(), line(true, 0, "seven"));

    following.stop.stop();
    following.thread.join().unwrap();
    assert!(following.lines.recv().is_err(), "nothing comes after the stop");
}

#[test]
fn only_files_are_followed() {
    let folder = tempfile::tempdir().unwrap();
    let follow =
        |path: &Path| LineStream::follow(path, StreamOptions::default(), Arc::default()).unwrap_err();
    assert_eq!(follow(folder.path()).code(), Code::NotAFile);
    assert_eq!(follow(&folder.path().join("missing")).code(), Code::FileNotFound);
}
