//! Collects what templates are filled with: the functions of a project, as they are planned.
//!
//! In: the projects that were found, and their plan. Out: [`ProjectFacts`], which these templates can
//! express. Left to others: files. `render.rs` makes their text and `write.rs` writes them.

mod collect;
mod project_facts;
mod spelling;
mod validate;

pub(super) use crate::commands::scaffold::facts::collect::collect;
pub(super) use crate::commands::scaffold::facts::project_facts::ProjectFacts;
