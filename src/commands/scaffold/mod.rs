//! Creates files: `init` for an existing project, `new` for a new function.
//!
//! In: the options, and the project as a build would find it. Out: [`result::ScaffoldResult`], with
//! all files or none. Templates are files under `templates/`, embedded in this program. Nothing is
//! loaded from elsewhere.
//!
//! Left to others: building, and changing existing files.

mod configure;
mod facts;
mod init;
mod new;
mod render;
mod result;
mod template;
mod write;

pub(crate) use crate::commands::scaffold::init::{InitOptions, run_init};
pub(crate) use crate::commands::scaffold::new::{EventKind, NewKind, NewOptions, run_new};
pub(crate) use crate::commands::scaffold::template::{TEMPLATES, Template};
