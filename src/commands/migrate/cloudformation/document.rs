//! A document of a template, with its functions and the edits and remarks so far.

use crate::commands::migrate::cloudformation::folders::CodeFolders;
use crate::commands::migrate::cloudformation::function::TemplateFunction;
use crate::commands::migrate::edit::TextEdit;
use crate::commands::migrate::node::{Anchors, Node, Syntax};
use crate::commands::migrate::old_runtime::ReaderOptions;
use crate::commands::migrate::old_runtime::{Remark, SourceFile};

/// A document with its functions, and the edits and remarks so far.
pub(super) struct TemplateDocument<'a> {
    pub(super) source: &'a SourceFile,
    pub(super) syntax: Syntax,
    pub(super) root: &'a Node,
    pub(super) anchors: Anchors<'a>,
    pub(super) functions: Vec<TemplateFunction<'a>>,
    pub(super) folders: &'a CodeFolders,
    pub(super) options: ReaderOptions,
    pub(super) edits: Vec<TextEdit>,
    pub(super) remarks: Vec<Remark>,
}
