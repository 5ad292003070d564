//! Lines of transcripts that were left out or repaired, in pages.

use crate::{
    error::{self, guard},
    page::{PageOptions, pages},
    state,
};
use han_db::BrokenLine;
use napi_derive::napi;

pages! {
    BrokenLinePage of BrokenLine, "A page of lines that were left out or repaired.";
}

/// A page of the lines of transcripts that were left out or repaired, by file and place.
#[napi]
pub fn list_broken_lines_page(
    db_path: String,
    options: Option<PageOptions>,
) -> error::Result<BrokenLinePage> {
    guard(|| {
        let (cursor, limit) = PageOptions::position(options.as_ref())?;
        state::open(&db_path)?.read(|read| read.broken_lines().page(cursor, limit)).map(Into::into)
    })
}
