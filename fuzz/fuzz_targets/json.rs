//! The scanner takes exactly the texts that a tree parser takes, and finds the same values in them.
#![no_main]

use han_base::json::{Kind, MAX_DEPTH, Scanner, for_each_string};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let mut scanner = Scanner::new(text);
    let ours = scanner.skip().and_then(|()| scanner.finish());
    // A tree parser refuses what is nested deeper than 127, lone surrogates, and numbers beyond a float.
    match serde_json::from_str::<Value>(text) {
        Ok(tree) => {
            assert_eq!(ours, Ok(()), "{text:?}");
            let mut walked = Scanner::new(text);
            same(&mut walked, &tree);
            walked.finish().unwrap();
        }
        Err(error) => {
            let words = error.to_string();
            let may_differ = ["recursion limit", "surrogate", "number out of range", "unexpected end of hex escape"];
            if ours.is_ok() && !may_differ.iter().any(|known| words.contains(known)) {
                panic!("taken, though {error}: {text:?}");
            }
        }
    }
    if ours.is_ok() {
        assert!(for_each_string(text, |string| drop(string.decode())).is_ok());
    } else {
        assert!(text.len() < MAX_DEPTH || for_each_string(text, |string| drop(string.decode())).is_err());
    }
});

/// Reads the value that follows with every method that takes it, and holds it against the tree.
fn same(scanner: &mut Scanner<'_>, tree: &Value) {
    match scanner.kind().unwrap() {
        Kind::Object => {
            let mut seen = serde_json::Map::new();
            assert!(scanner.enter_object().unwrap());
            while let Some(key) = scanner.next_key().unwrap() {
                let value = scanner.skip_value().unwrap();
                seen.insert(key.into_owned(), serde_json::from_str(value).unwrap());
            }
            assert_eq!(&Value::Object(seen), tree);
        }
        Kind::Array => {
            let items = tree.as_array().unwrap();
            assert!(scanner.enter_array().unwrap());
            let mut at = 0;
            while scanner.next_item().unwrap() {
                same(scanner, &items[at]);
                at += 1;
            }
            assert_eq!(at, items.len());
        }
        Kind::String => assert_eq!(&*scanner.string().unwrap().unwrap().decode(), tree.as_str().unwrap()),
        Kind::Number => {
            let mut copy = scanner.clone();
            if let Some(expected) = tree.as_i64() {
                assert_eq!(copy.integer().unwrap(), Some(expected));
            }
            assert_eq!(scanner.float().unwrap(), tree.as_f64());
        }
        Kind::Boolean => assert_eq!(scanner.boolean().unwrap(), tree.as_bool()),
        Kind::Null => {
            assert!(tree.is_null());
            scanner.skip().unwrap();
        }
    }
}
