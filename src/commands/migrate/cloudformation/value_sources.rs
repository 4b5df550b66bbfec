//! Tracks which functions use a value.

use std::collections::{BTreeMap, BTreeSet};

use crate::commands::migrate::cloudformation::function::TemplateFunction;
use crate::commands::migrate::node::{Anchors, FoundValue, Node, NodeData, get};

/// Which functions use which values, and which aliases of the document are understood.
pub(super) struct ValueSources<'a> {
    /// The functions that use the value at a byte.
    takers: BTreeMap<usize, BTreeSet<usize>>,
    /// Functions of SAM without an architecture.
    no_architecture: BTreeSet<usize>,
    /// Anchored values, each with the places of its aliases.
    anchored: Vec<(&'a Node, Vec<usize>)>,
    /// Aliases that only our own lookups follow.
    followed: BTreeSet<usize>,
    /// Where values may be defined: in functions, in Globals, or outside of the sections that
    /// CloudFormation reads.
    functions: Vec<&'a Node>,
    read: Vec<&'a Node>,
    globals: Option<&'a Node>,
    /// Globals, if functions that are not in this file inherit from it, such as those of an include
    /// or a loop.
    unsure: Option<&'a Node>,
}

impl<'a> ValueSources<'a> {
    pub(super) fn new(
        root: &'a Node,
        anchors: &Anchors<'a>,
        functions: &[TemplateFunction<'a>],
    ) -> Self {
        let mut takers: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
        let mut followed = BTreeSet::new();
        for (index, function) in functions.iter().enumerate() {
            let all = [
                &function.runtime,
                &function.handler,
                &function.architectures,
                &function.code,
            ];
            for found in all.into_iter().flatten() {
                takers
                    .entry(found.value.span.start)
                    .or_default()
                    .insert(index);
                followed.extend(&found.aliases);
            }
            // A merged value that no function uses does not matter.
            let maps = function
                .properties
                .into_iter()
                .chain(function.global_runtime);
            let merged = maps.filter_map(|map| map.own_entry("<<"));
            followed.extend(
                merged
                    .flat_map(|(_, value)| value.all())
                    .map(|node| node.span.start),
            );
        }
        let mut aliases: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for node in root.all() {
            if let NodeData::Alias(number) = &node.data {
                aliases.entry(*number).or_default().push(node.span.start);
            }
        }
        let mut alias = |number| aliases.remove(number).unwrap_or_default();
        let anchored = anchors.iter();
        let anchored = anchored.map(|(number, node)| (*node, alias(number)));
        let anchored: Vec<_> = anchored.collect();
        let mut definitions: Vec<_> = functions.iter().map(|function| function.resource).collect();
        let globals = get(root, "Globals", anchors).map(|found| found.value);
        definitions.extend(globals);
        let resources = get(root, "Resources", anchors).map(|found| found.value);
        let names = resources.into_iter().flat_map(Node::entries);
        let mut names = names.filter_map(|(key, _)| key.text());
        let is_unsure = names.any(|name| name.starts_with("Fn::"));
        const READ: [&str; 8] = [
            "Resources",
            "Parameters",
            "Mappings",
            "Conditions",
            "Outputs",
            "Rules",
            "Transform",
            "Metadata",
        ];
        let read = READ
            .iter()
            .filter_map(|name| Some(&root.own_entry(name)?.1));
        let unsaid = functions
            .iter()
            .enumerate()
            .filter(|(_, function)| function.is_serverless && function.architectures.is_none());
        Self {
            takers,
            no_architecture: unsaid.map(|(index, _)| index).collect(),
            anchored,
            followed,
            functions: definitions,
            read: read.collect(),
            globals,
            unsure: globals.filter(|_| is_unsure),
        }
    }

    /// Returns true if a value may change because every function that uses it moves.
    pub(super) fn may_change(&self, found: &FoundValue<'_>, moving: &BTreeSet<usize>) -> bool {
        let at = found.value.span.start;
        let around = |node: &Node| node.span.contains(&at);
        let all_move = self
            .takers
            .get(&at)
            .is_some_and(|takers| takers.is_subset(moving));
        let mut others = self.anchored.iter().filter(|(node, _)| around(node));
        let all_known =
            others.all(|(_, aliases)| aliases.iter().all(|alias| self.followed.contains(alias)));
        let inside = self.functions.iter().any(|node| around(node));
        let outside = !self.read.iter().any(|node| around(node));
        let is_sure = !self.unsure.is_some_and(around);
        all_move && all_known && is_sure && (inside || outside)
    }

    /// The functions that use a value.
    pub(super) fn takers(&self, found: &FoundValue<'_>) -> impl Iterator<Item = usize> {
        let takers = self.takers.get(&found.value.span.start);
        takers.into_iter().flatten().copied()
    }

    /// Returns true if a value is in Globals.
    pub(super) fn is_global(&self, found: &FoundValue<'_>) -> bool {
        let at = found.value.span.start;
        self.globals.is_some_and(|node| node.span.contains(&at))
    }

    /// Returns true if an architecture may be added to Globals, because every function that would
    /// inherit it moves.
    pub(super) fn no_architecture(&self, moving: &BTreeSet<usize>) -> bool {
        self.unsure.is_none() && self.no_architecture.is_subset(moving)
    }

    /// Returns true if a map belongs to a single function, so that a new key affects no other
    /// function.
    pub(super) fn is_unshared(&self, map: &Node) -> bool {
        let at = map.span.start;
        let mut around = self.anchored.iter();
        !around.any(|(node, aliases)| node.span.contains(&at) && !aliases.is_empty())
    }
}
