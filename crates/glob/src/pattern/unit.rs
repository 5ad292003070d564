//! Names as a matcher sees them: characters, and the bytes that are none.

/// Bytes that belong to no character stand above all characters, so that wildcards match them one by one.
const FIRST_STRAY_BYTE: u32 = 0x11_0000;

/// The units of a name: its characters, and each byte that belongs to none.
pub(super) fn units(name: &[u8]) -> impl Iterator<Item = u32> {
    name.utf8_chunks().flat_map(|chunk| {
        let characters = chunk.valid().chars().map(u32::from);
        characters.chain(chunk.invalid().iter().map(|&byte| FIRST_STRAY_BYTE + u32::from(byte)))
    })
}

/// A unit in lower case, where that is one character.
pub(super) fn fold(unit: u32) -> u32 {
    let Some(letter) = char::from_u32(unit) else { return unit };
    if letter.is_ascii() {
        return u32::from(letter.to_ascii_lowercase());
    }
    let mut lower = letter.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(only), None) => u32::from(only),
        _ => unit,
    }
}
