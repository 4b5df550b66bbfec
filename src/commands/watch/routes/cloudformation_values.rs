//! Values of a CloudFormation template that are known before it is deployed.
//!
//! In: a node. Out: its text, with `!Ref` and `!Sub` of parameters that have a default. Everything
//! else is only known to CloudFormation.

use crate::commands::migrate::node::{Anchors, Node, NodeData, get, resolve};

/// More references than any handwritten text has.
const MAX_REFERENCES: usize = 32;

/// The maximum nesting of intrinsic functions, which is more than any handwritten value has.
const MAX_DEPTH: usize = 2;

pub(super) struct TemplateValues<'a> {
    pub(super) root: &'a Node,
    pub(super) anchors: Anchors<'a>,
}

/// A function of CloudFormation with its argument, in the short form `!Sub` or the long one.
struct Intrinsic<'a> {
    name: &'a str,
    argument: &'a Node,
}

impl<'a> TemplateValues<'a> {
    /// The value of a key.
    pub(super) fn get(&self, map: &'a Node, key: &str) -> Option<&'a Node> {
        get(map, key, &self.anchors).map(|found| found.value)
    }

    /// The text of a node.
    pub(super) fn text(&self, node: &'a Node) -> Option<String> {
        self.text_at(node, 0)
    }

    fn text_at(&self, node: &'a Node, depth: usize) -> Option<String> {
        // The variable of a `!Sub` may be an alias of that `!Sub`.
        if depth > MAX_DEPTH {
            return None;
        }
        let (node, _) = resolve(node, &self.anchors);
        if let Some(text) = node.text() {
            return Some(text.to_owned());
        }
        let call = self.intrinsic(node)?;
        match (call.name, &call.argument.data) {
            ("Ref", NodeData::Scalar(name, _)) => self.parameter(name),
            ("Sub", NodeData::Scalar(text, _)) => self.substitute(text, None, depth),
            ("Sub", NodeData::List(items)) => match &items[..] {
                [text, variables] => self.substitute(text.raw()?, Some(variables), depth),
                _ => None,
            },
            _ => None,
        }
    }

    /// The text of a key's value.
    pub(super) fn text_of(&self, map: &'a Node, key: &str) -> Option<String> {
        self.text(self.get(map, key)?)
    }

    /// The texts of a list, or of a single value.
    pub(super) fn list(&self, node: &'a Node) -> Vec<String> {
        let (node, _) = resolve(node, &self.anchors);
        match &node.data {
            NodeData::List(items) if node.tag.is_none() => {
                items.iter().filter_map(|item| self.text(item)).collect()
            }
            _ => self.text(node).into_iter().collect(),
        }
    }

    /// The resource whose name or ARN a node refers to, or its own text.
    pub(super) fn reference(&self, node: &'a Node) -> Option<&'a str> {
        let (node, _) = resolve(node, &self.anchors);
        let Some(call) = self.intrinsic(node) else {
            return node.text();
        };
        match (call.name, &call.argument.data) {
            ("Ref", _) => call.argument.raw(),
            ("GetAtt", NodeData::List(items)) => items.first()?.text(),
            ("GetAtt", _) => call.argument.raw()?.strip_suffix(".Arn"),
            _ => None,
        }
    }

    fn intrinsic(&self, node: &'a Node) -> Option<Intrinsic<'a>> {
        if let Some(tag) = &node.tag {
            let name = tag.rsplit('!').next()?;
            return Some(Intrinsic {
                name,
                argument: node,
            });
        }
        let [(key, argument)] = node.entries() else {
            return None;
        };
        let name = key.text()?;
        Some(Intrinsic {
            name: name.strip_prefix("Fn::").unwrap_or(name),
            argument: resolve(argument, &self.anchors).0,
        })
    }

    /// The default of a parameter, or the value of a pseudo parameter that never matters for routes.
    fn parameter(&self, name: &str) -> Option<String> {
        match name {
            "AWS::Partition" => return Some("aws".to_owned()),
            "AWS::URLSuffix" => return Some("amazonaws.com".to_owned()),
            _ => {}
        }
        let parameters = self.get(self.root, "Parameters")?;
        let default = self.get(self.get(parameters, name)?, "Default")?;
        default.text().map(str::to_owned)
    }

    /// Replaces `${Name}`. `${!Name}` is written literally.
    fn substitute(&self, text: &str, variables: Option<&'a Node>, depth: usize) -> Option<String> {
        let mut whole = String::new();
        let mut rest = text;
        for _ in 0..MAX_REFERENCES {
            let Some((before, inside)) = rest.split_once("${") else {
                return Some(whole + rest);
            };
            let (name, after) = inside.split_once('}')?;
            whole.push_str(before);
            match name.strip_prefix('!') {
                Some(literal) => {
                    whole.push_str("${");
                    whole.push_str(literal);
                    whole.push('}');
                }
                None => {
                    let variable = variables.and_then(|map| self.get(map, name.trim()));
                    let value = match variable {
                        Some(node) => self.text_at(node, depth + 1),
                        None => self.parameter(name.trim()),
                    };
                    whole.push_str(&value?);
                }
            }
            rest = after;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::migrate::node::{Tree, anchors};
    use crate::commands::migrate::{json, yaml};

    fn text(tree: &Tree) -> Option<String> {
        let root = &tree.documents[0];
        let values = TemplateValues {
            root,
            anchors: anchors(root),
        };
        values.text_of(root, "Value")
    }

    #[test]
    fn parameters_with_a_default_are_known() {
        let parameters = "Parameters: {Stage: {Default: dev}, Key: {Type: String}}\n";
        for (value, known) in [
            ("/a", Some("/a")),
            ("!Ref Stage", Some("dev")),
            ("{Ref: Stage}", Some("dev")),
            ("!Ref Key", None),
            ("!Sub '/${Stage}/{id}'", Some("/dev/{id}")),
            ("!Sub ['/${V}/${Stage}', {V: !Ref Stage}]", Some("/dev/dev")),
            (
                "{'Fn::Sub': '${!Stage}${AWS::Partition}'}",
                Some("${Stage}aws"),
            ),
            ("!Sub '/${Key}'", None),
            ("!Sub '/${AWS::StackName}'", None),
            ("!Sub '/${'", None),
            ("&v !Sub ['${V}', {V: *v}]", None),
            ("!If [A, b, c]", None),
            ("[a]", None),
        ] {
            let tree = yaml::read(&format!("{parameters}Value: {value}\n")).unwrap();
            assert_eq!(text(&tree).as_deref(), known, "{value}");
        }
        let tree = json::read(
            "{\"Parameters\": {\"A\": {\"Default\": \"b\"}}, \"Value\": {\"Fn::Sub\": \"/${A}\"}}",
        );
        assert_eq!(text(&tree.unwrap()).as_deref(), Some("/b"));
    }
}
