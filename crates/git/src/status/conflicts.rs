//! Files in conflict.

/// The letters of a conflict, by who has the file: the common ancestor, we, they.
pub(crate) fn letters(ancestor: bool, ours: bool, theirs: bool) -> [char; 2] {
    match (ancestor, ours, theirs) {
        (true, false, false) => ['D', 'D'],
        (false, true, false) => ['A', 'U'],
        (true, true, false) => ['U', 'D'],
        (false, false, true) => ['U', 'A'],
        (true, false, true) => ['D', 'U'],
        (false, true, true) => ['A', 'A'],
        _ => ['U', 'U'],
    }
}

/// Whether letters are those of a conflict.
pub(crate) fn is_conflict(letters: &str) -> bool {
    matches!(letters, "DD" | "AU" | "UD" | "UA" | "DU" | "AA" | "UU")
}
