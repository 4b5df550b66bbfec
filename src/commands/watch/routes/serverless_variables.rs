//! Values of a `serverless.yml` that are known before it is deployed.
//!
//! In: a node. Out: its text, with variables such as `${self:custom.path}`,
//! `${opt:stage, 'dev'}`, and `${sls:stage}`. Options, environment variables, and other files are
//! unknown; their defaults are used.
//!
//! Source: <https://www.serverless.com/framework/docs/providers/aws/guide/variables>

use crate::commands::migrate::node::{Anchors, Node, NodeData, get, resolve};

/// More variables than any handwritten value leads to. Variables may refer to each other.
const MAX_VARIABLES: usize = 64;

/// The stage of the Serverless Framework if there is no other.
const DEFAULT_STAGE: &str = "dev";

pub(super) struct ServiceValues<'a> {
    pub(super) root: &'a Node,
    pub(super) anchors: Anchors<'a>,
}

impl<'a> ServiceValues<'a> {
    /// The value of a key.
    pub(super) fn get(&self, map: &'a Node, key: &str) -> Option<&'a Node> {
        get(map, key, &self.anchors).map(|found| found.value)
    }

    /// The text of a node.
    pub(super) fn text(&self, node: &'a Node) -> Option<String> {
        let (node, _) = resolve(node, &self.anchors);
        self.resolved(node.text()?)
    }

    /// The text of a key's value.
    pub(super) fn text_of(&self, map: &'a Node, key: &str) -> Option<String> {
        self.text(self.get(map, key)?)
    }

    /// The texts of a list, or of a single value.
    pub(super) fn list(&self, node: &'a Node) -> Vec<String> {
        match &node.data {
            NodeData::List(items) => items.iter().filter_map(|item| self.text(item)).collect(),
            _ => self.text(node).into_iter().collect(),
        }
    }

    /// The stage of REST APIs.
    pub(super) fn stage(&self) -> String {
        self.variable("sls:stage")
            .and_then(|stage| self.resolved(&stage))
            .unwrap_or_else(|| DEFAULT_STAGE.to_owned())
    }

    /// Replaces variables, the innermost first. A variable may lead to others.
    fn resolved(&self, text: &str) -> Option<String> {
        let mut text = text.to_owned();
        for _ in 0..MAX_VARIABLES {
            let Some((start, end)) = innermost(&text)? else {
                return Some(text);
            };
            let value = self.first_known(&text[start + 2..end])?;
            text.replace_range(start..=end, &value);
        }
        None
    }

    /// The value of `source, source, 'default'`.
    fn first_known(&self, sources: &str) -> Option<String> {
        let has_default = sources.contains(',');
        let mut sources = sources.split(',').map(str::trim);
        sources.find_map(|source| {
            let quoted = ['\'', '"']
                .into_iter()
                .find_map(|quote| source.strip_prefix(quote)?.strip_suffix(quote));
            match (quoted, source) {
                (Some(literal), _) => Some(literal.to_owned()),
                // Without an option, this is the stage of the provider.
                (None, "opt:stage") if has_default => None,
                (None, "opt:stage") => self.variable("sls:stage"),
                (None, source) => self.variable(source),
            }
        })
    }

    /// The value of one source, which may contain variables.
    fn variable(&self, source: &str) -> Option<String> {
        let path = match source {
            "sls:stage" | "self:provider.stage" => {
                let provider = self.get(self.root, "provider")?;
                let own = self.get(provider, "stage").and_then(Node::text);
                // `stage: ${opt:stage}` refers to itself.
                let own = own.filter(|stage| *stage != "${opt:stage}" && *stage != "${sls:stage}");
                return Some(own.unwrap_or(DEFAULT_STAGE).to_owned());
            }
            source => source.strip_prefix("self:")?,
        };
        let mut keys = path.split('.').filter(|key| !key.is_empty());
        let node = keys.try_fold(self.root, |node, key| self.get(node, key))?;
        node.text().map(str::to_owned)
    }
}

/// The first variable without another one inside: the positions of its `$` and its `}`. The outer
/// `None` means that a variable does not end.
#[expect(
    clippy::option_option,
    reason = "a text without variables is not an error"
)]
fn innermost(text: &str) -> Option<Option<(usize, usize)>> {
    let Some(first) = text.find("${") else {
        return Some(None);
    };
    let end = first + text[first..].find('}')?;
    let start = text[..end].rfind("${")?;
    Some(Some((start, end)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::migrate::node::anchors;
    use crate::commands::migrate::yaml;

    fn text(service: &str, value: &str) -> Option<String> {
        let tree = yaml::read(&format!("{service}value: {value}\n")).unwrap();
        let root = &tree.documents[0];
        let values = ServiceValues {
            root,
            anchors: anchors(root),
        };
        values.text_of(root, "value")
    }

    #[test]
    fn variables_are_resolved_as_far_as_they_are_known() {
        let service = "provider:\n  stage: ${opt:stage, 'test'}\ncustom:\n  base: /api\n  \
                       paths: {test: '${self:custom.base}/t'}\n  loop: ${self:custom.loop}\n";
        for (value, known) in [
            ("/a/{id}", Some("/a/{id}")),
            ("${self:custom.base}/{id}", Some("/api/{id}")),
            ("${self:custom.paths.${sls:stage}}", Some("/api/t")),
            ("${opt:stage}", Some("test")),
            ("${opt:stage, self:provider.stage}", Some("test")),
            ("${env:PREFIX, '/x'}", Some("/x")),
            ("${env:PREFIX}", None),
            ("${file(other.yml):path}", None),
            ("${self:custom.loop}", None),
            ("${self:custom", None),
        ] {
            let value = format!("\"{value}\"");
            assert_eq!(text(service, &value).as_deref(), known, "{value}");
        }
    }

    #[test]
    fn the_default_stage_is_dev() {
        for stage in ["", "  stage: ${opt:stage}\n"] {
            let service = format!("provider:\n  name: aws\n{stage}");
            assert_eq!(text(&service, "${sls:stage}").as_deref(), Some("dev"));
        }
    }
}
