//! A service with its functions and the edits and remarks so far.

use std::ops::Range;

use crate::commands::migrate::edit::TextEdit;
use crate::commands::migrate::node::{Anchors, Node, Tree, anchors, get};
use crate::commands::migrate::old_runtime::ReaderOptions;
use crate::commands::migrate::old_runtime::{OldRuntime, Remark};

/// Returns true if a file is a service on AWS.
pub(crate) fn is_service(tree: &Tree) -> bool {
    tree.documents
        .iter()
        .any(|root| provider(root, &anchors(root)).is_some())
}

/// The provider of a service on AWS.
pub(crate) fn provider<'a>(root: &'a Node, anchors: &Anchors<'a>) -> Option<&'a Node> {
    root.own_entry("service")?;
    root.own_entry("functions")?;
    let provider = get(root, "provider", anchors)?.value;
    let name = get(provider, "name", anchors)?.value;
    (name.text() == Some("aws")).then_some(provider)
}

pub(super) struct Service<'a> {
    pub(super) text: &'a str,
    pub(super) root: &'a Node,
    pub(super) provider: &'a Node,
    pub(super) anchors: Anchors<'a>,
    pub(super) options: ReaderOptions,
    pub(super) edits: Vec<TextEdit>,
    pub(super) remarks: Vec<Remark>,
    pub(super) functions: usize,
    /// Whether every function that inherits the provider's architecture moves.
    pub(super) only_moving_functions_inherit_architecture: bool,
    /// The functions that inherit the provider's runtime.
    pub(super) takers: Vec<&'a str>,
    /// The ranges of functions whose runtime is certain.
    pub(super) settled: Vec<(usize, Range<usize>)>,
}

pub(super) struct ServiceFunction<'a> {
    pub(super) name: &'a str,
    pub(super) map: &'a Node,
    pub(super) old: OldRuntime,
    pub(super) was: &'a str,
    pub(super) handler: Option<&'a Node>,
    pub(super) has_own_runtime: bool,
    pub(super) artifact: Option<&'a str>,
}
