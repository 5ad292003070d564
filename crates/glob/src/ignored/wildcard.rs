//! Wildcards of ignore rules, byte by byte as git has them.

/// What a place in a rule takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    Byte(u8),
    One,
    Many,
    Set(Box<[bool; 256]>),
}

/// One name of a rule, or any number of folders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    Name(Vec<Token>),
    Folders,
}

/// Reads a rule; `None` when it is written so that it can never match.
pub(super) fn parse(pattern: &[u8], case_insensitive: bool) -> Option<Vec<Part>> {
    let mut parts = Vec::new();
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < pattern.len() {
        match pattern[at] {
            b'/' => parts.push(part(std::mem::take(&mut tokens))),
            b'?' => tokens.push(Token::One),
            // Two and more of them are told from one by `part`, at the borders of a name.
            b'*' => tokens.push(Token::Many),
            b'[' => {
                let (set, end) = set(pattern, at + 1, case_insensitive)?;
                tokens.push(Token::Set(set));
                at = end;
            }
            b'\\' => {
                at += 1;
                match *pattern.get(at)? {
                    b'/' => parts.push(part(std::mem::take(&mut tokens))),
                    byte => tokens.push(Token::Byte(folded(byte, case_insensitive))),
                }
            }
            byte => tokens.push(Token::Byte(folded(byte, case_insensitive))),
        }
        at += 1;
    }
    parts.push(part(tokens));
    Some(parts)
}

fn part(mut tokens: Vec<Token>) -> Part {
    if tokens.len() > 1 && tokens.iter().all(|token| *token == Token::Many) {
        return Part::Folders;
    }
    tokens.dedup_by(|next, before| *next == Token::Many && *before == Token::Many);
    Part::Name(tokens)
}

pub(super) fn folded(byte: u8, case_insensitive: bool) -> u8 {
    if case_insensitive { byte.to_ascii_lowercase() } else { byte }
}

/// Whether a path is what the parts say.
pub(super) fn matches_path(parts: &[Part], path: &[u8], case_insensitive: bool) -> bool {
    let mut rest = Some(path);
    let mut next = 0;
    let mut retry: Option<(usize, &[u8])> = None;
    loop {
        let fits = match (parts.get(next), rest) {
            (None, None) => return true,
            (Some(Part::Folders), Some(path)) if next + 1 < parts.len() => {
                next += 1;
                retry = Some((next, path));
                continue;
            }
            // At the end it takes all that is left, and something must be.
            (Some(Part::Folders), left) => return left.is_some(),
            (Some(Part::Name(tokens)), Some(path)) => {
                let (name, after) = split(path);
                rest = after;
                next += 1;
                matches_name(tokens, name, case_insensitive)
            }
            (Some(Part::Name(_)), None) => return false,
            (None, Some(_)) => false,
        };
        if fits {
            continue;
        }
        let Some((place, path)) = retry else { return false };
        let Some(later) = split(path).1 else { return false };
        retry = Some((place, later));
        (next, rest) = (place, Some(later));
    }
}

fn split(path: &[u8]) -> (&[u8], Option<&[u8]>) {
    match memchr::memchr(b'/', path) {
        Some(end) => (&path[..end], Some(&path[end + 1..])),
        None => (path, None),
    }
}

/// Whether a name is what the tokens say.
pub(super) fn matches_name(tokens: &[Token], name: &[u8], case_insensitive: bool) -> bool {
    let (mut token, mut byte) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    loop {
        if let Some(Token::Many) = tokens.get(token) {
            token += 1;
            retry = Some((token, byte));
            continue;
        }
        match (tokens.get(token), name.get(byte)) {
            (None, None) => return true,
            (Some(wanted), Some(&found)) if takes(wanted, folded(found, case_insensitive)) => {
                token += 1;
                byte += 1;
            }
            _ => {
                let Some((place, start)) = retry.filter(|&(_, start)| start < name.len()) else {
                    return false;
                };
                retry = Some((place, start + 1));
                (token, byte) = (place, start + 1);
            }
        }
    }
}

fn takes(token: &Token, byte: u8) -> bool {
    match token {
        Token::Byte(wanted) => *wanted == byte,
        Token::One | Token::Many => true,
        Token::Set(set) => set[usize::from(byte)],
    }
}

/// The set whose `[` stands before `start`, and the place of its `]`; `None` when it has none, or an unknown class.
fn set(pattern: &[u8], start: usize, case_insensitive: bool) -> Option<(Box<[bool; 256]>, usize)> {
    let is_negated = matches!(pattern.get(start), Some(b'!' | b'^'));
    let mut at = start + usize::from(is_negated);
    let mut listed = Box::new([false; 256]);
    let mut before = None;
    loop {
        let byte = *pattern.get(at)?;
        before = match byte {
            b'\\' => {
                at += 1;
                let escaped = *pattern.get(at)?;
                listed[usize::from(escaped)] = true;
                Some(escaped)
            }
            b'-' if before.is_some() && !matches!(pattern.get(at + 1), None | Some(b']')) => {
                at += 1;
                if pattern[at] == b'\\' {
                    at += 1;
                }
                let (first, last) = (before.unwrap_or_default(), *pattern.get(at)?);
                list(&mut listed, case_insensitive, |byte| (first..=last).contains(&byte));
                None
            }
            b'[' if pattern.get(at + 1) == Some(&b':') => {
                let end = at + 2 + memchr::memchr(b']', pattern.get(at + 2..)?)?;
                if end > at + 2 && pattern[end - 1] == b':' {
                    let class = named_class(&pattern[at + 2..end - 1])?;
                    list(&mut listed, case_insensitive, class);
                    at = end;
                    None
                } else {
                    listed[usize::from(b'[')] = true;
                    Some(b'[')
                }
            }
            byte => {
                listed[usize::from(byte)] = true;
                Some(byte)
            }
        };
        at += 1;
        if *pattern.get(at)? == b']' {
            break;
        }
    }
    if is_negated {
        listed.iter_mut().for_each(|is_listed| *is_listed = !*is_listed);
    }
    listed[usize::from(b'/')] = false;
    Some((listed, at))
}

fn list(listed: &mut [bool; 256], case_insensitive: bool, has: impl Fn(u8) -> bool) {
    for byte in 0..=u8::MAX {
        let other_case = case_insensitive && byte.is_ascii_lowercase() && has(byte.to_ascii_uppercase());
        listed[usize::from(byte)] |= has(byte) || other_case;
    }
}

fn named_class(name: &[u8]) -> Option<fn(u8) -> bool> {
    Some(match name {
        b"alnum" => |byte| byte.is_ascii_alphanumeric(),
        b"alpha" => |byte| byte.is_ascii_alphabetic(),
        b"blank" => |byte| byte == b' ' || byte == b'\t',
        b"cntrl" => |byte| byte.is_ascii_control(),
        b"digit" => |byte| byte.is_ascii_digit(),
        b"graph" => |byte| byte.is_ascii_graphic(),
        b"lower" => |byte| byte.is_ascii_lowercase(),
        b"print" => |byte| byte == b' ' || byte.is_ascii_graphic(),
        b"punct" => |byte| byte.is_ascii_punctuation(),
        b"space" => |byte| byte.is_ascii_whitespace() || byte == 0x0b,
        b"upper" => |byte| byte.is_ascii_uppercase(),
        b"xdigit" => |byte| byte.is_ascii_hexdigit(),
        _ => return None,
    })
}
