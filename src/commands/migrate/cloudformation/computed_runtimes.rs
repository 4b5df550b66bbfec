//! Reports runtimes that a template computes, at the place of the old value and with all functions
//! that use it.

use std::collections::BTreeMap;

use crate::commands::migrate::cloudformation::function::{KINDS, TemplateFunction};
use crate::commands::migrate::node::{Anchors, FoundValue, Node, NodeData, get, resolve};
use crate::commands::migrate::old_runtime::{NEW, OldRuntime, Remark};

/// Reports functions whose runtime is not a literal.
pub(super) fn report_computed_runtimes<'a>(
    root: &'a Node,
    anchors: &Anchors<'a>,
    functions: &[TemplateFunction<'a>],
    remarks: &mut Vec<Remark>,
) {
    let mut places: BTreeMap<usize, (String, String, Vec<&str>)> = BTreeMap::new();
    let unread = functions.iter().filter(|function| function.old.is_none());
    for function in unread {
        let Some(FoundValue { value, .. }) = &function.runtime else {
            continue;
        };
        for (at, word, role) in possible_old_runtimes(root, anchors, value) {
            let place = places.entry(at).or_insert((word, role, Vec::new()));
            place.2.push(function.name);
        }
    }
    for (at, (word, role, names)) in places {
        remarks.push(Remark::todo(
            at,
            format!(
                "`{word}`{role} is a possible runtime of {}",
                names.join(", ")
            ),
            format!(
                "if each of them is written in Go or has a `bootstrap`, write `{NEW}` here, and \
                 set \
                 `Handler: bootstrap` and `Architectures` in each"
            ),
        ));
    }
    report_loops(root, anchors, remarks);
}

/// The old runtimes that a value may evaluate to, each with its place and its role.
fn possible_old_runtimes<'a>(
    root: &'a Node,
    anchors: &Anchors<'a>,
    value: &'a Node,
) -> Vec<(usize, String, String)> {
    let mut found = Vec::new();
    let mut words = |node: &'a Node, role: String| {
        let all = node.all().into_iter();
        for node in all.map(|node| resolve(node, anchors).0) {
            if let Some(word) = node.raw().filter(|word| OldRuntime::parse(word).is_some()) {
                found.push((node.span.start, word.to_owned(), role.clone()));
            }
        }
    };
    words(value, String::new());
    let section = |name, inner: &str| {
        let section = get(root, name, anchors)?.value;
        Some(get(section, inner, anchors)?.value)
    };
    for name in references(value) {
        if let Some(parameter) = section("Parameters", name) {
            words(parameter, format!(" in parameter {name}"));
        }
        if let Some(mapping) = section("Mappings", name) {
            words(mapping, format!(" in mapping {name}"));
        }
    }
    found
}

/// The parameters and mappings that a value mentions.
fn references(value: &Node) -> Vec<&str> {
    let words = value.all().into_iter().filter_map(Node::raw);
    words
        .flat_map(|word| word.split(|c: char| !c.is_alphanumeric()))
        .filter(|word| !word.is_empty())
        .collect()
}

/// All nodes inside the loops of a template.
fn loops<'a>(root: &'a Node, anchors: &Anchors<'a>) -> impl Iterator<Item = &'a Node> {
    let resources = get(root, "Resources", anchors).map(|found| found.value);
    let entries = resources.into_iter().flat_map(Node::entries);
    let is_loop = |key: &Node| {
        key.text()
            .is_some_and(|name| name.starts_with("Fn::ForEach::"))
    };
    let loops = entries.filter(move |(key, _)| is_loop(key));
    loops.flat_map(|(_, value)| value.all())
}

/// Returns true if `Fn::ForEach` generates functions.
pub(super) fn has_loops<'a>(root: &'a Node, anchors: &Anchors<'a>) -> bool {
    loops(root, anchors).any(|node| {
        let kind = get(node, "Type", anchors).and_then(|found| found.value.text());
        kind.is_some_and(|kind| KINDS.contains(&kind))
    })
}

/// Reports the runtimes in loops. The functions that `Fn::ForEach` generates have no name yet.
fn report_loops<'a>(root: &'a Node, anchors: &Anchors<'a>, remarks: &mut Vec<Remark>) {
    let runtimes = loops(root, anchors).filter_map(|node| {
        let (key, value) = node.own_entry("Runtime")?;
        let word = value
            .raw()
            .filter(|word| OldRuntime::parse(word).is_some())?;
        matches!(node.data, NodeData::Map(..)).then_some((key.span.start, word))
    });
    remarks.extend(runtimes.map(|(at, word)| {
        Remark::todo(
            at,
            format!("`{word}` is the runtime of functions that `Fn::ForEach` generates"),
            format!(
                "write `Runtime: {NEW}` and `Handler: bootstrap`, and give each function its \
                 own zip"
            ),
        )
    }));
}
