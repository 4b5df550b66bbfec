//! Lists additional files.

mod expand;

pub(super) use crate::build::assets::list::expand::list;

#[cfg(test)]
mod tests;
