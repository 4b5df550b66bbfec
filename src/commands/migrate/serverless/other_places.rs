//! Functions that a service defines elsewhere: in its resources, through `${…}`, or in other files.

use crate::commands::migrate::node::{Node, NodeData};
use crate::commands::migrate::old_runtime;
use crate::commands::migrate::old_runtime::{NEW, OldRuntime, Remark};
use crate::commands::migrate::serverless::service::Service;
use crate::lambda::BOOTSTRAP;

impl<'a> Service<'a> {
    /// Returns true if all functions are defined here. Otherwise functions of other files also
    /// inherit the provider's runtime.
    pub(super) fn is_whole(&mut self) -> bool {
        let Some(functions) = self.get(self.root, "functions") else {
            return true;
        };
        let is_here = |(key, map): &(Node, Node)| {
            let map = match &map.data {
                NodeData::Alias(number) => self.anchors.get(number).copied().unwrap_or(map),
                _ => map,
            };
            key.text() != Some("<<") && matches!(map.data, NodeData::Map(..))
        };
        let is_whole =
            matches!(functions.data, NodeData::Map(..)) && functions.entries().iter().all(is_here);
        let runtime = self.get(self.provider, "runtime");
        let was =
            runtime.and_then(|node| Some((node, old_runtime::first_old_runtime(node.raw()?)?.1)));
        if let Some((node, was)) = was.filter(|_| !is_whole) {
            self.remarks.push(Remark::todo(
                node.span.start,
                format!("`{was}` is the runtime of functions that other files define"),
                format!(
                    "write `{NEW}` here, and set `handler: {BOOTSTRAP}` and `package: {{artifact: \
                     …}}` \
                     with its own zip in each function; or set `runtime` in each function of \
                     this file"
                ),
            ));
        }
        is_whole
    }

    /// Reports functions among the CloudFormation resources of the service.
    pub(super) fn report_resources(&mut self) {
        let Some(resources) = self.get(self.root, "resources") else {
            return;
        };
        for node in resources.all() {
            let kind = self.get(node, "Type").and_then(Node::text);
            let is_function = kind.is_some_and(|kind| {
                ["AWS::Lambda::Function", "AWS::Serverless::Function"].contains(&kind)
            });
            let properties = self.get(node, "Properties").filter(|_| is_function);
            let runtime = properties.and_then(|map| self.get(map, "Runtime"));
            let was = runtime.and_then(|node| Some((node, node.raw()?)));
            let Some((node, was)) = was.filter(|(_, was)| OldRuntime::parse(was).is_some()) else {
                continue;
            };
            self.remarks.push(Remark::todo(
                node.span.start,
                format!("`{was}` is the runtime of a function in `resources`"),
                format!(
                    "write `{NEW}` and `Handler: {BOOTSTRAP}`, and name its program `{BOOTSTRAP}`"
                ),
            ));
        }
    }

    /// Reports the old runtimes that a `${…}` expression may evaluate to: its own text and the
    /// values of `custom`.
    pub(super) fn report_computed_runtime(&mut self, key: &Node, word: &'a Node) {
        let custom = self.get(self.root, "custom");
        let words = custom.map(Node::all).unwrap_or_default().into_iter();
        let mut old: Vec<(usize, String)> = words
            .filter_map(|node| Some((node.span.start, node.raw()?)))
            .filter(|(_, word)| OldRuntime::parse(word).is_some())
            .map(|(at, word)| (at, word.to_owned()))
            .collect();
        if let Some((_, runtime)) = word.raw().and_then(old_runtime::first_old_runtime) {
            old.insert(0, (word.span.start, runtime.to_owned()));
        }
        let name = key.text().unwrap_or_default();
        for (at, old) in old {
            let what = format!("`{old}` may be the runtime of {name}");
            let help = format!(
                "write `{NEW}` here, set `handler: {BOOTSTRAP}`, and give each function its own zip"
            );
            self.remarks.push(Remark::todo(at, what, help));
        }
    }
}
