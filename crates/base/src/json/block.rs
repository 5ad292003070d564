//! Which bytes of a 64-byte block matter inside a JSON string, as a bit mask (bit 0 is the first byte).
//!
//! Two twins compute each mask: SSE2, which every x86-64 processor has, and plain 64-bit arithmetic for all other
//! targets. The tests hold one against the other.

/// Bytes that are looked at together.
pub(super) const BLOCK: usize = 64;

#[cfg(target_arch = "x86_64")]
pub(super) use sse2::{backslash, special};

#[cfg(not(target_arch = "x86_64"))]
pub(super) use portable::{backslash, special};

#[cfg(target_arch = "x86_64")]
mod sse2 {
    use super::BLOCK;
    use std::arch::x86_64::{
        __m128i, _mm_cmpeq_epi8, _mm_loadu_si128, _mm_min_epu8, _mm_movemask_epi8, _mm_or_si128,
        _mm_set1_epi8,
    };

    /// Quotes, backslashes and control characters: everything that does not stand for itself in a string.
    #[inline]
    pub(in super::super) fn special(block: &[u8; BLOCK]) -> u64 {
        // SAFETY: SSE2 is part of the x86-64 baseline, so the intrinsics exist on every processor this is
        // compiled for; `mask` loads only inside the block.
        unsafe {
            let quote = _mm_set1_epi8(b'"'.cast_signed());
            let backslash = _mm_set1_epi8(b'\\'.cast_signed());
            let last_control = _mm_set1_epi8(0x1f);
            mask(block, |bytes| {
                let control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, last_control), bytes);
                let either = _mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, backslash));
                _mm_or_si128(either, control)
            })
        }
    }

    /// Backslashes.
    #[inline]
    pub(in super::super) fn backslash(block: &[u8; BLOCK]) -> u64 {
        // SAFETY: as in `special`.
        unsafe {
            let backslash = _mm_set1_epi8(b'\\'.cast_signed());
            mask(block, |bytes| _mm_cmpeq_epi8(bytes, backslash))
        }
    }

    /// The top bits of what `hits` answers for the four quarters of the block.
    ///
    /// # Safety
    /// The processor must have SSE2.
    #[inline]
    unsafe fn mask(block: &[u8; BLOCK], hits: impl Fn(__m128i) -> __m128i) -> u64 {
        let mut mask = 0;
        for (index, quarter) in block.as_chunks::<16>().0.iter().enumerate() {
            // SAFETY: `quarter` is 16 readable bytes and the load needs no alignment; SSE2 is the caller's promise.
            let bits = unsafe { _mm_movemask_epi8(hits(_mm_loadu_si128(quarter.as_ptr().cast()))) };
            mask |= u64::from(bits.cast_unsigned()) << (16 * index);
        }
        mask
    }
}

#[cfg(any(test, not(target_arch = "x86_64")))]
pub(super) mod portable {
    use super::BLOCK;

    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const LOW_BITS: u64 = ONES * 0x7f;
    const HIGHEST_THREE: u64 = ONES * 0xe0;
    const QUOTES: u64 = u64::from_ne_bytes([b'"'; 8]);
    const BACKSLASHES: u64 = u64::from_ne_bytes([b'\\'; 8]);

    /// Quotes, backslashes and control characters: everything that does not stand for itself in a string.
    #[inline]
    pub(in super::super) fn special(block: &[u8; BLOCK]) -> u64 {
        mask(block, |word| {
            zero_bytes(word ^ QUOTES) | zero_bytes(word ^ BACKSLASHES) | zero_bytes(word & HIGHEST_THREE)
        })
    }

    /// Backslashes.
    #[inline]
    pub(in super::super) fn backslash(block: &[u8; BLOCK]) -> u64 {
        mask(block, |word| zero_bytes(word ^ BACKSLASHES))
    }

    /// The top bit of every byte that is zero. The sum cannot carry into the next byte, so each answer is exact.
    #[inline]
    fn zero_bytes(word: u64) -> u64 {
        !(((word & LOW_BITS) + LOW_BITS) | word | LOW_BITS)
    }

    /// Gathers the top bits that `hits` answers for the eight words of the block.
    #[inline]
    fn mask(block: &[u8; BLOCK], hits: impl Fn(u64) -> u64) -> u64 {
        let mut mask = 0;
        for (index, &word) in block.as_chunks::<8>().0.iter().enumerate() {
            let tops = hits(u64::from_le_bytes(word)) >> 7;
            // The product moves the eight bits next to each other into the top byte.
            mask |= (tops.wrapping_mul(0x0102_0408_1020_4080) >> 56) << (8 * index);
        }
        mask
    }
}
