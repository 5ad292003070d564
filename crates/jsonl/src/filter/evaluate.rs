//! Whether one line matches: one walk over its text, which is checked to its end.

use super::{Plan, expression::Hits, tree::Node, value::Value};
use han_base::json::{Error, JsonString, Kind, Scanner};
use std::borrow::Cow;

const BYTE_ORDER_MARK: char = '\u{feff}';

/// Looks at lines one after the other, with buffers that are used again.
#[derive(Debug)]
pub(super) struct Evaluator<'f> {
    plan: &'f Plan,
    /// The leaves that hold for the line so far.
    hits: Hits,
    /// The decoded form of a string with escapes.
    decoded: String,
}

impl<'f> Evaluator<'f> {
    pub(super) fn new(plan: &'f Plan) -> Self {
        Self { plan, hits: 0, decoded: String::new() }
    }

    /// Whether the line is one JSON value for which the expression of the plan holds.
    pub(super) fn matches(&mut self, line: &[u8]) -> bool {
        let text = match simdutf8::basic::from_utf8(line) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => String::from_utf8_lossy(line),
        };
        let mut scanner = Scanner::new(text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&text));
        self.hits = 0;
        let walked = self.visit(&mut scanner, &self.plan.root).and_then(|()| scanner.finish());
        walked.is_ok() && self.plan.expression.holds(self.hits)
    }

    /// Reads the value that follows, which stands at `node`.
    fn visit(&mut self, scanner: &mut Scanner<'_>, node: &'f Node) -> Result<(), Error> {
        let kind = scanner.kind()?;
        let start = scanner.position();
        match kind {
            Kind::Object if node.has_keys => self.visit_members(scanner, node)?,
            Kind::Array if node.last_item.is_some() => self.visit_items(scanner, node)?,
            Kind::String if !node.leaves.is_empty() => {
                if let Some(string) = scanner.string()? {
                    self.ask_string(node, string);
                }
                return Ok(());
            }
            _ => scanner.skip()?,
        }
        if !node.leaves.is_empty() {
            let text = &scanner.text()[start..scanner.position()];
            self.ask(
                node,
                match kind {
                    Kind::Number => Value::Number(text),
                    Kind::Boolean => Value::Boolean(text == "true"),
                    Kind::Null => Value::Null,
                    Kind::Object | Kind::Array | Kind::String => Value::Container(text),
                },
            );
        }
        Ok(())
    }

    fn visit_members(&mut self, scanner: &mut Scanner<'_>, node: &'f Node) -> Result<(), Error> {
        scanner.enter_object()?;
        while let Some(key) = scanner.next_key()? {
            match node.at_key(&key) {
                Some(child) => {
                    // Of keys that stand twice the last one counts, with everything below it.
                    self.hits &= !child.below;
                    self.visit(scanner, child)?;
                }
                None => scanner.skip()?,
            }
        }
        Ok(())
    }

    fn visit_items(&mut self, scanner: &mut Scanner<'_>, node: &'f Node) -> Result<(), Error> {
        scanner.enter_array()?;
        let mut index = 0;
        while scanner.next_item()? {
            if Some(index) > node.last_item {
                scanner.skip()?;
                continue;
            }
            let mut children = node.at_item(index);
            match children.next() {
                Some(child) => {
                    for other in children {
                        self.visit(&mut scanner.clone(), other)?;
                    }
                    self.visit(scanner, child)?;
                }
                None => scanner.skip()?,
            }
            index += 1;
        }
        Ok(())
    }

    fn ask_string(&mut self, node: &Node, string: JsonString<'_>) {
        if !string.is_escaped() {
            return self.ask(node, Value::Text(string.raw()));
        }
        let mut decoded = std::mem::take(&mut self.decoded);
        decoded.clear();
        string.decode_into(&mut decoded);
        self.ask(node, Value::Text(&decoded));
        self.decoded = decoded;
    }

    fn ask(&mut self, node: &Node, value: Value<'_>) {
        for &leaf in &node.leaves {
            self.hits |= Hits::from(self.plan.leaves[leaf].predicate.holds(value)) << leaf;
        }
    }
}
