//! Finds old runtimes in any text, regardless of its language.
//!
//! In: a text. Out: [`Mention`]s in the order of the text, each with its replacement. Left to
//! others: whether a mention is a task, a note, or covered by an edit.

mod constant;
mod image;
mod search;
mod types;

pub(crate) use crate::commands::migrate::mention::search::{is_keyed, is_whole, mentions};
pub(crate) use crate::commands::migrate::mention::types::{Mention, MentionForm, lines};
