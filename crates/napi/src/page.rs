//! Pages on their way to JavaScript.

use crate::argument::count;
use han_base::{Result, page};
use napi_derive::napi;

/// Which page of a list to fetch. Everything is optional.
#[napi(object, object_to_js = false)]
#[derive(Default)]
pub struct PageOptions {
    /// 1 to 1000; default 100.
    pub limit: Option<f64>,
    /// `nextCursor` of the page before.
    pub cursor: Option<String>,
}

/// The size of a page that a caller asks for: 1 to 1000, 100 when not given. Code: `INVALID_ARGUMENT`.
pub(crate) fn page_limit(asked: Option<f64>) -> Result<usize> {
    page::limit(count("limit", asked)?, 100)
}

impl PageOptions {
    /// Cursor and size. Code: `INVALID_ARGUMENT`.
    pub(crate) fn position(options: Option<&Self>) -> Result<(Option<&str>, usize)> {
        let cursor = options.and_then(|options| options.cursor.as_deref());
        Ok((cursor, page_limit(options.and_then(|options| options.limit))?))
    }
}

/// Declares the pages of a list, as records.
macro_rules! pages {
    ($($name:ident of $item:ident, $doc:literal;)*) => {$(
        #[doc = $doc]
        #[napi_derive::napi(object, object_from_js = false)]
        pub struct $name {
            /// The rows of this page.
            pub items: Vec<$item>,
            /// Where the next page begins; absent at the end.
            pub next_cursor: Option<String>,
            /// Whether another page follows.
            pub has_more: bool,
        }

        impl From<han_base::Page<$item>> for $name {
            fn from(page: han_base::Page<$item>) -> Self {
                Self { has_more: page.has_more(), items: page.items, next_cursor: page.next_cursor }
            }
        }
    )*};
}
pub(crate) use pages;
