//! The files that `ref` lines of event files name.

use crate::Record;

/// The longest name of a folder or file that is taken, in bytes.
const LONGEST_NAME: usize = 128;

/// The text of a reference when it stays inside its folder: `<type>/<uuid>.json`, one folder and one file, both named
/// in ASCII letters, digits, `-` and `_` only. So there is no `..`, no root, no drive, no backslash and no NUL in it.
///
/// It says nothing about links: whoever opens the file must see that no part of its path is one.
#[must_use]
pub fn confined_reference(text: &str) -> Option<&str> {
    let (folder, file) = text.split_once('/')?;
    let stem = file.strip_suffix(".json")?;
    (is_plain_name(folder) && is_plain_name(stem)).then_some(text)
}

fn is_plain_name(name: &str) -> bool {
    (1..=LONGEST_NAME).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

impl Record<'_> {
    /// [`Record::reference`] when it stays inside the folder of its session, as [`confined_reference`] has it.
    #[must_use]
    pub fn confined_reference(&self) -> Option<&str> {
        confined_reference(self.reference.as_deref()?)
    }
}

#[cfg(test)]
mod tests {
    use super::confined_reference;
    use proptest::prelude::*;
    use std::path::{Component, Path};

    #[test]
    fn a_folder_and_a_file_are_taken() {
        let name = "hook_result/0f8b4c1e-6a47-4f0e-9d4e-1d2f3a4b5c6d.json";
        assert_eq!(confined_reference(name), Some(name));
    }

    #[test]
    fn whatever_could_lead_elsewhere_is_not() {
        for text in [
            "",
            "a.json",
            "/a/b.json",
            "../b.json",
            "a/../b.json",
            "a/..",
            "a/b/c.json",
            "a/b.txt",
            "a//b.json",
            "./b.json",
            "a/.json",
            "a\\b.json",
            "C:/b.json",
            "a/b\0.json",
            "a/b.json\0",
            "a/b.json/",
            "a/ b.json",
            "a/é.json",
            "a/b.json.json",
            "~/b.json",
            "a/%2e%2e.json",
            "a/b:c.json",
        ] {
            assert_eq!(confined_reference(text), None, "{text:?}");
        }
        assert_eq!(confined_reference(&format!("a/{}.json", "b".repeat(200))), None);
    }

    proptest! {
        #[test]
        fn what_is_taken_is_two_plain_parts_of_a_path(text in "[a-z./\\\\:~-]{0,12}(\\.json)?") {
            if let Some(text) = confined_reference(&text) {
                let parts: Vec<_> = Path::new(text).components().collect();
                prop_assert!(matches!(&*parts, [Component::Normal(_), Component::Normal(_)]), "{}", text);
            }
        }
    }
}
