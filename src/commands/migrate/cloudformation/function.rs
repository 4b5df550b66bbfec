//! The functions of a template, with their own properties and those inherited from Globals.

use crate::commands::migrate::node::{Anchors, FoundValue, Node, get, resolve};
use crate::commands::migrate::old_runtime::OldRuntime;

/// A resource that is definitely a Lambda function.
pub(super) struct TemplateFunction<'a> {
    pub(super) name: &'a str,
    pub(super) is_serverless: bool,
    pub(super) resource: &'a Node,
    pub(super) properties: Option<&'a Node>,
    pub(super) metadata: Option<&'a Node>,
    pub(super) runtime: Option<FoundValue<'a>>,
    /// Globals, if the function inherits its runtime from there.
    pub(super) global_runtime: Option<&'a Node>,
    pub(super) handler: Option<FoundValue<'a>>,
    pub(super) architectures: Option<FoundValue<'a>>,
    pub(super) code: Option<FoundValue<'a>>,
    pub(super) layers: Option<FoundValue<'a>>,
    /// The old runtime, if the template contains it as a literal in one place.
    pub(super) old: Option<OldRuntime>,
}

/// The resource types of functions.
pub(super) const KINDS: [&str; 2] = ["AWS::Serverless::Function", "AWS::Lambda::Function"];

/// All functions. Images have no runtime.
pub(super) fn functions<'a>(root: &'a Node, anchors: &Anchors<'a>) -> Vec<TemplateFunction<'a>> {
    let globals = get(root, "Globals", anchors);
    let globals = globals.and_then(|found| get(found.value, "Function", anchors));
    let globals = globals.map(|found| found.value);
    let Some(resources) = get(root, "Resources", anchors) else {
        return Vec::new();
    };
    let entries = resources.value.entries().iter();
    entries
        .filter_map(|(key, value)| function(key, value, globals, anchors))
        .collect()
}

fn function<'a>(
    key: &'a Node,
    value: &'a Node,
    globals: Option<&'a Node>,
    anchors: &Anchors<'a>,
) -> Option<TemplateFunction<'a>> {
    let (resource, _) = resolve(value, anchors);
    let kind = get(resource, "Type", anchors)?.value;
    let kind = kind.text().filter(|kind| KINDS.contains(kind))?;
    let is_serverless = kind == KINDS[0];
    let properties = get(resource, "Properties", anchors).map(|found| found.value);
    let globals = globals.filter(|_| is_serverless);
    let own_property = |name| get(properties?, name, anchors);
    let global_property = |name| get(globals?, name, anchors);
    let either = |name| own_property(name).or_else(|| global_property(name));
    // An image has no runtime, but it inherits the architecture of Globals.
    let is_image = either("PackageType").is_some_and(|found| found.value.text() == Some("Image"));
    let of_zip = |name| either(name).filter(|_| !is_image);
    let runtime = of_zip("Runtime");
    // A transform may add any property, which is unknown here.
    let is_whole = own_property("Fn::Transform").is_none();
    let old = runtime
        .as_ref()
        .filter(|_| is_whole)
        .and_then(|found| OldRuntime::parse(found.value.literal()?));
    Some(TemplateFunction {
        name: key.text()?,
        is_serverless,
        resource,
        properties,
        metadata: get(resource, "Metadata", anchors).map(|found| found.value),
        global_runtime: globals.filter(|_| own_property("Runtime").is_none() && runtime.is_some()),
        runtime,
        handler: of_zip("Handler"),
        architectures: either("Architectures"),
        code: of_zip(if is_serverless { "CodeUri" } else { "Code" }),
        layers: of_zip("Layers"),
        old,
    })
}

impl TemplateFunction<'_> {
    /// The byte that remarks about the function refer to.
    pub(super) fn at(&self) -> usize {
        let own_runtime = self
            .runtime
            .as_ref()
            .filter(|_| self.global_runtime.is_none());
        own_runtime.map_or(self.resource.span.start, |found| found.key.span.start)
    }

    pub(super) fn handler_text(&self) -> Option<&str> {
        self.handler.as_ref()?.value.text()
    }

    /// Returns true if the metadata tells SAM how to build the function, or not to build it.
    pub(super) fn is_built(&self) -> bool {
        let has_key = |name| {
            self.metadata
                .is_some_and(|map| map.own_entry(name).is_some())
        };
        has_key("BuildMethod") || has_key("SkipBuild")
    }

    /// Returns true if SAM builds the function with its builder for Go, before or after the
    /// migration.
    pub(super) fn is_built_as_go(&self) -> bool {
        let method = self.metadata.and_then(|map| map.own_entry("BuildMethod"));
        let is_go = |(_, value): &(Node, Node)| value.text() == Some("go1.x");
        self.is_serverless && method.map_or(!self.is_built(), is_go)
    }

    /// Returns true if CDK generated the function. CDK overwrites it with every synthesis.
    pub(super) fn is_made_by_cdk(&self) -> bool {
        let path = |map: &Node| map.own_entry("aws:cdk:path").is_some();
        self.metadata.is_some_and(path)
    }

    /// Returns true if the function has a custom runtime or Go's own.
    pub(super) fn is_custom(&self) -> bool {
        let runtime = self.runtime.as_ref().and_then(|found| found.value.text());
        runtime.is_some_and(|name| name == "go1.x" || name.starts_with("provided"))
    }
}
