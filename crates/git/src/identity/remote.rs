//! One spelling for all URLs of a repository.

/// Hosts that reach another one's repositories by another port.
const OTHER_NAMES: [(&str, &str); 3] = [
    ("ssh.github.com", "github.com"),
    ("altssh.gitlab.com", "gitlab.com"),
    ("altssh.bitbucket.org", "bitbucket.org"),
];

/// Hosts that take upper and lower case for the same.
const WITHOUT_CASE: [&str; 3] = ["github.com", "gitlab.com", "bitbucket.org"];

/// A URL in the one form that all URLs of the same repository have: `https://host/path`, without user and password, the
/// usual port, and `.git` at the end. What is no URL of a host (a path, `file://`) is given as the path.
///
/// ```
/// for url in ["git@github.com:Team/project.git", "ssh://git@github.com/team/project", "https://me:secret@GitHub.com/team/project/"] {
///     assert_eq!(han_git::normalise_remote(url), "https://github.com/team/project");
/// }
/// assert_eq!(han_git::normalise_remote("/srv/git/project.git"), "/srv/git/project.git");
/// ```
#[must_use]
pub fn normalise_remote(url: &str) -> String {
    let url = url.trim();
    if let Some((scheme, rest)) = url.split_once("://") {
        let scheme = scheme.to_ascii_lowercase();
        if scheme == "file" {
            return trimmed(rest);
        }
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (host, port) = host_and_port(authority);
        let is_usual = matches!(
            (scheme.as_str(), port),
            (_, "")
                | ("http", "80")
                | ("https", "443")
                | ("git", "9418")
                | ("ssh" | "git+ssh" | "ssh+git", "22")
        );
        let is_other_name = OTHER_NAMES.iter().any(|(name, _)| host.eq_ignore_ascii_case(name));
        return joined(host, if is_usual || is_other_name { "" } else { port }, path);
    }
    match url.split_once(':') {
        // One letter is a drive; a slash before the colon makes it a path.
        Some((place, path)) if place.len() > 1 && !place.contains('/') && !place.contains('\\') => {
            joined(host_and_port(place).0, "", path)
        }
        _ => trimmed(url),
    }
}

fn trimmed(path: &str) -> String {
    match path.trim_end_matches('/') {
        "" => path.to_owned(),
        path => path.to_owned(),
    }
}

/// Host and port of `user:password@host:port`; the port is empty when there is none.
fn host_and_port(authority: &str) -> (&str, &str) {
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    match host.rsplit_once(':') {
        // The colons of an IPv6 address stand in brackets.
        Some((host, port)) if !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) => {
            (host, port)
        }
        _ => (host.trim_end_matches(':'), ""),
    }
}

fn joined(host: &str, port: &str, path: &str) -> String {
    let mut host = host.to_ascii_lowercase();
    if let Some((_, real)) = OTHER_NAMES.iter().find(|(name, _)| *name == host) {
        (*real).clone_into(&mut host);
    }
    let path = path.trim_matches('/');
    let path = path.strip_suffix(".git").unwrap_or(path).trim_end_matches('/');
    let path =
        if WITHOUT_CASE.contains(&host.as_str()) { path.to_ascii_lowercase() } else { path.to_owned() };
    let port = if port.is_empty() { String::new() } else { format!(":{port}") };
    format!("https://{host}{port}/{path}")
}

#[cfg(test)]
mod tests {
    use super::normalise_remote;
    use proptest::prelude::*;

    #[test]
    fn all_urls_of_a_repository_are_one() {
        for (url, normal) in [
            ("https://example.com/Team/Project.git", "https://example.com/Team/Project"),
            ("http://example.com:80/Team/Project/", "https://example.com/Team/Project"),
            ("git://example.com/Team/Project.git/", "https://example.com/Team/Project"),
            ("ssh://git@example.com:22/Team/Project.git", "https://example.com/Team/Project"),
            ("ssh://git@example.com:2222/Team/Project", "https://example.com:2222/Team/Project"),
            ("me@example.com:Team/Project.git", "https://example.com/Team/Project"),
            ("example.com:/Team/Project", "https://example.com/Team/Project"),
            ("ssh://git@ssh.github.com:443/Team/Project.git", "https://github.com/team/project"),
            ("https://token@github.com/Team/Project", "https://github.com/team/project"),
            ("https://u:p%40@[::1]:8080/x", "https://[::1]:8080/x"),
            ("https://[::1]/x", "https://[::1]/x"),
            ("file:///srv/git/x.git", "/srv/git/x.git"),
            ("/srv/git/x.git/", "/srv/git/x.git"),
            ("./a:b", "./a:b"),
            ("C:\\git\\x", "C:\\git\\x"),
            ("/", "/"),
            ("", ""),
        ] {
            assert_eq!(normalise_remote(url), normal, "{url}");
        }
    }

    proptest! {
        #[test]
        fn normalising_again_changes_nothing_and_keeps_no_password(
            user in "[a-z]{1,8}", secret in "QQ[A-Z0-9]{8}", host in "[a-z]{1,9}\\.(com|org)", path in "[A-Za-z0-9._-]{1,8}(/[A-Za-z0-9_-]{1,8}){0,3}",
        ) {
            let normal = normalise_remote(&format!("https://{user}:{secret}@{host}/{path}.git"));
            prop_assert!(!normal.contains(&secret), "{normal}");
            prop_assert_eq!(&normalise_remote(&normal), &normal);
        }

        #[test]
        fn any_text_is_taken(text in "\\PC{0,40}") {
            prop_assert_eq!(normalise_remote(&normalise_remote(&text)), normalise_remote(&text));
        }
    }
}
