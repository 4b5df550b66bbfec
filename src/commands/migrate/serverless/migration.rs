//! Decides which functions of a service move, and makes their edits and remarks.

use crate::commands::migrate::insert;
use crate::commands::migrate::insert::NewValue;
use crate::commands::migrate::node::{Node, Syntax, Tree, anchors, get};
use crate::commands::migrate::old_runtime;
use crate::commands::migrate::old_runtime::ReaderOptions;
use crate::commands::migrate::old_runtime::{Analysis, NEW, OldRuntime, Remark, SourceFile};
use crate::commands::migrate::serverless::service::{Service, ServiceFunction, provider};
use crate::lambda::Arch;
use crate::lambda::BOOTSTRAP;

/// Analyzes a service.
pub(crate) fn analyze(source: &SourceFile, tree: &Tree, options: ReaderOptions) -> Analysis {
    let mut analysis = Analysis::default();
    let mut edits = Vec::new();
    for root in &tree.documents {
        let anchors = anchors(root);
        if let Some(provider) = provider(root, &anchors) {
            let mut service = Service {
                text: &source.text,
                root,
                provider,
                anchors,
                options,
                edits: Vec::new(),
                remarks: Vec::new(),
                functions: 0,
                only_moving_functions_inherit_architecture: false,
                takers: Vec::new(),
                settled: Vec::new(),
            };
            service.analyze();
            edits.append(&mut service.edits);
            analysis.remarks.append(&mut service.remarks);
            analysis.functions += service.functions;
            analysis.settled.append(&mut service.settled);
        }
    }
    analysis.edits = vec![edits];
    analysis
}

impl<'a> Service<'a> {
    pub(super) fn get(&self, map: &'a Node, name: &str) -> Option<&'a Node> {
        get(map, name, &self.anchors).map(|found| found.value)
    }

    fn analyze(&mut self) {
        self.report_resources();
        let is_whole = self.is_whole();
        let all = self
            .get(self.root, "functions")
            .map_or(&[][..], Node::entries);
        let of_provider = self.get(self.provider, "runtime");
        let zips = all
            .iter()
            .filter(|(_, map)| map.own_entry("image").is_none());
        let mut moving = Vec::new();
        let mut provider_takers = 0;
        for (key, map) in zips {
            let own_value = self.get(map, "runtime");
            provider_takers += usize::from(own_value.is_none());
            let Some(word) = own_value.or(of_provider) else {
                continue;
            };
            let shown = word.raw().unwrap_or_default();
            self.functions += usize::from(shown == "go1.x" || shown.starts_with("provided"));
            let Some((was, old)) = word
                .text()
                .and_then(|was| Some((was, OldRuntime::parse(was)?)))
            else {
                if shown.contains("${") {
                    self.report_computed_runtime(key, word);
                }
                continue;
            };
            self.settled.push((0, map.span.clone()));
            let name = key.text().unwrap_or_default();
            let package = self
                .get(map, "package")
                .or_else(|| self.get(self.root, "package"));
            let artifact = package.and_then(|package| self.get(package, "artifact"));
            moving.push(ServiceFunction {
                name,
                map,
                old,
                was,
                handler: self.get(map, "handler"),
                has_own_runtime: own_value.is_some(),
                artifact: artifact.and_then(Node::raw),
            });
        }
        let mut obstacles: Vec<_> = moving
            .iter()
            .map(|function| self.obstacle(function, &moving))
            .collect();
        self.move_runtime_lists(&moving, &mut obstacles, is_whole);
        let from_provider = moving
            .iter()
            .zip(&obstacles)
            .filter(|(function, obstacle)| !function.has_own_runtime && obstacle.is_none())
            .count();
        // The provider's runtime is edited only if every function that inherits it moves, including
        // those with another runtime in other files.
        let provider_moves = is_whole && from_provider == provider_takers;
        // An architecture of the provider applies to every function without one. It may be added only
        // if all of these functions move.
        let inherits_architecture = |map: &'a Node| self.get(map, "architecture").is_none();
        let inheriting = all.iter().filter(|(_, map)| inherits_architecture(map));
        let inheriting_and_moving = moving
            .iter()
            .zip(&obstacles)
            .filter(|(function, obstacle)| {
                obstacle.is_none() && inherits_architecture(function.map)
            });
        self.only_moving_functions_inherit_architecture =
            is_whole && inheriting.count() == inheriting_and_moving.count();
        let names: Vec<_> = moving
            .iter()
            .filter(|function| !function.has_own_runtime)
            .map(|function| function.name)
            .collect();
        if let Some((word, was)) = of_provider.and_then(|word| Some((word, word.raw()?)))
            && !provider_moves
            && is_whole
            && !names.is_empty()
        {
            self.remarks
                .push(old_runtime::runtime_stays(word.span.start, was, &names));
        }
        self.takers = names;
        for (function, obstacle) in moving.iter().zip(obstacles) {
            match obstacle {
                Some(remark) => self.remarks.push(remark),
                None if !function.has_own_runtime && !provider_moves => {
                    let what = format!(
                        "{} uses the runtime of the provider, and other functions that use it \
                         cannot \
                         move",
                        function.name
                    );
                    let help = format!("set `runtime: {NEW}` in the function");
                    self.remarks
                        .push(Remark::todo(function.map.span.start, what, help));
                }
                None => self.migrate(function, provider_moves),
            }
        }
    }

    fn migrate(&mut self, function: &ServiceFunction<'a>, provider_moves: bool) {
        let map = if function.has_own_runtime {
            function.map
        } else {
            self.provider
        };
        if let Some(word) = self.get(map, "runtime") {
            let owners = self.owners(function);
            let why = format!("{owners}: runtime {} -> {NEW}", function.was);
            self.set(word, NEW, why);
        }
        if function.old == OldRuntime::Provided {
            let at = function.map.span.start;
            self.remarks.push(old_runtime::moved_from_custom_runtime(
                at,
                function.name,
                function.was,
            ));
        }
        self.set_architecture(function, provider_moves);
        let handler = function.handler.filter(|_| function.old == OldRuntime::Go);
        let Some((node, was)) = handler.and_then(|node| Some((node, node.literal()?))) else {
            return;
        };
        if was == BOOTSTRAP {
            return;
        }
        let why = format!("{}: handler {was} -> {BOOTSTRAP}", function.name);
        self.set(node, BOOTSTRAP, why);
        let at = node.span.start;
        let zip = match function.artifact {
            Some(zip) => zip.to_owned(),
            None => {
                let zip = format!("{was}.zip");
                let why = format!("{}: its own zip", function.name);
                self.ignored_patterns(function, was, at);
                match self.get(function.map, "package") {
                    Some(map) => {
                        self.add(function, map, &[], ("artifact", NewValue::Text(&zip)), &why);
                    }
                    None => {
                        let new = ("package", NewValue::Pair("artifact", &zip));
                        self.add(function, function.map, &["handler"], new, &why);
                    }
                }
                zip
            }
        };
        let zip = old_runtime::quoted(&zip, "a zip");
        self.remarks
            .push(old_runtime::built_elsewhere(at, function.name, was, zip));
    }

    /// The functions that use the same runtime, for the reason of an edit.
    pub(super) fn owners(&self, function: &ServiceFunction<'a>) -> String {
        if function.has_own_runtime {
            function.name.to_owned()
        } else {
            old_runtime::owners("provider", &self.takers)
        }
    }

    fn set_architecture(&mut self, function: &ServiceFunction<'a>, provider_moves: bool) {
        let own = self.get(function.map, "architecture");
        let declared = own.or_else(|| self.get(self.provider, "architecture"));
        let (arch, declared) = match (self.options.arch, declared, function.old) {
            (Some(arch), declared, _) => (arch, declared),
            (None, None, OldRuntime::Go) => (Arch::X86_64, None),
            _ => return,
        };
        let mut why = format!("{}: architecture {arch}", function.name);
        match declared {
            Some(node) if node.text() == Some(arch.name()) => {}
            Some(node) if node.literal().is_some() && own.is_some() => {
                self.set(node, arch.name(), why);
            }
            _ => {
                let new = ("architecture", NewValue::Text(arch.name()));
                let in_provider = self.only_moving_functions_inherit_architecture
                    && provider_moves
                    && !function.has_own_runtime
                    && declared.is_none();
                let map = if in_provider {
                    why = format!("{}: architecture {arch}", self.owners(function));
                    self.provider
                } else {
                    function.map
                };
                self.add(function, map, &["runtime", "handler"], new, &why);
            }
        }
    }

    pub(super) fn add(
        &mut self,
        function: &ServiceFunction<'a>,
        map: &Node,
        neighbors: &[&str],
        new: (&str, NewValue<'_>),
        why: &str,
    ) {
        let mut around = self.anchors.values();
        let is_shared = around.any(|anchored| anchored.span.contains(&map.span.start));
        let edit = insert::insert_key(self.text, Syntax::Yaml, map, neighbors, new, why);
        match edit.filter(|_| !is_shared) {
            Some(edit) => self.edits.push(edit),
            None => {
                let help = format!("add `{}` by hand", new.0);
                self.remarks
                    .push(Remark::todo(function.map.span.start, why, help));
            }
        }
    }

    pub(super) fn set(&mut self, node: &Node, new: &str, why: String) {
        self.edits
            .push(insert::replace_value(self.text, node, new, why));
    }
}
