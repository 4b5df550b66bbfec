//! Functions of a service that cannot be migrated automatically.

use crate::commands::migrate::layer;
use crate::commands::migrate::layer::LayerEvidence;
use crate::commands::migrate::node::Node;
use crate::commands::migrate::old_runtime;
use crate::commands::migrate::old_runtime::{OldRuntime, Remark};
use crate::commands::migrate::serverless::service::{Service, ServiceFunction};

impl<'a> Service<'a> {
    /// Why a function cannot move.
    pub(super) fn obstacle(
        &self,
        function: &ServiceFunction<'a>,
        all: &[ServiceFunction<'a>],
    ) -> Option<Remark> {
        let at = function.map.span.start;
        let todo = |why: &str, help: &str| {
            Some(Remark::todo(at, format!("{} {why}", function.name), help))
        };
        let word = if function.has_own_runtime {
            function.map
        } else {
            self.provider
        };
        let word = self.get(word, "runtime")?;
        let is_shared = |node: &Node| {
            let mut around = self.anchors.values();
            around.any(|anchored| anchored.span.contains(&node.span.start))
        };
        if word.literal().is_none() || is_shared(word) || is_shared(function.map) {
            let help = "write `runtime: provided.al2023` and `handler: bootstrap` by hand";
            return todo(
                "has a runtime that comes from an anchor or spans several lines",
                help,
            );
        }
        if function.old == OldRuntime::Provided {
            let layers = self.get(function.map, "layers");
            let layers = layers.or_else(|| self.get(self.provider, "layers"));
            let layers = layers.map(Node::all).unwrap_or_default();
            let parts = LayerEvidence {
                layers: layers.into_iter().filter_map(Node::raw).collect(),
                handler: function.handler.and_then(Node::raw),
                code: function.artifact.unwrap_or_default(),
                has_program: false,
            };
            let layer = parts.bootstrap()?;
            return Some(layer::remark(at, function.name, layer));
        }
        let plugins = self.get(self.root, "plugins");
        let plugins = plugins.map(Node::all).unwrap_or_default();
        let mut plugins = plugins.into_iter().filter_map(Node::raw);
        let handler = function.handler.and_then(Node::literal);
        let is_go = |name: &str| {
            ["-go-", "-golang", "-gobuild"]
                .iter()
                .any(|part| name.contains(part))
                || name.ends_with("-go")
        };
        let is_built = plugins.any(is_go);
        match handler {
            _ if is_built => todo(
                "is built by a plug-in",
                "set the runtime to `provided.al2023`, and make the plug-in name the program \
                 `bootstrap`; for serverless-go-plugin, set `supportedRuntimes: \
                 [\"provided.al2023\"]` and `buildProvidedRuntimeAsBootstrap: true`",
            ),
            Some(name) if !name.ends_with(".go") && !name.contains("${") => {
                let others = all.iter().filter(|other| {
                    let handler = other.handler.and_then(Node::raw);
                    let same = other.artifact.is_some() && other.artifact == function.artifact;
                    other.old == OldRuntime::Go && same && handler != Some(name)
                });
                let others: Vec<_> = others.map(|other| other.name.to_owned()).collect();
                let place = function.artifact.unwrap_or_default();
                (!others.is_empty())
                    .then(|| old_runtime::shared_code(at, function.name, &others, place))
            }
            _ => todo(
                "has a handler that is not a plain path",
                "build it as `bootstrap` in its own zip, and write `handler: bootstrap` and \
                 `package: \
                 {artifact: …}`",
            ),
        }
    }
}
