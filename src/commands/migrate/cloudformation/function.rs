//! The functions of a template, with their own properties and those inherited from Globals.

use crate::commands::migrate::node::{Anchors, FoundValue, Node, get, resolve};
use crate::commands::migrate::old_runtime::OldRuntime;

/// A resource that is definitely a Lambda function.
pub(crate) struct TemplateFunction<'a> {
    pub(crate) name: &'a str,
    pub(crate) is_serverless: bool,
    pub(crate) resource: &'a Node,
    pub(crate) properties: Option<&'a Node>,
    pub(crate) metadata: Option<&'a Node>,
    pub(crate) runtime: Option<FoundValue<'a>>,
    /// Globals, if the function inherits its runtime from there.
    pub(crate) global_runtime: Option<&'a Node>,
    pub(crate) handler: Option<FoundValue<'a>>,
    pub(crate) architectures: Option<FoundValue<'a>>,
    pub(crate) code: Option<FoundValue<'a>>,
    pub(crate) layers: Option<FoundValue<'a>>,
    /// The old runtime, if the template contains it as a literal in one place.
    pub(crate) old: Option<OldRuntime>,
}

/// The resource types of functions.
pub(crate) const KINDS: [&str; 2] = ["AWS::Serverless::Function", "AWS::Lambda::Function"];

/// All functions. Images have no runtime.
pub(crate) fn functions<'a>(root: &'a Node, anchors: &Anchors<'a>) -> Vec<TemplateFunction<'a>> {
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
    pub(crate) fn at(&self) -> usize {
        let own_runtime = self
            .runtime
            .as_ref()
            .filter(|_| self.global_runtime.is_none());
        own_runtime.map_or(self.resource.span.start, |found| found.key.span.start)
    }

    pub(crate) fn handler_text(&self) -> Option<&str> {
        self.handler.as_ref()?.value.text()
    }

    /// Returns true if the metadata tells SAM how to build the function, or not to build it.
    pub(crate) fn is_built(&self) -> bool {
        let has_key = |name| {
            self.metadata
                .is_some_and(|map| map.own_entry(name).is_some())
        };
        has_key("BuildMethod") || has_key("SkipBuild")
    }

    /// Returns true if SAM builds the function with its builder for Go, before or after the
    /// migration.
    pub(crate) fn is_built_as_go(&self) -> bool {
        let method = self.metadata.and_then(|map| map.own_entry("BuildMethod"));
        let is_go = |(_, value): &(Node, Node)| value.text() == Some("go1.x");
        self.is_serverless && method.map_or(!self.is_built(), is_go)
    }

    /// Returns true if CDK generated the function. CDK overwrites it with every synthesis.
    pub(crate) fn is_made_by_cdk(&self) -> bool {
        let path = |map: &Node| map.own_entry("aws:cdk:path").is_some();
        self.metadata.is_some_and(path)
    }

    /// Returns true if the function has a custom runtime or Go's own.
    pub(crate) fn is_custom(&self) -> bool {
        let runtime = self.runtime.as_ref().and_then(|found| found.value.text());
        runtime.is_some_and(|name| name == "go1.x" || name.starts_with("provided"))
    }
}
