//! Who takes a value that stands in one place.

use std::collections::{BTreeMap, BTreeSet};

use crate::commands::migrate::cloudformation::function::TemplateFunction;
use crate::commands::migrate::node::{Anchors, FoundValue, Node, NodeData, get};

/// Which functions take which values, and which of a document's aliases are known.
pub(super) struct ValueSources<'a> {
    /// The functions that take what stands at a byte.
    takers: BTreeMap<usize, BTreeSet<usize>>,
    /// Functions of SAM that say no architecture.
    no_architecture: BTreeSet<usize>,
    /// Anchored values, each with where its aliases stand.
    anchored: Vec<(&'a Node, Vec<usize>)>,
    /// Aliases that only our own look-ups follow.
    followed: BTreeSet<usize>,
    /// Where values may stand: in functions, in Globals, or outside of all that
    /// CloudFormation reads.
    functions: Vec<&'a Node>,
    read: Vec<&'a Node>,
    globals: Option<&'a Node>,
    /// Globals, where functions take from it that do not stand here: an include's, or a
    /// loop's.
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
            // What is merged but not taken changes nothing.
            let maps = function
                .properties
                .into_iter()
                .chain(function.global_runtime);
            let merged = maps.filter_map(|map| map.own("<<"));
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
        let mut own: Vec<_> = functions.iter().map(|function| function.resource).collect();
        let globals = get(root, "Globals", anchors).map(|found| found.value);
        own.extend(globals);
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
        let read = READ.iter().filter_map(|name| Some(&root.own(name)?.1));
        let unsaid = functions
            .iter()
            .enumerate()
            .filter(|(_, function)| function.is_serverless && function.architectures.is_none());
        Self {
            takers,
            no_architecture: unsaid.map(|(index, _)| index).collect(),
            anchored,
            followed,
            functions: own,
            read: read.collect(),
            globals,
            unsure: globals.filter(|_| is_unsure),
        }
    }

    /// Whether a value may change because everybody who takes it moves.
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

    /// The functions that take a value.
    pub(super) fn takers(&self, found: &FoundValue<'_>) -> impl Iterator<Item = usize> {
        let takers = self.takers.get(&found.value.span.start);
        takers.into_iter().flatten().copied()
    }

    /// Whether a value is one of Globals.
    pub(super) fn is_global(&self, found: &FoundValue<'_>) -> bool {
        let at = found.value.span.start;
        self.globals.is_some_and(|node| node.span.contains(&at))
    }

    /// Whether Globals may say an architecture, as nobody who moves not would hear it.
    pub(super) fn no_architecture(&self, moving: &BTreeSet<usize>) -> bool {
        self.unsure.is_none() && self.no_architecture.is_subset(moving)
    }

    /// Whether a map is of one function alone, so that a key more is one for nobody else.
    pub(super) fn is_alone(&self, map: &Node) -> bool {
        let at = map.span.start;
        let mut around = self.anchored.iter();
        !around.any(|(node, aliases)| node.span.contains(&at) && !aliases.is_empty())
    }
}
