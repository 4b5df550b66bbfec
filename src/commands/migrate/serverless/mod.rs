//! serverless.yml of the Serverless Framework.
//!
//! In: a tree. Out: what to edit, and what to say of its functions. What was one zip with a
//! program for each handler becomes a zip for each function.
//! Absent: `${…}`, plug-ins that build, and other files that it names: those are reported.

pub(crate) mod deployed;
mod kept;
mod package;
mod selected;
mod unsupported;

use std::ops::Range;

use crate::commands::migrate::edit::TextEdit;
use crate::commands::migrate::insert;
use crate::commands::migrate::insert::NewValue;
use crate::commands::migrate::node::{Anchors, Node, Syntax, Tree, anchors, get};
use crate::commands::migrate::old_runtime;
use crate::commands::migrate::old_runtime::ReaderOptions;
use crate::commands::migrate::old_runtime::{Analysis, NEW, OldRuntime, Remark, SourceFile};
use crate::lambda::Arch;
use crate::lambda::BOOTSTRAP;

/// Whether it is a service on AWS.
pub(crate) fn is_service(tree: &Tree) -> bool {
    tree.documents
        .iter()
        .any(|root| provider(root, &anchors(root)).is_some())
}

fn provider<'a>(root: &'a Node, anchors: &Anchors<'a>) -> Option<&'a Node> {
    root.own("service")?;
    root.own("functions")?;
    let provider = get(root, "provider", anchors)?.value;
    let name = get(provider, "name", anchors)?.value;
    (name.text() == Some("aws")).then_some(provider)
}

/// What there is to do in a service.
pub(crate) fn study(source: &SourceFile, tree: &Tree, wish: ReaderOptions) -> Analysis {
    let mut study = Analysis::default();
    let mut edits = Vec::new();
    for root in &tree.documents {
        let anchors = anchors(root);
        if let Some(provider) = provider(root, &anchors) {
            let mut service = Service {
                text: &source.text,
                root,
                provider,
                anchors,
                wish,
                edits: Vec::new(),
                remarks: Vec::new(),
                functions: 0,
                alone: false,
                takers: Vec::new(),
                settled: Vec::new(),
            };
            service.study();
            edits.append(&mut service.edits);
            study.remarks.append(&mut service.remarks);
            study.functions += service.functions;
            study.settled.append(&mut service.settled);
        }
    }
    study.edits = vec![edits];
    study
}

struct Service<'a> {
    text: &'a str,
    root: &'a Node,
    provider: &'a Node,
    anchors: Anchors<'a>,
    wish: ReaderOptions,
    edits: Vec<TextEdit>,
    remarks: Vec<Remark>,
    functions: usize,
    /// Whether nobody but the functions that move hears what the provider says of an
    /// architecture.
    alone: bool,
    /// The functions that take the provider's runtime.
    takers: Vec<&'a str>,
    /// The ranges of functions whose runtime is certain.
    settled: Vec<(usize, Range<usize>)>,
}

struct ServiceFunction<'a> {
    name: &'a str,
    map: &'a Node,
    old: OldRuntime,
    was: &'a str,
    handler: Option<&'a Node>,
    is_own: bool,
    artifact: Option<&'a str>,
}

impl<'a> Service<'a> {
    fn get(&self, map: &'a Node, name: &str) -> Option<&'a Node> {
        get(map, name, &self.anchors).map(|found| found.value)
    }

    fn study(&mut self) {
        self.resources();
        let is_whole = self.is_whole();
        let all = self
            .get(self.root, "functions")
            .map_or(&[][..], Node::entries);
        let of_provider = self.get(self.provider, "runtime");
        let zips = all.iter().filter(|(_, map)| map.own("image").is_none());
        let mut moving = Vec::new();
        let mut provider_takers = 0;
        for (key, map) in zips {
            let own = self.get(map, "runtime");
            provider_takers += usize::from(own.is_none());
            let Some(word) = own.or(of_provider) else {
                continue;
            };
            let shown = word.raw().unwrap_or_default();
            self.functions += usize::from(shown == "go1.x" || shown.starts_with("provided"));
            let Some((was, old)) = word
                .text()
                .and_then(|was| Some((was, OldRuntime::parse(was)?)))
            else {
                if shown.contains("${") {
                    self.computed(key, word);
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
                is_own: own.is_some(),
                artifact: artifact.and_then(Node::raw),
            });
        }
        let mut held: Vec<_> = moving
            .iter()
            .map(|function| self.held(function, &moving))
            .collect();
        self.selected(&moving, &mut held, is_whole);
        let from_provider = { moving.iter().zip(&held) }
            .filter(|(function, held)| !function.is_own && held.is_none())
            .count();
        let provider_moves = is_whole && from_provider == provider_takers;
        let says_none = |map: &'a Node| self.get(map, "architecture").is_none();
        let hearers = all.iter().filter(|(_, map)| says_none(map)).count();
        let moved = moving.iter().zip(&held).filter(|(_, held)| held.is_none());
        let moved = moved.filter(|(function, _)| says_none(function.map));
        self.alone = is_whole && hearers == moved.count();
        let names: Vec<_> = { moving.iter() }
            .filter(|function| !function.is_own)
            .map(|function| function.name)
            .collect();
        if let Some((word, was)) = of_provider.and_then(|word| Some((word, word.raw()?)))
            && !provider_moves
            && is_whole
            && !names.is_empty()
        {
            self.remarks
                .push(old_runtime::stays(word.span.start, was, &names));
        }
        self.takers = names;
        for (function, held) in moving.iter().zip(held) {
            match held {
                Some(remark) => self.remarks.push(remark),
                None if !function.is_own && !provider_moves => {
                    let what = format!(
                        "{} takes its runtime from the provider, and other functions that take it \
                         cannot move",
                        function.name
                    );
                    let help = format!("give it `runtime: {NEW}` of its own");
                    self.remarks
                        .push(Remark::todo(function.map.span.start, what, help));
                }
                None => self.function(function, provider_moves),
            }
        }
    }

    fn function(&mut self, function: &ServiceFunction<'a>, provider_moves: bool) {
        let map = if function.is_own {
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
            self.remarks
                .push(old_runtime::moved(at, function.name, function.was));
        }
        self.architecture(function, provider_moves);
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
                let why = format!("{}: a zip of its own", function.name);
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
            .push(old_runtime::built(at, function.name, was, zip));
    }

    /// Who takes the runtime of a function.
    fn owners(&self, function: &ServiceFunction<'a>) -> String {
        match function.is_own {
            true => function.name.to_owned(),
            false => old_runtime::owners("provider", &self.takers),
        }
    }

    fn architecture(&mut self, function: &ServiceFunction<'a>, provider_moves: bool) {
        let own = self.get(function.map, "architecture");
        let said = own.or_else(|| self.get(self.provider, "architecture"));
        let (arch, said) = match (self.wish.arch, said, function.old) {
            (Some(arch), said, _) => (arch, said),
            (None, None, OldRuntime::Go) => (Arch::X86_64, None),
            _ => return,
        };
        let mut why = format!("{}: architecture {arch}", function.name);
        match said {
            Some(node) if node.text() == Some(arch.name()) => {}
            Some(node) if node.literal().is_some() && own.is_some() => {
                self.set(node, arch.name(), why);
            }
            _ => {
                let new = ("architecture", NewValue::Text(arch.name()));
                let everybody = self.alone && provider_moves && !function.is_own && said.is_none();
                let map = if everybody {
                    why = format!("{}: architecture {arch}", self.owners(function));
                    self.provider
                } else {
                    function.map
                };
                self.add(function, map, &["runtime", "handler"], new, &why);
            }
        }
    }

    fn add(
        &mut self,
        function: &ServiceFunction<'a>,
        map: &Node,
        beside: &[&str],
        new: (&str, NewValue<'_>),
        why: &str,
    ) {
        let mut around = self.anchors.values();
        let is_shared = around.any(|anchored| anchored.span.contains(&map.span.start));
        let edit = insert::key(self.text, Syntax::Yaml, map, beside, new, why);
        match edit.filter(|_| !is_shared) {
            Some(edit) => self.edits.push(edit),
            None => {
                let help = format!("write {} by hand", new.0);
                self.remarks
                    .push(Remark::todo(function.map.span.start, why, help));
            }
        }
    }

    fn set(&mut self, node: &Node, new: &str, why: String) {
        self.edits.push(insert::value(self.text, node, new, why));
    }
}
