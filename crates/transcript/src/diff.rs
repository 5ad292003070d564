//! Lines added and removed between two texts.

use std::collections::HashMap;
use std::iter;

/// How many lines came and went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct LineChange {
    /// Lines of the new text that the old one does not have.
    pub added: u64,
    /// Lines of the old text that the new one does not have.
    pub removed: u64,
}

impl LineChange {
    /// Both counts together with those of another change.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            added: self.added.saturating_add(other.added),
            removed: self.removed.saturating_add(other.removed),
        }
    }

    /// The same change, made several times.
    #[must_use]
    pub fn times(self, count: u64) -> Self {
        Self { added: self.added.saturating_mul(count), removed: self.removed.saturating_mul(count) }
    }
}

/// Lines that differ, of both texts together, up to which their order counts.
const ORDERED_UP_TO: usize = 16_384;

/// The lines added and removed between two whole files.
///
/// A line ends with its newline and includes it, so that `a\r\n` is another line than `a\n`, and a last line that
/// gained its newline counts as removed and added, as `git diff` has it. An empty file has no lines.
///
/// The change is the shortest there is, and the time is bounded on any input. Lines at the head and the end that are
/// the same, and lines that only one of the texts has, are set aside first. When more than 16,384 lines of both texts
/// are left, which takes a large file in another order, equal lines are paired off wherever they stand: that is never
/// more than the true change, and the same when lines only came or only went.
#[must_use]
pub fn diff_files(old: &str, new: &str) -> LineChange {
    diff(old, new, |text| text.split_inclusive('\n'))
}

/// The lines added and removed when a piece of a file is replaced by another.
///
/// A piece seldom ends where a line ends: what follows its last newline is the beginning of a line, also when it is
/// empty. So `a` to `a\n` adds a line, and `a` to `b` changes one. An empty piece has no lines: one that is replaced
/// by nothing is removed whole. Bounded as [`diff_files`].
#[must_use]
pub fn diff_pieces(old: &str, new: &str) -> LineChange {
    match (old.is_empty(), new.is_empty()) {
        (true, true) => LineChange::default(),
        (true, false) => LineChange { added: count_lines(new), removed: 0 },
        (false, true) => LineChange { added: 0, removed: count_lines(old) },
        (false, false) => diff(old, new, |text| text.split('\n')),
    }
}

/// Lines of a whole file: its newlines, and one more when it does not end in one.
#[must_use]
pub fn count_lines(text: &str) -> u64 {
    memchr::memchr_iter(b'\n', text.as_bytes()).count() as u64
        + u64::from(!text.is_empty() && !text.ends_with('\n'))
}

fn diff<'a, L: Iterator<Item = &'a str>>(
    old: &'a str,
    new: &'a str,
    lines: impl Fn(&'a str) -> L,
) -> LineChange {
    if old == new {
        return LineChange::default();
    }
    let (old, new) = without_common_ends(old, new);
    let mut numbers = HashMap::new();
    let mut number = |line| {
        let next = numbers.len();
        *numbers.entry(line).or_insert(next)
    };
    let mut old: Vec<usize> = lines(old).map(&mut number).collect();
    let mut new: Vec<usize> = lines(new).map(&mut number).collect();

    // Lines that the other text does not have at all are changed, whatever the order.
    let mut counts = vec![(0_u64, 0_u64); numbers.len()];
    for line in &old {
        counts[*line].0 += 1;
    }
    for line in &new {
        counts[*line].1 += 1;
    }
    let (old_count, new_count) = (old.len(), new.len());
    old.retain(|line| counts[*line].1 > 0);
    new.retain(|line| counts[*line].0 > 0);
    let alone = LineChange { added: (new_count - new.len()) as u64, removed: (old_count - old.len()) as u64 };

    if old.len() + new.len() > ORDERED_UP_TO {
        return alone.plus(unpaired(&counts));
    }
    let same = longest_common(&old, &new, numbers.len());
    alone.plus(LineChange { added: new.len() as u64 - same, removed: old.len() as u64 - same })
}

/// The length of the longest common subsequence, by the bit-parallel method of Hyyrö (2004): a bit for each line of
/// `old`, so that each line of `new` costs one addition of a number that long, whatever the texts are.
fn longest_common(old: &[usize], new: &[usize], numbers: usize) -> u64 {
    let words = old.len().div_ceil(64);
    // Where each line stands in `old`, as bits: one row of words for each distinct line.
    let mut row_of = vec![usize::MAX; numbers];
    let mut places: Vec<u64> = Vec::new();
    for (index, line) in old.iter().enumerate() {
        if row_of[*line] == usize::MAX {
            row_of[*line] = places.len();
            places.resize(places.len() + words, 0);
        }
        places[row_of[*line] + index / 64] |= 1 << (index % 64);
    }
    // A bit that has become 0 is a line of the subsequence.
    let mut open = vec![u64::MAX; words];
    for line in new {
        let row = &places[row_of[*line]..][..words];
        let mut carry = false;
        for (open, place) in iter::zip(&mut open, row) {
            let matched = *open & place;
            let (sum, first) = open.overflowing_add(matched);
            let (sum, second) = sum.overflowing_add(u64::from(carry));
            carry = first || second;
            *open = sum | (*open & !place);
        }
    }
    let zeros: u32 = open.iter().map(|word| word.count_zeros()).sum();
    u64::from(zeros)
}

/// What remains of the lines that both texts have when equal ones are paired off.
fn unpaired(counts: &[(u64, u64)]) -> LineChange {
    let shared = counts.iter().filter(|(old, new)| *old > 0 && *new > 0);
    shared.fold(LineChange::default(), |sum, (old, new)| {
        sum.plus(LineChange { added: new.saturating_sub(*old), removed: old.saturating_sub(*new) })
    })
}

/// Both texts without the whole lines they begin and end with in common.
fn without_common_ends<'a>(old: &'a str, new: &'a str) -> (&'a str, &'a str) {
    let same = common(old.bytes(), new.bytes());
    // Back to the end of a line. Bytes may be the same up to the middle of a character, but a newline is a whole one.
    let head = memchr::memrchr(b'\n', &old.as_bytes()[..same]).map_or(0, |newline| newline + 1);
    let (old, new) = (&old[head..], &new[head..]);
    let same = common(old.bytes().rev(), new.bytes().rev());
    // Forward to the end of a line, so that a whole line begins behind it in both texts.
    let tail = &old.as_bytes()[old.len() - same..];
    let tail = memchr::memchr(b'\n', tail).map_or(0, |newline| same - newline - 1);
    (&old[..old.len() - tail], &new[..new.len() - tail])
}

fn common(first: impl Iterator<Item = u8>, second: impl Iterator<Item = u8>) -> usize {
    iter::zip(first, second).take_while(|(first, second)| first == second).count()
}

#[cfg(test)]
mod tests {
    use super::{LineChange, count_lines, diff_files, diff_pieces};
    use proptest::prelude::*;
    use std::fmt::Write;
    use std::time::Instant;

    fn change(added: u64, removed: u64) -> LineChange {
        LineChange { added, removed }
    }

    /// The slow clear twin: lines that are not part of the longest common subsequence.
    fn slow(old: &[&str], new: &[&str]) -> LineChange {
        let mut longest = vec![vec![0; new.len() + 1]; old.len() + 1];
        for (i, old_line) in old.iter().enumerate() {
            for (j, new_line) in new.iter().enumerate() {
                longest[i + 1][j + 1] = if old_line == new_line {
                    longest[i][j] + 1
                } else {
                    longest[i][j + 1].max(longest[i + 1][j])
                };
            }
        }
        let same = longest[old.len()][new.len()];
        change((new.len() - same) as u64, (old.len() - same) as u64)
    }

    #[test]
    fn a_rewrite_of_equal_size_is_a_change() {
        assert_eq!(diff_pieces("a\nb\nc", "a\nX\nc"), change(1, 1));
        assert_eq!(diff_files("a\nb\n", "b\na\n"), change(1, 1));
    }

    #[test]
    fn the_newline_at_the_end_of_a_file_is_part_of_its_last_line() {
        assert_eq!(diff_files("a", "a\n"), change(1, 1));
        assert_eq!(diff_files("a\r\nb\n", "a\nb\n"), change(1, 1));
        assert_eq!(diff_files("", "a\nb"), change(2, 0));
        assert_eq!(diff_files("a\nb\n", ""), change(0, 2));
        assert_eq!(
            (count_lines(""), count_lines("a"), count_lines("a\n"), count_lines("\n\n")),
            (0, 1, 1, 2)
        );
    }

    #[test]
    fn a_piece_goes_on_after_its_end() {
        assert_eq!(diff_pieces("a", "a\n"), change(1, 0));
        assert_eq!(diff_pieces("a\n", "a\nb"), change(1, 1));
        assert_eq!(diff_pieces("a\nb", "a"), change(0, 1));
        assert_eq!(diff_pieces("a\nb\n", ""), change(0, 2));
        assert_eq!(diff_pieces("", "a\nb"), change(2, 0));
        assert_eq!(diff_pieces("same", "same"), change(0, 0));
    }

    #[test]
    fn common_ends_are_cut_between_lines_and_characters() {
        // é and è share their first byte, ü and ¼ their last one.
        assert_eq!(diff_files("x\né\nx\n", "x\nè\nx\n"), change(1, 1));
        assert_eq!(diff_files("x\nü\nx\n", "x\n¼\nx\n"), change(1, 1));
        assert_eq!(diff_files("a\na\n", "a\na\na\n"), change(1, 0));
    }

    #[test]
    fn ten_megabytes_made_against_it_are_done_in_bounded_time() {
        let numbered = |seed: u64, count: u64| {
            let mut text = String::new();
            for line in 0..count {
                writeln!(text, "{:032}", line.wrapping_mul(seed) % count).unwrap();
            }
            text
        };
        let began = Instant::now();
        // All lines of one text are unknown to the other.
        let (old, new) = (numbered(1, 300_000), numbered(1, 300_000).replace('\n', "x\n"));
        assert_eq!(diff_files(&old, &new), change(300_000, 300_000));
        // The same lines in another order, beyond and just below what is ordered.
        assert_eq!(diff_files(&old, &numbered(7_919, 300_000)), change(0, 0));
        let shuffled = diff_files(&numbered(1, 8_191), &numbered(7_919, 8_191));
        assert!(shuffled.added == shuffled.removed && (7_000..=8_191).contains(&shuffled.added));
        assert_eq!(diff_files(&numbered(1, 8_191), &numbered(8_190, 8_191)), change(8_189, 8_189));
        // Two lines in all orders.
        let bits = |seed: u64| {
            (0..8_000_u64).fold(String::new(), |text, line| {
                text + if (line * line + line / 3).wrapping_mul(seed) % 7 < 3 { "0\n" } else { "1\n" }
            })
        };
        let repeated = diff_files(&bits(3), &bits(5));
        assert!(
            (1..4_000).contains(&repeated.added) && (1..4_000).contains(&repeated.removed),
            "{repeated:?}"
        );
        // Quadratic work would take hours.
        assert!(began.elapsed().as_secs() < 60, "{:?}", began.elapsed());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(3000))]

        #[test]
        fn the_change_is_the_shortest(
            old in prop::collection::vec(prop::sample::select(vec!["", "a", "b", "c", "a\r", "é"]), 0..40),
            new in prop::collection::vec(prop::sample::select(vec!["", "a", "b", "c", "d", "è"]), 0..40),
            old_ends: bool,
            new_ends: bool,
        ) {
            let text = |lines: &[&str], ends: bool| lines.join("\n") + if ends { "\n" } else { "" };
            let (old, new) = (text(&old, old_ends), text(&new, new_ends));
            let lines = |text| str::split_inclusive(text, '\n').collect::<Vec<_>>();
            prop_assert_eq!(diff_files(&old, &new), slow(&lines(&old), &lines(&new)));
            if !old.is_empty() && !new.is_empty() {
                let pieces = |text| str::split(text, '\n').collect::<Vec<_>>();
                prop_assert_eq!(diff_pieces(&old, &new), slow(&pieces(&old), &pieces(&new)));
            }
        }

        #[test]
        fn a_long_change_is_the_shortest_too(
            old in prop::collection::vec(0..90_u32, 0..400),
            new in prop::collection::vec(0..90_u32, 0..400),
        ) {
            let text = |lines: &[u32]| lines.iter().fold(String::new(), |text, line| text + &line.to_string() + "\n");
            let (old, new) = (text(&old), text(&new));
            let lines = |text| str::split_inclusive(text, '\n').collect::<Vec<_>>();
            prop_assert_eq!(diff_files(&old, &new), slow(&lines(&old), &lines(&new)));
        }
    }
}
