//! Parses HCL with the place of every value.
//!
//! In: text. Out: bodies of hcl-edit, and their values by their place. The trees are never printed,
//! because printing would change the line endings.

use std::collections::BTreeMap;
use std::ops::Range;

use anyhow::anyhow;
use hcl_edit::Span;
use hcl_edit::expr::{Expression, Traversal, TraversalOperator};
use hcl_edit::structure::{Attribute, Block, Body, Structure};
use hcl_edit::template::Element;
use hcl_edit::visit::{Visit, visit_traversal};

use crate::commands::migrate::edit::{SEPARATOR, ValueOutline};

pub(crate) fn read(text: &str) -> anyhow::Result<Body> {
    hcl_edit::parser::parse_body(text).map_err(|error| {
        let line = error.location().line();
        anyhow!("line {line}: {}", error.message())
    })
}

/// Every attribute by its place.
pub(crate) fn outline(text: &str) -> anyhow::Result<ValueOutline> {
    let mut outline = ValueOutline::new();
    let body = read(text)?;
    let mut open = vec![(String::new(), &body)];
    while let Some((place, body)) = open.pop() {
        // Only blocks are numbered, so that an added attribute does not change the places of blocks.
        let mut number = 0;
        for structure in body {
            match structure {
                Structure::Attribute(attribute) => {
                    let span = attribute.value.span().unwrap_or_default();
                    let value = text.get(span).unwrap_or_default();
                    let place = format!("{place}{}", attribute.key.as_str());
                    outline.insert(place, value.to_owned());
                }
                Structure::Block(block) => {
                    let labels = block.labels.iter().map(|label| label.as_str());
                    let labels: Vec<_> = labels.collect();
                    let (name, labels) = (block.ident.as_str(), labels.join("."));
                    let name = format!("{place}{name}{SEPARATOR}{labels}#{number}{SEPARATOR}");
                    number += 1;
                    open.push((name, &block.body));
                }
            }
        }
    }
    Ok(outline)
}

/// A string literal without interpolation, with its span including the quotes.
pub(crate) fn string<'a>(text: &str, value: &'a Expression) -> Option<(&'a str, Range<usize>)> {
    let string = value.as_str()?;
    let span = value.span()?;
    let exact = text.get(span.clone()) == Some(format!("\"{string}\"").as_str());
    exact.then_some((string, span))
}

/// The string value of an attribute.
pub(crate) fn text<'a>(block: &'a Block, name: &str) -> Option<&'a str> {
    block.body.get_attribute(name)?.value.as_str()
}

/// A reference to `local.name` or `var.name` and nothing else, also as the only content of a
/// string.
pub(crate) fn reference(value: &Expression) -> Option<(&str, &str)> {
    // Terraform before 0.12 requires `"${var.name}"`.
    let value = match value {
        Expression::StringTemplate(template) => match template.iter().collect::<Vec<_>>()[..] {
            [Element::Interpolation(interpolation)] => &interpolation.expr,
            _ => return None,
        },
        other => other,
    };
    let traversal = value.as_traversal()?;
    match traversal.operators.as_slice() {
        [_] => first(traversal),
        _ => None,
    }
}

fn first(traversal: &Traversal) -> Option<(&str, &str)> {
    let root = traversal.expr.as_variable()?.as_str();
    match traversal.operators.first()?.value() {
        TraversalOperator::GetAttr(name) if ["local", "var"].contains(&root) => {
            Some((root, name.as_str()))
        }
        _ => None,
    }
}

/// Counts how often each local and variable is used.
#[derive(Debug, Default)]
pub(crate) struct UseCounts(BTreeMap<(String, String), usize>);

impl UseCounts {
    /// Adds the uses in a file.
    pub(crate) fn add(&mut self, body: &Body) {
        self.visit_body(body);
    }

    pub(crate) fn count(&self, (root, name): (&str, &str)) -> usize {
        let key = (root.to_owned(), name.to_owned());
        self.0.get(&key).copied().unwrap_or(0)
    }
}

impl Visit for UseCounts {
    fn visit_traversal(&mut self, node: &Traversal) {
        if let Some((root, name)) = first(node) {
            *self
                .0
                .entry((root.to_owned(), name.to_owned()))
                .or_default() += 1;
        }
        visit_traversal(self, node);
    }
}

/// The start of an attribute, if the span really starts with its name.
pub(crate) fn start(text: &str, attribute: &Attribute) -> Option<usize> {
    let start = attribute.span()?.start;
    text.get(start..)?
        .starts_with(attribute.key.as_str())
        .then_some(start)
}
