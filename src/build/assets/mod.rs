//! Additional files for zips.
//!
//! In: the [`IncludeOption`](crate::build::request::IncludeOption)s of a plan. Out:
//! [`IncludedFile`]s, each with its name in the zip, sorted; or all problems at once. Only folders
//! are read here. A file is read when it is packed.
//! `.gitignore` is not honored, hidden files are included, and empty folders are ignored.

mod assets_of_plan;
mod included_file;
mod list;
mod pattern;
mod walk;

pub(crate) use crate::build::assets::assets_of_plan::Assets;
pub(crate) use crate::build::assets::included_file::IncludedFile;
