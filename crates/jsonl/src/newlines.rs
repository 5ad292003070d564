//! Finding newlines, 64 bytes at a time, with the widest instructions that the processor has.
//!
//! On x86-64 the choice is made at run time: AVX-512 (BW), else AVX2, else SSE2, which every x86-64 processor has.
//! Other targets use the `memchr` crate, which has its own vector forms.

/// How many newlines are in `bytes`.
#[must_use]
pub fn count(bytes: &[u8]) -> usize {
    kernel::count(bytes)
}

/// Appends the offset behind every newline of `bytes`, which begin at `base`.
pub fn line_starts(bytes: &[u8], base: u64, starts: &mut Vec<u64>) {
    kernel::line_starts(bytes, base, starts);
}

#[cfg(not(target_arch = "x86_64"))]
mod kernel {
    use memchr::memchr_iter;

    pub(super) fn count(bytes: &[u8]) -> usize {
        memchr_iter(b'\n', bytes).count()
    }

    pub(super) fn line_starts(bytes: &[u8], base: u64, starts: &mut Vec<u64>) {
        starts.extend(memchr_iter(b'\n', bytes).map(|at| base + at as u64 + 1));
    }
}

#[cfg(target_arch = "x86_64")]
mod kernel {
    use std::arch::x86_64::{
        _mm_add_epi64, _mm_cmpeq_epi8, _mm_loadu_si128, _mm_movemask_epi8, _mm_sad_epu8, _mm_set1_epi8,
        _mm_setzero_si128, _mm_sub_epi8, _mm256_add_epi64, _mm256_cmpeq_epi8, _mm256_loadu_si256,
        _mm256_movemask_epi8, _mm256_sad_epu8, _mm256_set1_epi8, _mm256_setzero_si256, _mm256_sub_epi8,
        _mm512_cmpeq_epi8_mask, _mm512_loadu_si512, _mm512_set1_epi8,
    };

    const BLOCK: usize = 64;
    const NEWLINE: i8 = b'\n'.cast_signed();

    pub(super) fn count(bytes: &[u8]) -> usize {
        if is_x86_feature_detected!("avx512bw") && is_x86_feature_detected!("popcnt") {
            // SAFETY: the processor has what the function is compiled for.
            unsafe { count_avx512(bytes) }
        } else if is_x86_feature_detected!("avx2") {
            // SAFETY: as above.
            unsafe { count_avx2(bytes) }
        } else {
            count_sse2(bytes)
        }
    }

    pub(super) fn line_starts(bytes: &[u8], base: u64, starts: &mut Vec<u64>) {
        if is_x86_feature_detected!("avx512bw") {
            // SAFETY: the processor has what the function is compiled for.
            unsafe { line_starts_avx512(bytes, base, starts) }
        } else if is_x86_feature_detected!("avx2") {
            // SAFETY: as above.
            unsafe { line_starts_avx2(bytes, base, starts) }
        } else {
            line_starts_sse2(bytes, base, starts);
        }
    }

    /// # Safety
    /// The processor must have AVX-512 BW and POPCNT.
    #[target_feature(enable = "avx512bw,popcnt")]
    unsafe fn count_avx512(bytes: &[u8]) -> usize {
        let newline = _mm512_set1_epi8(NEWLINE);
        let (blocks, tail) = bytes.as_chunks::<BLOCK>();
        let mut count = 0;
        for block in blocks {
            // SAFETY: the block is 64 readable bytes; the load needs no alignment.
            let found = unsafe { _mm512_loadu_si512(block.as_ptr().cast()) };
            count += _mm512_cmpeq_epi8_mask(found, newline).count_ones() as usize;
        }
        count + count_one_by_one(tail)
    }

    /// Comparisons give -1 per hit; up to 255 of them are summed in bytes before they are widened.
    ///
    /// # Safety
    /// The processor must have AVX2.
    #[target_feature(enable = "avx2")]
    unsafe fn count_avx2(bytes: &[u8]) -> usize {
        let newline = _mm256_set1_epi8(NEWLINE);
        let zero = _mm256_setzero_si256();
        let (blocks, tail) = bytes.as_chunks::<BLOCK>();
        let mut total = zero;
        for run in blocks.chunks(127) {
            let mut hits = zero;
            for block in run {
                for half in block.as_chunks::<32>().0 {
                    // SAFETY: the half is 32 readable bytes; the load needs no alignment.
                    let loaded = unsafe { _mm256_loadu_si256(half.as_ptr().cast()) };
                    hits = _mm256_sub_epi8(hits, _mm256_cmpeq_epi8(loaded, newline));
                }
            }
            total = _mm256_add_epi64(total, _mm256_sad_epu8(hits, zero));
        }
        // SAFETY: both types are 32 bytes without invalid values.
        let sums: [u64; 4] = unsafe { std::mem::transmute(total) };
        sums.iter().sum::<u64>() as usize + count_one_by_one(tail)
    }

    fn count_sse2(bytes: &[u8]) -> usize {
        // SAFETY: SSE2 is part of the x86-64 baseline; each load is of 16 readable bytes and needs no alignment; the
        // transmuted types are 16 bytes without invalid values.
        unsafe {
            let newline = _mm_set1_epi8(NEWLINE);
            let zero = _mm_setzero_si128();
            let (quarters, tail) = bytes.as_chunks::<16>();
            let mut total = zero;
            for run in quarters.chunks(255) {
                let mut hits = zero;
                for quarter in run {
                    let loaded = _mm_loadu_si128(quarter.as_ptr().cast());
                    hits = _mm_sub_epi8(hits, _mm_cmpeq_epi8(loaded, newline));
                }
                total = _mm_add_epi64(total, _mm_sad_epu8(hits, zero));
            }
            let sums: [u64; 2] = std::mem::transmute(total);
            sums.iter().sum::<u64>() as usize + count_one_by_one(tail)
        }
    }

    fn count_one_by_one(bytes: &[u8]) -> usize {
        bytes.iter().map(|&byte| usize::from(byte == b'\n')).sum()
    }

    /// # Safety
    /// The processor must have AVX-512 BW.
    #[target_feature(enable = "avx512bw")]
    unsafe fn line_starts_avx512(bytes: &[u8], base: u64, starts: &mut Vec<u64>) {
        let newline = _mm512_set1_epi8(NEWLINE);
        starts_by_masks(bytes, base, starts, |block| {
            // SAFETY: the block is 64 readable bytes; the load needs no alignment.
            let loaded = unsafe { _mm512_loadu_si512(block.as_ptr().cast()) };
            _mm512_cmpeq_epi8_mask(loaded, newline)
        });
    }

    /// # Safety
    /// The processor must have AVX2.
    #[target_feature(enable = "avx2")]
    unsafe fn line_starts_avx2(bytes: &[u8], base: u64, starts: &mut Vec<u64>) {
        let newline = _mm256_set1_epi8(NEWLINE);
        starts_by_masks(bytes, base, starts, |block| {
            let mut mask = 0;
            for (index, half) in block.as_chunks::<32>().0.iter().enumerate() {
                // SAFETY: the half is 32 readable bytes; the load needs no alignment.
                let loaded = unsafe { _mm256_loadu_si256(half.as_ptr().cast()) };
                let hits = _mm256_movemask_epi8(_mm256_cmpeq_epi8(loaded, newline));
                mask |= u64::from(hits.cast_unsigned()) << (32 * index);
            }
            mask
        });
    }

    fn line_starts_sse2(bytes: &[u8], base: u64, starts: &mut Vec<u64>) {
        starts_by_masks(bytes, base, starts, |block| {
            let mut mask = 0;
            for (index, quarter) in block.as_chunks::<16>().0.iter().enumerate() {
                // SAFETY: SSE2 is part of the x86-64 baseline; the quarter is 16 readable bytes and the load needs no
                // alignment.
                let hits = unsafe {
                    let loaded = _mm_loadu_si128(quarter.as_ptr().cast());
                    _mm_movemask_epi8(_mm_cmpeq_epi8(loaded, _mm_set1_epi8(NEWLINE)))
                };
                mask |= u64::from(hits.cast_unsigned()) << (16 * index);
            }
            mask
        });
    }

    /// Appends what `newlines_of`, a bit for each byte of a block, finds.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it must be compiled with the instructions of its caller")]
    fn starts_by_masks(
        bytes: &[u8],
        base: u64,
        starts: &mut Vec<u64>,
        newlines_of: impl Fn(&[u8; BLOCK]) -> u64,
    ) {
        let (blocks, tail) = bytes.as_chunks::<BLOCK>();
        let mut behind = base + 1;
        for block in blocks {
            let mut mask = newlines_of(block);
            while mask != 0 {
                starts.push(behind + u64::from(mask.trailing_zeros()));
                mask &= mask - 1;
            }
            behind += BLOCK as u64;
        }
        for (at, byte) in tail.iter().enumerate() {
            if *byte == b'\n' {
                starts.push(behind + at as u64);
            }
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;
        use proptest::prelude::*;

        fn starts(bytes: &[u8], base: u64, by: unsafe fn(&[u8], u64, &mut Vec<u64>)) -> Vec<u64> {
            let mut found = Vec::new();
            // SAFETY: the callers below ask the processor first.
            unsafe { by(bytes, base, &mut found) };
            found
        }

        proptest! {
            #[test]
            fn every_kernel_agrees_with_the_slow_twin(
                bytes in proptest::collection::vec(prop_oneof![2 => Just(b'\n'), 3 => any::<u8>()], 0..40_000),
                skip in 0_usize..64,
            ) {
                let bytes = &bytes[skip.min(bytes.len())..];
                let expected: Vec<u64> =
                    (0..bytes.len()).filter(|&at| bytes[at] == b'\n').map(|at| 7 + at as u64 + 1).collect();
                prop_assert_eq!(count_sse2(bytes), expected.len());
                prop_assert_eq!(&starts(bytes, 7, line_starts_sse2), &expected);
                if is_x86_feature_detected!("avx2") {
                    // SAFETY: asked for one line above.
                    prop_assert_eq!(unsafe { count_avx2(bytes) }, expected.len());
                    prop_assert_eq!(&starts(bytes, 7, line_starts_avx2), &expected);
                }
                if is_x86_feature_detected!("avx512bw") && is_x86_feature_detected!("popcnt") {
                    // SAFETY: asked for one line above.
                    prop_assert_eq!(unsafe { count_avx512(bytes) }, expected.len());
                    prop_assert_eq!(&starts(bytes, 7, line_starts_avx512), &expected);
                }
            }
        }
    }
}
