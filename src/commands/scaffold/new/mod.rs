//! Creates a small function or extension with a test in its own folder.
//!
//! In: its name, its language, and the event that invokes it. Out: its files. One of them is a
//! sample event, which the test reads and `invoke` accepts.
//!
//! Left to others: the network, git, and changes of the surrounding workspace.

mod create;
mod event_kind;
mod name;
mod parent_workspace;
mod sources;

pub(crate) use crate::commands::scaffold::new::create::{NewOptions, run_new};
pub(crate) use crate::commands::scaffold::new::event_kind::EventKind;
pub(crate) use crate::commands::scaffold::new::sources::NewKind;
