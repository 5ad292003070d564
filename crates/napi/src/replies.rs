//! The token ledger: which line of which file books a number.

use crate::{
    error::{self, guard},
    page::{PageOptions, pages},
    state,
};
use han_db::BookedReply;
use napi_derive::napi;

pages! {
    BookedReplyPage of BookedReply, "A page of replies of models.";
}

/// How the replies with this id of the model (`message.id` of a transcript) were booked: file, line and rule. One, unless
/// several requests gave replies the same id; none for an unknown id.
#[napi]
pub fn get_reply_provenance(db_path: String, message_id: String) -> error::Result<Vec<BookedReply>> {
    guard(|| {
        let mut replies = state::open(&db_path)?.read(|read| read.replies().provenance(&message_id))?;
        replies.iter_mut().for_each(explain);
        Ok(replies)
    })
}

/// A page of the replies that a session counts, oldest first; none for an unknown session.
#[napi]
pub fn list_replies_page(
    db_path: String,
    session_id: String,
    options: Option<PageOptions>,
) -> error::Result<BookedReplyPage> {
    guard(|| {
        let (cursor, limit) = PageOptions::position(options.as_ref())?;
        let mut page = state::open(&db_path)?.read(|read| read.replies().page(&session_id, cursor, limit))?;
        page.items.iter_mut().for_each(explain);
        Ok(page.into())
    })
}

/// Says what the rule of a reply does.
fn explain(reply: &mut BookedReply) {
    reply.rule_meaning = reply.rule.as_deref().and_then(han_indexer::rule_meaning).map(str::to_owned);
}
