//! The JSONL files of a folder.

use han_base::{Error, Result};
use std::{fs, io, path::Path, time::UNIX_EPOCH};

/// A file as `listSessionFiles` and `listJsonlFiles` show it.
#[derive(Clone, Debug, PartialEq)]
pub struct ListedFile {
    /// The file name.
    pub name: String,
    /// The folder's path as given, and the name.
    pub path: String,
    /// Size in bytes.
    pub size: u64,
    /// Time of the last change, in milliseconds since 1970.
    pub modified_ms: f64,
}

/// The `*.jsonl` files directly in `folder`, newest first (equal times by name). `prefix` is what their names must
/// begin with; `suffix` what the name without `.jsonl` must end with. A missing folder has no files.
///
/// Files that vanish while the folder is read are left out.
pub fn list_files(folder: &Path, prefix: Option<&str>, suffix: Option<&str>) -> Result<Vec<ListedFile>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Error::io("list folder", folder, error)),
    };
    let mut files = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|error| Error::io("list folder", folder, error))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let Some(stem) = name.strip_suffix(".jsonl") else { continue };
        if !stem.starts_with(prefix.unwrap_or("")) || !stem.ends_with(suffix.unwrap_or("")) {
            continue;
        }
        let metadata = match fs::metadata(entry.path()) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(Error::io("read", entry.path(), error)),
        };
        if !metadata.is_file() {
            continue;
        }
        let since_1970 = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        files.push(ListedFile {
            path: entry.path().to_string_lossy().into_owned(),
            name,
            size: metadata.len(),
            modified_ms: since_1970.map_or(0.0, |time| (time.as_secs_f64() * 1000.0).floor()),
        });
    }
    files.sort_by(|a, b| b.modified_ms.total_cmp(&a.modified_ms).then_with(|| a.name.cmp(&b.name)));
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_jsonl_files_with_the_asked_name_are_listed() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["agent-1.jsonl", "a-han.jsonl", "b.jsonl", "c.json"] {
            fs::write(folder.path().join(name), "{}\n").unwrap();
        }
        fs::create_dir(folder.path().join("d.jsonl")).unwrap();
        let names = |prefix, suffix| {
            let mut names: Vec<_> = list_files(folder.path(), prefix, suffix)
                .unwrap()
                .into_iter()
                .map(|file| file.name)
                .collect();
            names.sort();
            names
        };
        assert_eq!(names(None, None), ["a-han.jsonl", "agent-1.jsonl", "b.jsonl"]);
        assert_eq!(names(Some("agent-"), None), ["agent-1.jsonl"]);
        assert_eq!(names(None, Some("-han")), ["a-han.jsonl"]);
        assert!(list_files(&folder.path().join("missing"), None, None).unwrap().is_empty());
    }
}
