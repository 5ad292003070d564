//! What a repository says about ignored files besides its `.gitignore` files.

use super::rules::IgnoreRules;
use crate::options::IgnoreOptions;
use std::{
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
};

/// Bytes of an ignore file at most.
pub(crate) const MAX_FILE_BYTES: u64 = 16 * 1024 * 1024;

/// Bytes of a file that names a folder at most.
const MAX_NAME_BYTES: u64 = 64 * 1024;

/// The rules of a repository that stand for its whole work tree.
#[derive(Debug, Default)]
pub(crate) struct Repository {
    pub(crate) exclude: IgnoreRules,
    pub(crate) global: IgnoreRules,
    pub(crate) case_insensitive: bool,
}

impl Repository {
    /// Reads the repository whose `.git` is this: a folder, or a file that names one.
    ///
    /// What is missing says nothing; what cannot be read is put into `errors`.
    pub(crate) fn read(
        dot_git: &Path,
        options: &IgnoreOptions,
        errors: &mut Vec<(PathBuf, io::Error)>,
    ) -> Self {
        let common = common_folder(dot_git);
        let config = Config::parse(&read(&common.join("config"), errors).unwrap_or_default());
        let case_insensitive = options.case_insensitive.or(config.ignore_case).unwrap_or(false);
        let mut rules = |is_wanted: bool, path: Option<PathBuf>| {
            let text = path.filter(|_| is_wanted).and_then(|path| read(&path, errors));
            IgnoreRules::parse(&text.unwrap_or_default(), case_insensitive)
        };
        let own_global = config.excludes_file.and_then(|path| below_home(&path, options.home.as_deref()));
        Self {
            exclude: rules(options.git_exclude, Some(common.join("info/exclude"))),
            global: rules(options.git_global, own_global.or_else(|| options.global_file.clone())),
            case_insensitive,
        }
    }
}

/// A path of a configuration file, in which `~/` is the user's folder.
fn below_home(path: &str, home: Option<&Path>) -> Option<PathBuf> {
    match path.strip_prefix("~/") {
        Some(below) => home.map(|home| home.join(below)),
        None => Some(PathBuf::from(path)),
    }
}

/// The folder that all work trees share.
fn common_folder(dot_git: &Path) -> PathBuf {
    let mut folder = dot_git.to_path_buf();
    if let Ok(text) = small_file(dot_git)
        && let Some(target) = text.strip_prefix("gitdir:")
    {
        folder = dot_git.parent().unwrap_or(dot_git).join(target.trim());
    }
    match small_file(&folder.join("commondir")) {
        Ok(common) => folder.join(common.trim()),
        Err(_) => folder,
    }
}

/// A file that names a folder; `NotFound` for anything else.
fn small_file(path: &Path) -> io::Result<String> {
    let text = content(path, MAX_NAME_BYTES)?;
    String::from_utf8(text).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}

/// The content of a regular file, `NotFound` for anything else.
///
/// Nobody vouches for a repository: a path in it may lead to a pipe, which must not be waited for, or to a file of the
/// system that says it is empty and never ends.
fn content(path: &Path, max_bytes: u64) -> io::Result<Vec<u8>> {
    // Opening a device may already do something.
    let is_file = |metadata: fs::Metadata| {
        if metadata.is_file() { Ok(()) } else { Err(io::ErrorKind::NotFound.into()) }
    };
    fs::metadata(path).and_then(is_file)?;
    let file = open(path)?;
    file.metadata().and_then(is_file)?;
    let mut text = Vec::new();
    file.take(max_bytes + 1).read_to_end(&mut text)?;
    if text.len() as u64 > max_bytes {
        return Err(io::Error::other("the file is too long for ignore rules"));
    }
    Ok(text)
}

#[cfg(unix)]
fn open(path: &Path) -> io::Result<fs::File> {
    use rustix::fs::OFlags;
    use std::os::unix::fs::OpenOptionsExt;
    let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
    fs::OpenOptions::new().read(true).custom_flags(flags.bits() as i32).open(path)
}

#[cfg(not(unix))]
fn open(path: &Path) -> io::Result<fs::File> {
    fs::File::open(path)
}

fn read(path: &Path, errors: &mut Vec<(PathBuf, io::Error)>) -> Option<Vec<u8>> {
    match content(path, MAX_FILE_BYTES) {
        Ok(text) => Some(text),
        Err(error) if is_absent(&error) => None,
        Err(error) => {
            errors.push((path.to_path_buf(), error));
            None
        }
    }
}

fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// The user's ignore file for git: what `core.excludesFile` names in the user's configuration, else `git/ignore` in
/// the folder for configurations. The library does not read the environment: `home` is the user's folder,
/// `xdg_config_home` what the variable of that name says.
#[must_use]
pub fn global_ignore_file(home: Option<&Path>, xdg_config_home: Option<&Path>) -> Option<PathBuf> {
    let configs = xdg_config_home
        .filter(|path| path.is_absolute())
        .map(Path::to_path_buf)
        .or_else(|| home.map(|home| home.join(".config")));
    let files =
        [home.map(|home| home.join(".gitconfig")), configs.as_ref().map(|folder| folder.join("git/config"))];
    for text in files.iter().flatten().filter_map(|path| read(path, &mut Vec::new())) {
        if let Some(path) = Config::parse(&text).excludes_file {
            return below_home(&path, home);
        }
    }
    configs.map(|folder| folder.join("git/ignore"))
}

/// The settings of section `core` that concern ignored files.
#[derive(Debug, Default, PartialEq, Eq)]
struct Config {
    excludes_file: Option<String>,
    ignore_case: Option<bool>,
}

impl Config {
    fn parse(text: &[u8]) -> Self {
        let mut config = Self::default();
        let mut is_core = false;
        for line in String::from_utf8_lossy(text).lines() {
            let mut line = line.trim();
            if let Some(section) = line.strip_prefix('[') {
                let Some((name, after)) = section.split_once(']') else { continue };
                is_core = name.trim().eq_ignore_ascii_case("core");
                line = after.trim();
            }
            if is_core {
                config.take(line);
            }
        }
        config
    }

    fn take(&mut self, line: &str) {
        let (key, value) =
            line.split_once('=').map_or((line, None), |(key, value)| (key.trim(), Some(unquoted(value))));
        if key.eq_ignore_ascii_case("excludesfile") {
            self.excludes_file = value;
        } else if key.eq_ignore_ascii_case("ignorecase") {
            let is_true = value.is_none_or(|value| {
                ["true", "yes", "on", "1"].iter().any(|word| value.eq_ignore_ascii_case(word))
            });
            self.ignore_case = Some(is_true);
        }
    }
}

/// A value without its quotes, and without a comment behind it.
fn unquoted(value: &str) -> String {
    let mut text = String::new();
    let mut is_quoted = false;
    let mut letters = value.trim().chars();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => is_quoted = !is_quoted,
            '#' | ';' if !is_quoted => break,
            '\\' => text.extend(letters.next()),
            letter => text.push(letter),
        }
    }
    text.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::Config;

    #[test]
    fn configurations_are_read_as_git_writes_them() {
        let text = b"# head\n[user]\n\texcludesFile = no\n[Core] ; section\n\tignoreCase\n\texcludesfile = \"~/my \\\"file\" # why\n[core \"sub\"]\nignorecase = false\n";
        let expected = Config { excludes_file: Some("~/my \"file".to_owned()), ignore_case: Some(true) };
        assert_eq!(Config::parse(text), expected);
        assert_eq!(Config::parse(b"[core]\nignorecase=false\n[").ignore_case, Some(false));
    }
}
