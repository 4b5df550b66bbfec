//! The parsed files of a Terraform folder, with indexes for everything that functions refer to.
//!
//! A folder may contain thousands of functions in as many files. Every lookup for a function
//! therefore goes through a map that is built once.

use std::collections::{BTreeMap, BTreeSet};

use hcl_edit::Span;
use hcl_edit::structure::{Attribute, Block, Body};

use crate::commands::migrate::edit::TextEdit;
use crate::commands::migrate::hcl;
use crate::commands::migrate::hcl::UseCounts;
use crate::commands::migrate::old_runtime::{Analysis, ReaderOptions, Remark, SourceFile};

/// The start of an archive's address.
const ARCHIVE_PREFIX: &str = "data.archive_file.";

/// A block and the index of its file.
pub(super) type PlacedBlock<'a> = (usize, &'a Block);

pub(super) struct TerraformFolder<'a> {
    pub(super) sources: &'a [SourceFile],
    bodies: &'a [Body],
    pub(super) uses: UseCounts,
    pub(super) options: ReaderOptions,
    pub(super) analysis: Analysis,
    /// The values of locals and the defaults of variables, by `("local" | "var", name)`.
    definitions: BTreeMap<(&'a str, &'a str), Vec<(usize, &'a Attribute)>>,
    /// The `archive_file` data sources by name.
    archives: BTreeMap<&'a str, PlacedBlock<'a>>,
    /// The blocks that mention an archive, by the archive's name.
    archive_users: BTreeMap<&'a str, Vec<PlacedBlock<'a>>>,
}

impl<'a> TerraformFolder<'a> {
    pub(super) fn new(
        sources: &'a [SourceFile],
        bodies: &'a [Body],
        options: ReaderOptions,
    ) -> Self {
        let mut uses = UseCounts::default();
        bodies.iter().for_each(|body| uses.add(body));
        let mut folder = Self {
            sources,
            bodies,
            uses,
            options,
            analysis: Analysis {
                edits: vec![Vec::new(); sources.len()],
                ..Analysis::default()
            },
            definitions: BTreeMap::new(),
            archives: BTreeMap::new(),
            archive_users: BTreeMap::new(),
        };
        for (file, block) in folder.blocks() {
            folder.index_definitions(file, block);
            folder.index_archives(file, block);
        }
        folder
    }

    fn index_definitions(&mut self, file: usize, block: &'a Block) {
        let mut add = |key, attribute| {
            let attributes = self.definitions.entry(key).or_default();
            attributes.push((file, attribute));
        };
        match block.ident.as_str() {
            "locals" => {
                let mut names = BTreeSet::new();
                for attribute in block.body.attributes() {
                    let name = attribute.key.as_str();
                    if names.insert(name) {
                        add(("local", name), attribute);
                    }
                }
            }
            "variable" => {
                let default = block.body.get_attribute("default");
                if let (Some(label), Some(default)) = (block.labels.first(), default) {
                    add(("var", label.as_str()), default);
                }
            }
            _ => {}
        }
    }

    fn index_archives(&mut self, file: usize, block: &'a Block) {
        if block.ident.as_str() == "data"
            && let [kind, name] = &block.labels[..]
            && kind.as_str() == "archive_file"
        {
            let name = name.as_str();
            self.archives.entry(name).or_insert((file, block));
        }
        let text = self.slice(file, block);
        let names: BTreeSet<&str> = text
            .match_indices(ARCHIVE_PREFIX)
            .filter_map(|(at, prefix)| text[at + prefix.len()..].split_once('.'))
            .map(|(name, _)| name)
            .collect();
        for name in names {
            let users = self.archive_users.entry(name).or_default();
            users.push((file, block));
        }
    }

    pub(super) fn blocks(&self) -> impl Iterator<Item = PlacedBlock<'a>> + use<'a> {
        let bodies = self.bodies.iter().enumerate();
        bodies.flat_map(|(file, body)| body.blocks().map(move |block| (file, block)))
    }

    /// The source text of a block or a value.
    pub(super) fn slice(&self, file: usize, spanned: &impl Span) -> &'a str {
        let span = spanned.span().unwrap_or_default();
        self.sources[file].text.get(span).unwrap_or_default()
    }

    pub(super) fn edit(&mut self, file: usize, edit: TextEdit) {
        self.analysis.edits[file].push(edit);
    }

    pub(super) fn report(&mut self, file: usize, remark: Remark) {
        self.analysis.remarks.push(remark.in_file(file));
    }

    /// The file, the value, and the start of a local or of a variable's default, if exactly one
    /// definition is a plain string.
    pub(super) fn definition(&self, reference: (&str, &str)) -> Option<(usize, String, usize)> {
        let attributes = self.definitions.get(&reference)?;
        let mut strings = attributes.iter().filter_map(|(file, attribute)| {
            let (value, span) = hcl::string(&self.sources[*file].text, &attribute.value)?;
            Some((*file, value.to_owned(), span.start))
        });
        let first = strings.next()?;
        strings.next().is_none().then_some(first)
    }

    /// The archive that a function's code refers to: its name, file, and block.
    pub(super) fn archive_of_code(&self, code: &'a str) -> Option<(&'a str, PlacedBlock<'a>)> {
        let name = code
            .strip_prefix(ARCHIVE_PREFIX)?
            .strip_suffix(".output_path")?;
        Some((name, *self.archives.get(name)?))
    }

    /// Returns true if no block other than the given one mentions an archive.
    pub(super) fn is_only_user(&self, name: &str, (file, block): PlacedBlock<'_>) -> bool {
        let users = self.archive_users.get(name).map_or(&[][..], Vec::as_slice);
        users
            .iter()
            .all(|(user_file, user)| *user_file == file && user.span() == block.span())
    }
}
