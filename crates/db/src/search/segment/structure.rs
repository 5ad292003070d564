//! The structure record, which lists the segments of an index by level, and the averages record.

use super::{COLUMNS, varint};

/// FTS5 reads no more levels or segments.
const MOST: u64 = 2000;

/// The segments of an index.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Structure {
    /// FTS5's number of the configuration.
    cookie: [u8; 4],
    write_counter: u64,
    /// Segments of a level are newer than those of the levels behind it.
    levels: Vec<Level>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Level {
    /// How many segments, from the first on, are being merged into the last segment of the next level.
    merging: u64,
    /// From the oldest to the newest.
    segments: Vec<Entry>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Entry {
    id: u64,
    first_page: u64,
    last_page: u64,
}

impl Structure {
    /// Reads a record; None when it is not one. Tables that know deletions by themselves (`contentless_delete`) have
    /// another record, which is not understood.
    pub(super) fn decode(record: &[u8]) -> Option<Self> {
        let (cookie, mut rest) = record.split_first_chunk()?;
        if rest.starts_with(&[0xff, 0, 0, 1]) {
            return None;
        }
        let rest = &mut rest;
        let level_count = varint::take(rest)?;
        let segment_count = varint::take(rest)?;
        let write_counter = varint::take(rest)?;
        if level_count > MOST || segment_count > MOST {
            return None;
        }
        let mut structure = Self { cookie: *cookie, write_counter, levels: Vec::new() };
        for _ in 0..level_count {
            let merging = varint::take(rest)?;
            let mut segments = Vec::new();
            for _ in
                0..Some(varint::take(rest)?).filter(|&count| count <= segment_count && merging <= count)?
            {
                segments.push(Entry {
                    id: varint::take(rest)?,
                    first_page: varint::take(rest)?,
                    last_page: varint::take(rest)?,
                });
            }
            structure.levels.push(Level { merging, segments });
        }
        (structure.len() as u64 == segment_count).then_some(structure)
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let mut record = self.cookie.to_vec();
        varint::put(&mut record, self.levels.len() as u64);
        varint::put(&mut record, self.len() as u64);
        varint::put(&mut record, self.write_counter);
        for level in &self.levels {
            varint::put(&mut record, level.merging);
            varint::put(&mut record, level.segments.len() as u64);
            for segment in &level.segments {
                varint::put(&mut record, segment.id);
                varint::put(&mut record, segment.first_page);
                varint::put(&mut record, segment.last_page);
            }
        }
        record
    }

    /// How many segments there are.
    fn len(&self) -> usize {
        self.levels.iter().map(|level| level.segments.len()).sum()
    }

    pub(super) fn has(&self, id: u64) -> bool {
        self.levels.iter().flat_map(|level| &level.segments).any(|segment| segment.id == id)
    }

    /// Adds the newest segment of all; false, and nothing is changed, when there are too many.
    ///
    /// FTS5 merges four segments of a level into one of the next, so a segment belongs on the level of others of its
    /// size: it would be merged, that is written, once again with each level that it climbs. What is newer must not
    /// stand behind what is older, so the segments of lower levels go there too, unless a merge is under way.
    pub(super) fn add(&mut self, id: u64, pages: u64) -> bool {
        if self.len() as u64 >= MOST - 1 {
            return false;
        }
        let of_its_size = pages.checked_ilog(4).unwrap_or(0) as usize;
        let merging = self.levels.iter().position(|level| level.merging > 0);
        let target = merging.map_or(of_its_size, |merging| merging.min(of_its_size));
        if self.levels.len() <= target {
            self.levels.resize(target + 1, Level::default());
        }
        let (lower, rest) = self.levels.split_at_mut(target);
        for level in lower.iter_mut().rev() {
            rest[0].segments.append(&mut level.segments);
        }
        rest[0].segments.push(Entry { id, first_page: 1, last_page: pages });
        true
    }
}

/// How many rows the index has, and how many positions their columns have together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Averages {
    pub(super) rows: u64,
    pub(super) positions: [u64; COLUMNS],
}

impl Averages {
    /// Reads a record; None when it is not one. That of an index that never had a row is empty.
    pub(super) fn decode(mut record: &[u8]) -> Option<Self> {
        if record.is_empty() {
            return Some(Self::default());
        }
        let rows = varint::take(&mut record)?;
        let mut positions = [0; COLUMNS];
        for positions in &mut positions {
            *positions = varint::take(&mut record)?;
        }
        Some(Self { rows, positions })
    }

    pub(super) fn encode(self) -> Vec<u8> {
        let mut record = Vec::new();
        varint::put(&mut record, self.rows);
        for positions in self.positions {
            varint::put(&mut record, positions);
        }
        record
    }
}

#[cfg(test)]
mod tests {
    use super::{Entry, Level, Structure};

    fn level(merging: u64, ids: &[u64]) -> Level {
        let entry = |&id| Entry { id, first_page: 1, last_page: 9 };
        Level { merging, segments: ids.iter().map(entry).collect() }
    }

    fn structure(levels: &[(u64, &[u64])]) -> Structure {
        let levels = levels.iter().map(|&(merging, ids)| level(merging, ids)).collect();
        Structure { cookie: [0, 0, 0, 7], write_counter: 300, levels }
    }

    fn ids(structure: &Structure) -> Vec<Vec<u64>> {
        let ids = |level: &Level| level.segments.iter().map(|segment| segment.id).collect();
        structure.levels.iter().map(ids).collect()
    }

    #[test]
    fn a_segment_goes_to_its_level_and_takes_newer_ones_along() {
        let mut empty = Structure::default();
        assert!(empty.add(2001, 100));
        assert_eq!(ids(&empty), [vec![], vec![], vec![], vec![2001]]);
        assert!(empty.add(2002, 1) && empty.add(2003, 5));
        assert_eq!(ids(&empty), [vec![], vec![2002, 2003], vec![], vec![2001]]);

        let mut used = structure(&[(0, &[5, 6]), (0, &[3, 4]), (0, &[2]), (0, &[1])]);
        assert!(used.add(9, 16));
        assert_eq!(ids(&used), [vec![], vec![], vec![2, 3, 4, 5, 6, 9], vec![1]]);
    }

    #[test]
    fn the_output_of_a_merge_stays_the_last_of_its_level() {
        // 3 and 4 are merged into 2.
        let mut merging = structure(&[(0, &[5, 6]), (2, &[3, 4]), (0, &[1, 2])]);
        assert!(merging.add(9, 1000));
        assert_eq!(ids(&merging), [vec![], vec![3, 4, 5, 6, 9], vec![1, 2]]);
        assert_eq!(merging.levels[1].merging, 2);
    }

    #[test]
    fn records_come_back_and_others_are_refused() {
        let structure = structure(&[(0, &[5, 6]), (2, &[3, 4]), (0, &[1, 2])]);
        let record = structure.encode();
        assert_eq!(Structure::decode(&record), Some(structure));
        for cut in 0..record.len() {
            assert_eq!(Structure::decode(&record[..cut]), None, "{cut}");
        }
        assert_eq!(Structure::decode(&[0, 0, 0, 0, 0xff, 0, 0, 1, 0, 0, 0]), None);
        assert_eq!(Structure::decode(&[0, 0, 0, 0, 1, 1, 0, 0, 2, 1, 1, 1, 2, 1, 1]), None);
    }

    #[test]
    fn there_are_no_more_segments_than_fts5_reads() {
        let mut full = structure(&[(0, &(1..=1999).collect::<Vec<_>>())]);
        let before = full.clone();
        assert!(!full.add(2001, 1));
        assert_eq!(full, before);
    }
}
