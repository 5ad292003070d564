//! SQLite's variable-length integers: seven bits a byte, the highest first; a ninth byte has eight.

/// Appends `value`.
#[inline]
pub(super) fn put(buffer: &mut Vec<u8>, value: u64) {
    if value < 1 << 7 {
        buffer.push(value as u8);
    } else if value < 1 << 14 {
        buffer.extend_from_slice(&[(value >> 7) as u8 | 0x80, value as u8 & 0x7f]);
    } else {
        put_long(buffer, value);
    }
}

#[cold]
fn put_long(buffer: &mut Vec<u8>, value: u64) {
    let mut bytes = [0; 9];
    let mut at = bytes.len();
    let mut rest = value;
    if value >> 56 != 0 {
        at -= 1;
        bytes[at] = rest as u8;
        rest >>= 8;
        while at > 0 {
            at -= 1;
            bytes[at] = rest as u8 | 0x80;
            rest >>= 7;
        }
    } else {
        let mut more = 0;
        while rest != 0 {
            at -= 1;
            bytes[at] = rest as u8 & 0x7f | more;
            more = 0x80;
            rest >>= 7;
        }
    }
    buffer.extend_from_slice(&bytes[at..]);
}

/// Takes a value from the front; None when the bytes end before it does.
#[inline]
pub(super) fn take(bytes: &mut &[u8]) -> Option<u64> {
    let (&first, rest) = bytes.split_first()?;
    if first < 0x80 {
        *bytes = rest;
        return Some(u64::from(first));
    }
    let mut value = u64::from(first & 0x7f);
    for (index, &byte) in rest.iter().enumerate() {
        if index == 7 {
            *bytes = &rest[8..];
            return Some(value << 8 | u64::from(byte));
        }
        value = value << 7 | u64::from(byte & 0x7f);
        if byte < 0x80 {
            *bytes = &rest[index + 1..];
            return Some(value);
        }
    }
    None
}

/// How many bytes the value at the front has.
#[inline]
pub(super) fn length(bytes: &[u8]) -> usize {
    bytes.iter().take(8).position(|&byte| byte < 0x80).map_or_else(|| bytes.len().min(9), |index| index + 1)
}

#[cfg(test)]
mod tests {
    use super::{length, put, take};
    use proptest::prelude::*;

    fn bytes_of(value: u64) -> Vec<u8> {
        let mut bytes = Vec::new();
        put(&mut bytes, value);
        bytes
    }

    #[test]
    fn values_have_the_bytes_that_sqlite_gives_them() {
        assert_eq!(bytes_of(0), [0]);
        assert_eq!(bytes_of(127), [0x7f]);
        assert_eq!(bytes_of(128), [0x81, 0]);
        assert_eq!(bytes_of(16383), [0xff, 0x7f]);
        assert_eq!(bytes_of(16384), [0x81, 0x80, 0]);
        assert_eq!(bytes_of((1 << 56) - 1), [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]);
        assert_eq!(bytes_of(1 << 56), [0x80, 0xc0, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0]);
        assert_eq!(bytes_of(u64::MAX), [0xff; 9]);
    }

    proptest! {
        #[test]
        fn values_come_back(value in any::<u64>(), shift in 0_u32..64, rest in any::<Vec<u8>>()) {
            let value = value >> shift;
            let mut bytes = bytes_of(value);
            let size = bytes.len();
            for cut in 0..size {
                prop_assert_eq!(take(&mut &bytes[..cut]), None);
            }
            bytes.extend_from_slice(&rest);
            prop_assert_eq!(length(&bytes), size);
            let mut left = bytes.as_slice();
            prop_assert_eq!(take(&mut left), Some(value));
            prop_assert_eq!(left, rest.as_slice());
        }
    }
}
