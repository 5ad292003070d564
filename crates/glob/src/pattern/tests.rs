//! The matcher beside its slow clear twin, and what patterns mean.

use super::{
    Patterns, compatible,
    node::Node,
    shell,
    unit::{fold, units},
};
use crate::options::{MatchOptions, Rules};
use han_base::Code;
use proptest::prelude::*;

/// Whether a path matches, by trying everything.
struct Twin<'p> {
    path: &'p [u32],
    case_insensitive: bool,
    hides_dots: bool,
}

const SLASH: u32 = '/' as u32;
const DOT: u32 = '.' as u32;

impl Twin<'_> {
    /// Whether the path from `at` on is what the nodes say, and `rest` is happy with what is left.
    /// `guarded`: the next unit may be no dot.
    fn fits(&self, nodes: &[Node], at: usize, guarded: bool, rest: &dyn Fn(usize, bool) -> bool) -> bool {
        let Some((node, after)) = nodes.split_first() else { return rest(at, guarded) };
        let next = |at: usize, guarded: bool| self.fits(after, at, guarded, rest);
        let one = |takes: &dyn Fn(u32) -> bool, no_dot: bool| {
            let Some(&unit) = self.path.get(at) else { return false };
            let is_hiding = unit == DOT && self.is_first(at);
            takes(unit) && !(guarded && unit == DOT) && !(no_dot && is_hiding) && next(at + 1, false)
        };
        match node {
            Node::Literal(letter) => one(&|unit| self.folded(unit) == self.folded(u32::from(*letter)), false),
            Node::One { in_folder } => {
                one(&|unit| !(*in_folder && unit == SLASH), *in_folder && self.hides_dots)
            }
            Node::Class(class) => one(&|unit| class.has(self.folded(unit), self.case_insensitive), false),
            Node::Many { in_folder } => {
                let guards = guarded || (*in_folder && self.hides_dots && self.is_first(at));
                if next(at, guards) {
                    return true;
                }
                let mut end = at;
                while let Some(&unit) = self.path.get(end) {
                    if (*in_folder && unit == SLASH) || (end == at && guards && unit == DOT) {
                        return false;
                    }
                    end += 1;
                    if next(end, false) {
                        return true;
                    }
                }
                false
            }
            Node::Folders => {
                next(at, guarded)
                    || self.names_end(at, guarded).into_iter().any(|end| {
                        self.path.get(end) == Some(&SLASH) && self.fits(nodes, end + 1, false, rest)
                    })
            }
            Node::Names => {
                let is_shown = |&end: &usize| {
                    let hides = self.hides_dots && self.is_first(end);
                    self.path[end] != DOT || !(hides || (guarded && end == at))
                };
                let most = (at..self.path.len()).take_while(is_shown).count();
                (at..=at + most).any(|end| next(end, guarded && end == at))
            }
            Node::Either(choices) => choices.iter().any(|choice| self.fits(choice, at, guarded, &next)),
            Node::Repeat { choices, or_none, or_more } => {
                let again = |end: usize, guarded: bool| {
                    next(end, guarded) || (*or_more && end > at && self.fits(nodes, end, guarded, rest))
                };
                (*or_none && next(at, guarded))
                    || choices.iter().any(|choice| self.fits(choice, at, guarded, &again))
            }
        }
    }

    /// Where one name, or some of it, may end.
    fn names_end(&self, at: usize, guarded: bool) -> Vec<usize> {
        let hides = guarded || (self.hides_dots && self.is_first(at));
        if hides && self.path.get(at) == Some(&DOT) {
            return Vec::new();
        }
        let length = self.path[at..].iter().take_while(|&&unit| unit != SLASH).count();
        (at + 1..=at + length).collect()
    }

    fn is_first(&self, at: usize) -> bool {
        at == 0 || self.path[at - 1] == SLASH
    }

    fn folded(&self, unit: u32) -> u32 {
        if self.case_insensitive { fold(unit) } else { unit }
    }
}

fn twin(nodes: &[Node], path: &str, options: &MatchOptions) -> bool {
    let path: Vec<u32> = units(path.as_bytes()).collect();
    let hides_dots = options.rules == Rules::Shell && !options.dot;
    let twin = Twin { path: &path, case_insensitive: options.case_insensitive, hides_dots };
    twin.fits(nodes, 0, false, &|at, _| at == path.len())
}

fn options() -> impl Strategy<Value = MatchOptions> {
    (any::<bool>(), any::<bool>(), any::<bool>()).prop_map(|(shell, case_insensitive, dot)| MatchOptions {
        rules: if shell { Rules::Shell } else { Rules::Compatible },
        case_insensitive,
        dot,
    })
}

const PATTERN: &str = r"([abA.]|\*|\*\*|\*\*/|/|\?|\[[ab.-]{1,3}\]|\[!a\]|\{a,b\*\}|\{a,\{b,\*\*\}\}|@\(a\|b\)|\*\(a\|b\)|\+\(a\)|\?\(a\*\)){1,7}";
const PATH: &str = r"[abAä.]{1,3}(/[abA.]{1,3}){0,3}";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn the_machine_is_its_slow_twin(pattern in PATTERN, paths in prop::collection::vec(PATH, 8), options in options()) {
        let nodes = match options.rules {
            Rules::Compatible => compatible::parse(&pattern),
            Rules::Shell => shell::parse(&pattern).map(|parsed| parsed.nodes),
        };
        let patterns = Patterns::compile(&[&pattern], &options);
        prop_assert_eq!(nodes.is_ok(), patterns.is_ok());
        if let (Ok(nodes), Ok(patterns)) = (nodes, patterns) {
            for path in paths {
                prop_assert_eq!(patterns.is_match(&path), twin(&nodes, &path, &options), "{} {}", pattern, path);
            }
        }
    }

    #[test]
    fn compatible_patterns_are_those_of_globset(pattern in r"[ab/*?\[\]{},.!^\\-]{1,10}", paths in prop::collection::vec(PATH, 8)) {
        let theirs = globset::Glob::new(&pattern);
        let ours = Patterns::compile(&[&pattern], &MatchOptions::default());
        prop_assert_eq!(ours.is_ok(), theirs.is_ok(), "{} {:?} {:?}", pattern, ours.err(), theirs.err());
        if let (Ok(ours), Ok(theirs)) = (ours, theirs) {
            let theirs = theirs.compile_matcher();
            for path in paths.iter().filter(|path| path.is_ascii()) {
                // Its `?` is a byte and ours a character.
                prop_assert_eq!(ours.is_match(path), theirs.is_match(path), "{} {}", pattern, path);
            }
        }
    }

    #[test]
    fn whatever_is_written_is_read_or_refused(pattern in r"[\PC\n]{0,40}", options in options()) {
        match Patterns::compile(&[&pattern], &options) {
            Ok(patterns) => { let _ = patterns.is_match("a/b.c"); }
            Err(error) => prop_assert_eq!(error.code(), Code::InvalidPattern),
        }
    }
}

fn shell_matches(pattern: &str, path: &str) -> bool {
    let options = MatchOptions { rules: Rules::Shell, ..MatchOptions::default() };
    Patterns::compile(&[pattern], &options).unwrap().is_match(path)
}

#[test]
fn stars_cross_folders_where_they_did() {
    let compatible = |pattern: &str, path: &str| {
        Patterns::compile(&[pattern], &MatchOptions::default()).unwrap().is_match(path)
    };
    assert!(compatible("*.ts", "a/b/c.ts"));
    assert!(compatible("src/?ain.ts", "src/main.ts"));
    assert!(compatible("a?b", "a/b"));
    assert!(compatible("{a,b/{c,d}}/*.rs", "b/d/x/y.rs"));
    assert!(!compatible("{a,b/{c,d}}/*.rs", "b/x/y.rs"));
    assert!(compatible("**/x", "x") && compatible("**/x", "a/b/x") && !compatible("**/x", "ax"));
    assert!(compatible("[!a]b", "bb") && !compatible("[!a]b", "ab"));
    assert!(compatible("caf?", "café"));
}

#[test]
fn shell_rules_keep_stars_in_their_folder() {
    for (pattern, path) in [
        ("*.ts", "a.ts"),
        ("**/*.ts", "a.ts"),
        ("**/*.ts", "a/b/c.ts"),
        ("a/**", "a/b/c"),
        ("a/**", "a"),
        ("a/**/b", "a/b"),
        ("a/**/b", "a/x/y/b"),
        ("**", "a/b"),
        ("./a", "a"),
        ("{a,b}{1..3}.x", "b2.x"),
        ("{01..10}", "07"),
        ("{a..e..2}", "c"),
        ("{a}", "{a}"),
        ("{,x}y", "y"),
        ("[[:digit:][:upper:]]", "7"),
        ("[id].ts", "[id].ts"),
        ("[id].ts", "d.ts"),
        ("+(ab|c).x", "abcab.x"),
        ("?(a)b", "b"),
        ("@(a|b*)/c", "bcd/c"),
        (".*", ".git"),
        (".github/*", ".github/a"),
        ("\\*", "*"),
        ("!!a", "a"),
    ] {
        assert!(shell_matches(pattern, path), "{pattern} {path}");
    }
    for (pattern, path) in [
        ("*.ts", "a/b.ts"),
        ("*", ".a"),
        ("*.x", ".x"),
        ("**", "a/.b/c"),
        ("?a", ".a"),
        ("a?b", "a/b"),
        ("{1..3}", "4"),
        ("{01..10}", "7"),
        ("[a-z]", "/"),
        ("+(a)", "b"),
        ("a**b", "a/b"),
        ("!a", "b"),
    ] {
        assert!(!shell_matches(pattern, path), "{pattern} {path}");
    }
}

#[test]
fn a_folder_is_taken_away_with_all_that_lies_in_it() {
    let options = MatchOptions { rules: Rules::Shell, ..MatchOptions::default() };
    let patterns = Patterns::compile(&["**/*.js", ".x/**", "!dist/**", "!.x/y/**"], &options).unwrap();
    assert!(patterns.is_match("a/b.js") && patterns.is_match(".x/z"));
    assert!(!patterns.is_match("dist/b.js") && !patterns.is_match(".x/y/.z"));
    let patterns = Patterns::compile(&["**", "!node_modules", "!**/*.d"], &options).unwrap();
    assert!(patterns.is_match("a/node_modules/b") && !patterns.is_match("node_modules/a/b"));
    assert!(!patterns.is_match("a/b.d/c"));
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let shell = MatchOptions { rules: Rules::Shell, ..MatchOptions::default() };
    let compatible = MatchOptions::default();
    for (pattern, options, place) in [
        ("src/[a", &compatible, "character 5: this `[` is never closed"),
        ("ä{a,{b}", &compatible, "character 2: this `{` is never closed"),
        ("a}", &compatible, "character 2: there is no `{`"),
        ("[z-a]", &compatible, "character 4: the range ends before it begins"),
        ("a\\", &compatible, "character 2: nothing stands behind the backslash"),
        ("a\0", &compatible, "character 2: no name holds a NUL"),
        ("src/[a", &shell, "character 5: this `[` is never closed"),
        ("@(a|b", &shell, "character 2: this `(` is never closed"),
        ("a!(b)", &shell, "character 2: `!(…)` is not supported"),
        ("{1..99999}", &shell, "character 1: the range has more than 10000 values"),
        ("[[:nope:]]", &shell, "character 2: there is no such named class"),
        ("../a", &shell, "character 1: `..` leads out of the root"),
        ("a\\", &shell, "character 2: nothing stands behind the backslash"),
    ] {
        let error = Patterns::compile(&[pattern], options).unwrap_err();
        assert_eq!(error.code(), Code::InvalidPattern);
        assert!(error.to_string().contains(place), "{error}");
    }
}

#[test]
fn hostile_patterns_take_no_time_and_no_stack() {
    let options = [MatchOptions::default(), MatchOptions { rules: Rules::Shell, ..MatchOptions::default() }];
    for options in &options {
        let stars = Patterns::compile(&["*a".repeat(500)], options).unwrap();
        assert!(!stars.is_match(&"a".repeat(499)) && stars.is_match(&"a".repeat(5000)));
        assert!(!stars.is_match(&format!("{}b", "a".repeat(5000))));
        let deep = "{".repeat(10_000);
        assert_eq!(Patterns::compile(&[deep], options).unwrap_err().code(), Code::InvalidPattern);
        let long = "a".repeat(70_000);
        assert_eq!(Patterns::compile(&[long], options).unwrap_err().code(), Code::InvalidPattern);
        let wide = format!("{{{}}}", vec!["a*b"; 15_000].join(","));
        assert!(Patterns::compile(&[wide], options).unwrap().is_match("aXb"));
    }
    let nested = "+(".repeat(60) + "a" + &")".repeat(60);
    assert!(shell_matches(&nested, &"a".repeat(200)));
    let bomb = "{1..9999}".repeat(100);
    let error = Patterns::compile(&[bomb], &options[1]).unwrap_err();
    assert_eq!(error.code(), Code::InvalidPattern);
}
