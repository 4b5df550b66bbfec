//! The results as Markdown: the goals, and all measurements.

mod machine;
mod many;
mod sections;

pub(crate) use machine::load;
pub(crate) use many::{many_goals, many_section, with_many};
pub(crate) use sections::{
    Measured, nothing_changed, one_of_many, selected_goal, text, watch_goal, watched,
};
