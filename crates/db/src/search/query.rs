//! What a person types, compiled to an FTS5 MATCH expression.
//!
//! # The language
//!
//! | written | means |
//! | --- | --- |
//! | `one two`, `one AND two` | both |
//! | `one OR two` | either; `AND` binds tighter |
//! | `-one`, `NOT one` | not this; beside it something must be looked for |
//! | `(one OR two) three` | a group |
//! | `"one two"` | these words in this order, side by side; `""` inside is a quote |
//! | `word*`, `"one two"*` | words that begin so |
//! | `content:one`, `input:"one two"`, `input:(a OR b)` | only in that column; the innermost holds |
//!
//! Operators are upper case and stand alone. A group opens and a field or `-` counts only at the beginning of a word;
//! elsewhere punctuation belongs to the word, and a word is a phrase of its tokens: `src/main.rs`, `main()`,
//! `don't`, `--no-verify`, `std::fs`. `NEAR`, `^` and `+` have no meaning. A word of punctuation only is left out.
//!
//! What is not well formed (a group or quote that is not closed, an operator without its operands, an empty group)
//! means all its words literally, all required: nothing that a person types is an error.
//!
//! An identifier is looked for by its parts, and also as one word: `getUserName` finds `get_user_name`,
//! `get user name` and `getusername`; `JavaScript` finds `javascript`. The last character of a term in a dense
//! script is a prefix if it is a token by itself, since the index holds such text in pairs.
//!
//! # Limits
//!
//! The first [`MAX_CHARACTERS`] characters count, the first [`MAX_TERMS`] terms of them, and the first
//! [`MAX_TOKENS`] tokens of each term; what is beyond is left out. Groups nested deeper than [`MAX_NESTING`] are not
//! well formed. A negative branch of `OR` (`a OR -b`) and a negation in which nothing is positive are left out, as
//! FTS5 cannot say "everything but".

use crate::tokenizer::tokenize;
use std::ops::ControlFlow;

/// The characters of a query that count.
pub const MAX_CHARACTERS: usize = 10_000;

/// The terms of a query that count.
pub const MAX_TERMS: usize = 200;

/// The tokens of a term that count.
pub const MAX_TOKENS: usize = 100;

/// How deep groups may nest. FTS5's parser has a stack of 100 entries and takes up to three for a level.
pub const MAX_NESTING: usize = 24;

/// A column that a term may be limited to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Field {
    /// `content:`, the column `content`.
    Content,
    /// `input:`, the column `tool_input`.
    Input,
}

impl Field {
    /// The name of the column in the full-text table.
    #[must_use]
    pub const fn column(self) -> &'static str {
        match self {
            Self::Content => "content",
            Self::Input => "tool_input",
        }
    }
}

/// One term of a query: a word or a phrase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryTerm {
    /// Folded tokens that must follow each other. Never empty.
    pub tokens: Vec<String>,
    /// The same with every identifier as one token, when that differs: `getusername` for `getUserName`. A text that
    /// has either has the term.
    pub alternative: Option<Vec<String>>,
    /// The last token may be the beginning of a longer one.
    pub prefix: bool,
    /// The term must not occur, so there is nothing to highlight.
    pub negated: bool,
    /// The only column that the term may stand in; `None` means any.
    pub field: Option<Field>,
}

/// A compiled query.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// The FTS5 expression for `MATCH` on a table with the columns `content` and `tool_input`. `None` when there is
    /// nothing to look for (nothing typed, only punctuation, only negations): the answer is empty.
    pub expression: Option<String>,
    /// The terms in the order in which they were typed.
    pub terms: Vec<QueryTerm>,
}

/// Compiles what a person types. Never fails, and the expression is never a syntax error.
///
/// ```
/// use han_db::search::query::compile;
///
/// assert_eq!(compile("cats -dogs").expression.as_deref(), Some(r#""cats" NOT "dogs""#));
/// assert_eq!(compile("cats AND (").expression.as_deref(), Some(r#""cats" AND "and""#));
/// assert_eq!(compile("?!").expression, None);
/// ```
#[must_use]
pub fn compile(text: &str) -> Query {
    compile_for(text, true)
}

/// As [`compile`], for a table with other columns: `content:` and `input:` are words like any other.
#[must_use]
pub fn compile_without_fields(text: &str) -> Query {
    compile_for(text, false)
}

fn compile_for(text: &str, has_fields: bool) -> Query {
    let text = shortened(text);
    parse(text, has_fields).and_then(Parsed::query).unwrap_or_else(|Malformed| literal(text))
}

/// The part of the text that counts; a word is not cut.
fn shortened(text: &str) -> &str {
    match text.char_indices().nth(MAX_CHARACTERS) {
        None => text,
        Some((end, next)) if next.is_whitespace() => &text[..end],
        Some((end, _)) => text[..end].rfind(char::is_whitespace).map_or(&text[..end], |space| &text[..space]),
    }
}

/// All words, all required.
fn literal(text: &str) -> Query {
    let mut parsed = Parsed { root: Node::And(Vec::new()), terms: Vec::new() };
    let nodes = text.split_whitespace().filter_map(|word| parsed.term(word, false, None)).collect();
    parsed.root = Node::And(nodes);
    let expression = parsed.express();
    parsed.with(expression)
}

/// The text is not well formed.
#[derive(Debug)]
struct Malformed;

/// What was typed, as a tree over its terms.
enum Node {
    /// The index of a term, `None` for one without a token.
    Term(Option<usize>),
    Not(Box<Node>),
    And(Vec<Node>),
    Or(Vec<Node>),
}

/// A symbol of the language.
#[derive(Debug, PartialEq, Eq)]
enum Symbol<'a> {
    /// `(`, with the field before it.
    Open(Option<Field>),
    Close,
    /// A word or the inside of quotes.
    Text {
        text: &'a str,
        prefix: bool,
        field: Option<Field>,
    },
    And,
    Or,
    /// `NOT` or `-`.
    Not,
}

/// Cuts a text into symbols.
struct Symbols<'a> {
    rest: &'a str,
    /// Whether a word may begin with a field.
    has_fields: bool,
    /// Groups that are open, so that `)` is known to close one.
    open: usize,
    /// The symbol before was `-`: what follows is no operator.
    literal: bool,
}

impl<'a> Symbols<'a> {
    fn next(&mut self) -> Result<Option<Symbol<'a>>, Malformed> {
        let literal = std::mem::replace(&mut self.literal, false);
        self.rest = self.rest.trim_start();
        if let Some(rest) = self.rest.strip_prefix('-')
            && !literal
            && rest.starts_with(|next: char| !next.is_whitespace() && next != '-' && next != ')')
        {
            self.rest = rest;
            self.literal = true;
            return Ok(Some(Symbol::Not));
        }
        let field = if self.has_fields { self.field() } else { None };
        let Some(first) = self.rest.chars().next() else { return Ok(None) };
        match first {
            '(' => {
                self.rest = &self.rest[1..];
                self.open += 1;
                Ok(Some(Symbol::Open(field)))
            }
            ')' => {
                self.rest = &self.rest[1..];
                self.open = self.open.checked_sub(1).ok_or(Malformed)?;
                Ok(Some(Symbol::Close))
            }
            '"' => self.quoted(field).map(Some),
            _ => Ok(Some(self.word(field, literal))),
        }
    }

    /// Takes `content:` or `input:` if something stands directly behind it.
    fn field(&mut self) -> Option<Field> {
        let fields = [("content:", Field::Content), ("input:", Field::Input), ("tool_input:", Field::Input)];
        let (rest, field) =
            fields.into_iter().find_map(|(name, field)| Some((self.rest.strip_prefix(name)?, field)))?;
        if !rest.starts_with(|next: char| !next.is_whitespace() && next != ':' && next != ')') {
            return None;
        }
        self.rest = rest;
        Some(field)
    }

    fn quoted(&mut self, field: Option<Field>) -> Result<Symbol<'a>, Malformed> {
        let inside = &self.rest[1..];
        let mut from = 0;
        loop {
            let end = from + inside[from..].find('"').ok_or(Malformed)?;
            // A doubled quote inside stands for one, which separates like any other punctuation.
            if end > 0 && inside[end + 1..].starts_with('"') {
                from = end + 2;
                continue;
            }
            self.rest = &inside[end + 1..];
            let stars = self.rest.len() - self.rest.trim_start_matches('*').len();
            self.rest = &self.rest[stars..];
            return Ok(Symbol::Text { text: &inside[..end], prefix: stars > 0, field });
        }
    }

    fn word(&mut self, field: Option<Field>, literal: bool) -> Symbol<'a> {
        // Parentheses in a word belong to it in pairs: `(main() OR other)`.
        let mut inner = 0_usize;
        let mut end = self.rest.len();
        for (at, character) in self.rest.char_indices() {
            match character {
                '(' | '"' if matches!(&self.rest[..at], "AND" | "OR" | "NOT") => {
                    end = at;
                    break;
                }
                '(' => inner += 1,
                ')' if inner > 0 => inner -= 1,
                ')' if self.open > 0 => {
                    end = at;
                    break;
                }
                _ if character.is_whitespace() => {
                    end = at;
                    break;
                }
                _ => {}
            }
        }
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        match word {
            "AND" if !literal && field.is_none() => Symbol::And,
            "OR" if !literal && field.is_none() => Symbol::Or,
            "NOT" if !literal && field.is_none() => Symbol::Not,
            _ => {
                let text = word.trim_end_matches('*');
                Symbol::Text { text, prefix: text.len() < word.len(), field }
            }
        }
    }
}

/// The tree of a well-formed text.
fn parse(text: &str, has_fields: bool) -> Result<Parsed, Malformed> {
    let mut parser = Parser {
        symbols: Symbols { rest: text, has_fields, open: 0, literal: false },
        next: None,
        parsed: Parsed { root: Node::And(Vec::new()), terms: Vec::new() },
    };
    parser.advance()?;
    if parser.next.is_some() {
        parser.parsed.root = parser.either(None, 0)?;
    }
    if parser.next.is_some() {
        return Err(Malformed);
    }
    Ok(parser.parsed)
}

struct Parser<'a> {
    symbols: Symbols<'a>,
    next: Option<Symbol<'a>>,
    parsed: Parsed,
}

impl<'a> Parser<'a> {
    fn advance(&mut self) -> Result<Option<Symbol<'a>>, Malformed> {
        let next = self.symbols.next()?;
        Ok(std::mem::replace(&mut self.next, next))
    }

    /// `every (OR every)*`
    fn either(&mut self, field: Option<Field>, nesting: usize) -> Result<Node, Malformed> {
        let mut branches = vec![self.every(field, nesting)?];
        while self.next == Some(Symbol::Or) {
            self.advance()?;
            branches.push(self.every(field, nesting)?);
        }
        Ok(if branches.len() == 1 { branches.swap_remove(0) } else { Node::Or(branches) })
    }

    /// `one (AND? one)*`
    fn every(&mut self, field: Option<Field>, nesting: usize) -> Result<Node, Malformed> {
        let mut nodes = vec![self.one(field, nesting)?];
        loop {
            match self.next {
                None | Some(Symbol::Or | Symbol::Close) => break,
                Some(Symbol::And) => {
                    self.advance()?;
                }
                Some(_) => {}
            }
            nodes.push(self.one(field, nesting)?);
        }
        Ok(Node::And(nodes))
    }

    /// `NOT* (text | "(" either ")")`
    fn one(&mut self, field: Option<Field>, nesting: usize) -> Result<Node, Malformed> {
        let mut negated = false;
        while self.next == Some(Symbol::Not) {
            self.advance()?;
            negated = !negated;
        }
        let node = match self.advance()? {
            Some(Symbol::Text { text, prefix, field: own }) => {
                Node::Term(self.parsed.term_index(text, prefix, own.or(field)))
            }
            Some(Symbol::Open(own)) if nesting < MAX_NESTING => {
                let inside = self.either(own.or(field), nesting + 1)?;
                if self.advance()? != Some(Symbol::Close) {
                    return Err(Malformed);
                }
                inside
            }
            _ => return Err(Malformed),
        };
        Ok(if negated { Node::Not(Box::new(node)) } else { node })
    }
}

/// A tree and its terms.
struct Parsed {
    root: Node,
    terms: Vec<QueryTerm>,
}

impl Parsed {
    /// Adds a term, unless it has no token or there are enough.
    fn term_index(&mut self, text: &str, prefix: bool, field: Option<Field>) -> Option<usize> {
        if self.terms.len() >= MAX_TERMS {
            return None;
        }
        self.terms.push(term(text, prefix, field)?);
        Some(self.terms.len() - 1)
    }

    fn term(&mut self, text: &str, prefix: bool, field: Option<Field>) -> Option<Node> {
        self.term_index(text, prefix, field).map(|index| Node::Term(Some(index)))
    }

    fn query(self) -> Result<Query, Malformed> {
        match self.express() {
            Some(expression) if expression.nesting > MAX_NESTING => Err(Malformed),
            expression => Ok(self.with(expression)),
        }
    }

    fn express(&self) -> Option<Expression> {
        express(&self.root, &self.terms)
    }

    fn with(mut self, expression: Option<Expression>) -> Query {
        mark_negated(&self.root, false, &mut self.terms);
        Query { expression: expression.map(|expression| expression.text), terms: self.terms }
    }
}

fn mark_negated(node: &Node, negated: bool, terms: &mut [QueryTerm]) {
    match node {
        Node::Term(Some(index)) => terms[*index].negated = negated,
        Node::Term(None) => {}
        Node::Not(inside) => mark_negated(inside, !negated, terms),
        Node::And(nodes) | Node::Or(nodes) => {
            for node in nodes {
                mark_negated(node, negated, terms);
            }
        }
    }
}

/// The tokens of a word or phrase.
fn term(text: &str, prefix: bool, field: Option<Field>) -> Option<QueryTerm> {
    let mut tokens: Vec<String> = Vec::new();
    let mut wholes: Vec<String> = Vec::new();
    let mut has_whole = false;
    // Where the last token began and ended, and where the last whole ended.
    let (mut start, mut end, mut whole_end) = (0, 0, 0);
    let _ = tokenize(text, |token| {
        if token.colocated {
            if token.start == start {
                // The whole of an identifier takes the place of its parts.
                wholes.pop();
                wholes.push(token.text.to_owned());
                whole_end = token.end;
                has_whole = true;
            }
            return ControlFlow::Continue(());
        }
        if tokens.len() == MAX_TOKENS {
            return ControlFlow::Break(());
        }
        tokens.push(token.text.to_owned());
        if token.start >= whole_end {
            wholes.push(token.text.to_owned());
        }
        (start, end) = (token.start, token.end);
        ControlFlow::Continue(())
    });
    let last = tokens.last()?;
    // `foo.*` ends with a dot, so there is no word to go on with.
    let prefix = (prefix && end == text.len()) || is_lone_dense(last);
    Some(QueryTerm { alternative: has_whole.then_some(wholes), tokens, prefix, negated: false, field })
}

/// True for a token of one dense character. The index holds dense text in pairs, so it is found as their beginning.
pub(super) fn is_lone_dense(token: &str) -> bool {
    // What the tokenizer pairs is exactly what gives a second, colocated token when it is doubled.
    let mut characters = token.chars();
    let (Some(first), None) = (characters.next(), characters.next()) else { return false };
    if first.is_ascii() {
        return false;
    }
    let mut count = 0;
    let _ = tokenize(&format!("{first}{first}"), |_| {
        count += 1;
        ControlFlow::<()>::Continue(())
    });
    count == 2
}

/// A piece of an FTS5 expression.
struct Expression {
    text: String,
    /// The levels of parentheses in it.
    nesting: usize,
    /// It needs no parentheses of its own.
    atomic: bool,
}

impl Expression {
    fn push(&mut self, operator: &str, operand: &Self) {
        if !self.text.is_empty() {
            self.text.push_str(operator);
        }
        if operand.atomic {
            self.text.push_str(&operand.text);
        } else {
            self.text.push('(');
            self.text.push_str(&operand.text);
            self.text.push(')');
        }
        self.nesting = self.nesting.max(operand.nesting + usize::from(!operand.atomic));
    }

    /// The operands joined, or the only one as it is.
    fn join(operator: &str, mut operands: Vec<Self>) -> Option<Self> {
        if operands.len() < 2 {
            return operands.pop();
        }
        let mut joined = Self { text: String::new(), nesting: 0, atomic: false };
        for operand in &operands {
            joined.push(operator, operand);
        }
        Some(joined)
    }
}

/// The expression of a node; `None` when nothing in it is positive.
fn express(node: &Node, terms: &[QueryTerm]) -> Option<Expression> {
    match node {
        Node::Term(index) => index.map(|index| express_term(&terms[index])),
        Node::Or(branches) => {
            Expression::join(" OR ", branches.iter().filter_map(|branch| express(branch, terms)).collect())
        }
        Node::Not(_) | Node::And(_) => {
            let (mut positive, mut negative) = (Vec::new(), Vec::new());
            gather(node, false, &mut positive, &mut negative);
            let express_all =
                |nodes: Vec<&Node>| nodes.into_iter().filter_map(|node| express(node, terms)).collect();
            let wanted = Expression::join(" AND ", express_all(positive))?;
            // One NOT with alternatives, not a chain: FTS5 nests every NOT into the next.
            let Some(unwanted) = Expression::join(" OR ", express_all(negative)) else { return Some(wanted) };
            Expression::join(" NOT ", vec![wanted, unwanted])
        }
    }
}

/// Gathers what an AND requires and what it excludes, through groups that make no difference.
fn gather<'n>(node: &'n Node, negated: bool, positive: &mut Vec<&'n Node>, negative: &mut Vec<&'n Node>) {
    match node {
        Node::Not(inside) => gather(inside, !negated, positive, negative),
        Node::And(nodes) if !negated || nodes.len() == 1 => {
            for node in nodes {
                gather(node, negated, positive, negative);
            }
        }
        _ if negated => negative.push(node),
        _ => positive.push(node),
    }
}

fn express_term(term: &QueryTerm) -> Expression {
    let column = term.field.map(|field| format!("{} : ", field.column())).unwrap_or_default();
    let star = if term.prefix { " *" } else { "" };
    // Tokens hold letters, digits and marks only, so quotes are enough.
    let phrase = |tokens: &[String]| format!("\"{}\"{star}", tokens.join(" "));
    let parts = phrase(&term.tokens);
    match &term.alternative {
        None => Expression { text: format!("{column}{parts}"), nesting: 0, atomic: true },
        Some(whole) => {
            Expression { text: format!("{column}({parts} OR {})", phrase(whole)), nesting: 1, atomic: true }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tokenizer::{register, tokenize};
    use proptest::prelude::*;
    use rusqlite::Connection;
    use std::collections::BTreeSet;

    fn table(rows: &[(&str, &str)]) -> Connection {
        let connection = Connection::open_in_memory().expect("a database");
        register(&connection).expect("registered");
        connection
            .execute_batch("CREATE VIRTUAL TABLE texts USING fts5(content, tool_input, tokenize = 'han')")
            .expect("a table with the tokenizer");
        for (content, input) in rows {
            connection.execute("INSERT INTO texts VALUES (?1, ?2)", [content, input]).expect("inserted");
        }
        connection
    }

    fn found(connection: &Connection, text: &str) -> BTreeSet<usize> {
        let query = compile(text);
        let Some(expression) = query.expression else { return BTreeSet::new() };
        connection
            .prepare_cached("SELECT rowid FROM texts WHERE texts MATCH ?1")
            .and_then(|mut statement| {
                statement
                    .query_map([&expression], |row| row.get::<_, i64>(0).map(|id| id as usize))?
                    .collect()
            })
            .unwrap_or_else(|error| panic!("{text:?} became {expression:?}: {error}"))
    }

    fn expression(text: &str) -> String {
        compile(text).expression.unwrap_or_default()
    }

    #[test]
    fn operators_groups_and_phrases() {
        for (text, expected) in [
            ("one two", r#""one" AND "two""#),
            ("one AND two OR three", r#"("one" AND "two") OR "three""#),
            ("one AND (two OR three)", r#""one" AND ("two" OR "three")"#),
            ("one -two -\"three four\"", r#""one" NOT ("two" OR "three four")"#),
            ("NOT one two", r#""two" NOT "one""#),
            ("one AND NOT two", r#""one" NOT "two""#),
            ("one NOT (two OR three)", r#""one" NOT ("two" OR "three")"#),
            ("one (-two)", r#""one" NOT "two""#),
            ("one NOT NOT two", r#""one" AND "two""#),
            ("one -(-two)", r#""one" AND "two""#),
            ("one OR -two", r#""one""#),
            ("(((one)))", r#""one""#),
            ("stem*", r#""stem" *"#),
            ("\"one st\"*", r#""one st" *"#),
            ("content:one", r#"content : "one""#),
            ("input:\"one two\" x", r#"tool_input : "one two" AND "x""#),
            ("content:(a OR input:b)", r#"content : "a" OR tool_input : "b""#),
            ("-content:one two", r#""two" NOT content : "one""#),
            ("getUser*", r#"("get user" * OR "getuser" *)"#),
            ("src/main.rs", r#""src main rs""#),
            ("--no-verify", r#""no verify""#),
            ("one ? !! two", r#""one" AND "two""#),
            ("(main() OR other)", r#""main" OR "other""#),
            ("foo(bar)", r#""foo bar""#),
            ("foo.*", r#""foo""#),
            ("zq\"tricky\"\\path", r#""zq tricky path""#),
            ("\"one \"\"two\"\" three\"", r#""one two three""#),
            ("針", r#""針" *"#),
            ("zq検", r#""zq 検" *"#),
            ("索引針", r#""索引 引針""#),
            ("NEAR", r#""near""#),
            ("and or not", r#""and" AND "or" AND "not""#),
            ("AND(one)", r#""and one""#),
            ("one OR(two three)", r#""one" OR ("two" AND "three")"#),
        ] {
            assert_eq!(expression(text), expected, "{text}");
        }
    }

    #[test]
    fn expanded_expressions_work() {
        let text = r#"("vcs" OR "version control" OR "git") "strategy""#;
        assert_eq!(expression(text), r#"("vcs" OR "version control" OR "git") AND "strategy""#);
        let connection = table(&[("git strategy", ""), ("strategy of version control", ""), ("git", "")]);
        assert_eq!(found(&connection, text), BTreeSet::from([1, 2]));
    }

    #[test]
    fn what_is_not_well_formed_is_taken_literally() {
        for (text, expected) in [
            ("(one two", r#""one" AND "two""#),
            ("one two)", r#""one" AND "two""#),
            ("one AND", r#""one" AND "and""#),
            ("OR one", r#""or" AND "one""#),
            ("one OR OR two", r#""one" AND "or" AND "or" AND "two""#),
            ("one NOT", r#""one" AND "not""#),
            ("\"one two", r#""one" AND "two""#),
            ("one \"", r#""one""#),
            ("main ()", r#""main""#),
            ("NEAR(one two, 3)", r#""near one" AND "two" AND "3""#),
            ("-one (two", r#""one" AND "two""#),
            ("content: one", r#""content" AND "one""#),
            ("content::one", r#""content one""#),
            ("5\" wide", r#""5" AND "wide""#),
        ] {
            assert_eq!(expression(text), expected, "{text}");
        }
    }

    #[test]
    fn nothing_to_look_for_is_no_expression() {
        for text in [
            "",
            "  \n",
            "?!",
            "\"\"",
            "\"...\"",
            "-one",
            "NOT one",
            "-(one two)",
            "NOT (a OR b)",
            "🧷",
            "()",
            "\0",
        ] {
            assert_eq!(compile(text).expression, None, "{text:?}");
        }
    }

    #[test]
    fn terms_tell_what_to_highlight() {
        let terms = compile("getUser -content:old* \"a b\"").terms;
        let term = |tokens: &[&str]| QueryTerm {
            tokens: tokens.iter().map(|&token| token.to_owned()).collect(),
            alternative: None,
            prefix: false,
            negated: false,
            field: None,
        };
        assert_eq!(
            terms,
            [
                QueryTerm { alternative: Some(vec!["getuser".to_owned()]), ..term(&["get", "user"]) },
                QueryTerm { prefix: true, negated: true, field: Some(Field::Content), ..term(&["old"]) },
                term(&["a", "b"]),
            ]
        );
        assert_eq!(
            compile("x/getUserName検査/JavaScript").terms[0].alternative,
            Some(["x", "getusername", "検査", "javascript"].map(str::to_owned).to_vec())
        );
    }

    #[test]
    fn terms_are_found_however_they_are_written() {
        let connection = table(&[
            ("call getUserName()", ""),
            ("get_user_name", ""),
            ("get user name", ""),
            ("getusername", ""),
            ("zqcafé in src/zqcore/zqloader.rs", ""),
            ("索引針zq検査", ""),
            ("zq🧷pin", "zqinput"),
            ("she said zq\"tricky\"\\path", "zqstemone"),
        ]);
        for (text, expected) in [
            ("getUserName", &[1, 2, 3, 4][..]),
            ("get_user_name", &[1, 2, 3, 4]),
            ("getusername", &[1, 2, 4]),
            ("GETUSERNAME", &[1, 2, 4]),
            ("\"user name\"", &[1, 2, 3]),
            ("zqcafe", &[5]),
            ("ZQCAFÉ", &[5]),
            ("src/zqcore/zqloader.rs", &[5]),
            ("zqcore/zqloader", &[5]),
            ("zqloader.rs", &[5]),
            ("索引", &[6]),
            ("針", &[6]),
            ("検", &[6]),
            ("針zq検", &[6]),
            ("索引針zq検査", &[6]),
            ("zq🧷pin", &[7]),
            ("input:zqinput", &[7]),
            ("content:zqinput", &[]),
            ("zq\"tricky\"\\path", &[8]),
            ("zqstem*", &[8]),
            ("zqstem", &[]),
            ("zqstem* -input:zqstemone", &[]),
            ("get -call", &[2, 3]),
        ] {
            assert_eq!(found(&connection, text), expected.iter().copied().collect(), "{text}");
        }
    }

    #[test]
    fn limits_hold() {
        let connection = table(&[("a b c", "")]);
        // Exactly as deep as is allowed, in the shapes that take most of the parser's stack.
        for (open, close) in
            [("x OR (y z ", ")"), ("a AND (b OR ", ")"), ("a -(b ", ")"), ("a OR getUser -(b OR ", ")")]
        {
            for depth in [MAX_NESTING - 1, MAX_NESTING, MAX_NESTING + 1, 500] {
                let text = format!("{}a{}", open.repeat(depth), close.repeat(depth));
                found(&connection, &text);
            }
        }
        assert_eq!(found(&connection, &"a OR ".repeat(5000)), BTreeSet::new());
        assert_eq!(found(&connection, &format!("{}a", "a OR ".repeat(1500))), BTreeSet::from([1]));
        assert_eq!(found(&connection, &"a ".repeat(20_000)), BTreeSet::from([1]));
        assert_eq!(compile(&"a ".repeat(20_000)).terms.len(), MAX_TERMS);
        assert_eq!(compile(&format!("a {}", "-b ".repeat(3000))).terms.len(), MAX_TERMS);
        found(&connection, &format!("a {}", "-bB ".repeat(3000)));
        assert_eq!(compile(&format!("\"{}\"", "a b ".repeat(1000))).terms[0].tokens.len(), MAX_TOKENS);
        assert_eq!(compile(&"x".repeat(1_000_000)).terms[0].tokens[0].len(), 64);
        let cut = compile(&format!("{} tail", "word ".repeat(3000)));
        assert!(cut.terms.iter().all(|term| term.tokens == ["word"]));
    }

    /// Text made of what the language gives a meaning.
    fn typed() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            4 => "[abc]{1,2}",
            2 => Just(" ".to_owned()),
            6 => prop::sample::select(vec![
                " AND ", " OR ", " NOT ", " -", "(", ")", "\"", "\"\"", "*", "content:", "input:", "tool_input:", "NEAR(", "^",
                "+", ",", ":", "{", "}", "aB", "a_b", "針", "検査", "é", "🧷", "\0", "'", "\\", ";", "--", "%", "\u{301}", "ｶﾞ",
            ]).prop_map(str::to_owned),
            1 => any::<String>(),
        ];
        proptest::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat())
    }

    thread_local! {
        static TABLE: Connection = table(&[("a b c 針 é aB", "b"), ("検査 ab", "a b")]);
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 6000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn nothing_typed_is_an_error(text in typed()) {
            TABLE.with(|connection| found(connection, &text));
        }

        #[test]
        fn no_text_is_an_error(text in any::<String>()) {
            TABLE.with(|connection| found(connection, &text));
        }
    }

    /// The positions of a text, each with the tokens that stand there.
    fn positions(text: &str) -> Vec<Vec<String>> {
        let mut positions: Vec<Vec<String>> = Vec::new();
        let _ = tokenize(text, |token| {
            match positions.last_mut() {
                Some(last) if token.colocated => last.push(token.text.to_owned()),
                _ => positions.push(vec![token.text.to_owned()]),
            }
            ControlFlow::<()>::Continue(())
        });
        positions
    }

    /// Whether a text has a word, by the rules and not by the code under test.
    fn has(text: &str, word: &str) -> bool {
        let positions = positions(text);
        // A query has the parts; the whole is tried by flattening what was typed.
        [word.to_owned(), word.to_lowercase().replace('_', "")].iter().any(|word| {
            let parts: Vec<String> =
                self::positions(word).into_iter().map(|mut tokens| tokens.swap_remove(0)).collect();
            let is_prefix =
                parts.last().is_some_and(|last| last.chars().count() == 1 && last >= &"一".to_owned());
            (0..positions.len()).any(|from| {
                parts.iter().enumerate().all(|(index, part)| {
                    positions.get(from + index).is_some_and(|tokens| {
                        tokens.iter().any(|token| {
                            token == part
                                || (is_prefix && index + 1 == parts.len() && token.starts_with(part.as_str()))
                        })
                    })
                })
            })
        })
    }

    fn word() -> impl Strategy<Value = String> {
        prop_oneof!["[abAB]{1,3}", "[ab]_[ab]", "[針検査]{1,3}", "[ab]/[ab]", "[針検][ab]", "[éa]{1,2}"]
            // Upper-case operators have their own meaning.
            .prop_filter("no operator", |word| !matches!(word.as_str(), "AND" | "OR" | "NOT"))
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn words_find_what_a_plain_scan_finds(
            texts in prop::collection::vec(prop::collection::vec(word(), 1..6), 1..8),
            words in prop::collection::vec(word(), 1..4),
            unwanted in prop::option::of(word()),
        ) {
            let texts: Vec<String> = texts.iter().map(|words| words.join(" ")).collect();
            let rows: Vec<(&str, &str)> = texts.iter().map(|text| (text.as_str(), "")).collect();
            let connection = table(&rows);
            let wanted = |text: &String| words.iter().all(|word| has(text, word));
            let matching = |predicate: &dyn Fn(&String) -> bool| -> BTreeSet<usize> {
                (1..).zip(&texts).filter(|(_, text)| predicate(text)).map(|(id, _)| id).collect()
            };
            prop_assert_eq!(found(&connection, &words.join(" ")), matching(&wanted));
            prop_assert_eq!(
                found(&connection, &words.join(" OR ")),
                matching(&|text| words.iter().any(|word| has(text, word)))
            );
            if let Some(unwanted) = unwanted {
                prop_assert_eq!(
                    found(&connection, &format!("{} -{unwanted}", words.join(" "))),
                    matching(&|text| wanted(text) && !has(text, &unwanted))
                );
            }
        }
    }
}
