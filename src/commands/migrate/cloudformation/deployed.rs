//! The functions of a template, as far as their architectures go.

use crate::commands::migrate::cloudformation::function::{TemplateFunction, functions};
use crate::commands::migrate::deployed::{DeclaredArch, DeployedFunction, is_custom, line};
use crate::commands::migrate::node::{Anchors, Node, NodeData, Tree, anchors, get, resolve};
use crate::commands::migrate::old_runtime::SourceFile;

/// Reads a template; nothing if it has no functions.
pub(crate) fn deployed(source: &SourceFile, tree: &Tree) -> Vec<DeployedFunction> {
    let mut all = Vec::new();
    for root in &tree.documents {
        let anchors = anchors(root);
        let functions = functions(root, &anchors);
        let functions = functions.iter();
        all.extend(functions.filter_map(|function| one(function, source, root, &anchors)));
    }
    all
}

fn one<'a>(
    function: &TemplateFunction<'a>,
    source: &SourceFile,
    root: &'a Node,
    anchors: &Anchors<'a>,
) -> Option<DeployedFunction> {
    // An image has no runtime; its architecture says nothing of a zip.
    let runtime = function.runtime.as_ref()?;
    if !is_custom(runtime.value.text()) {
        return None;
    }
    let at = match &function.architectures {
        Some(found) => found.value.span.start,
        None => function.resource.span.start,
    };
    let arch = match &function.architectures {
        Some(found) => named(found.value, root, anchors),
        None => DeclaredArch::Default,
    };
    let properties = function.properties;
    let own = |map: Option<&'a Node>, name| get(map?, name, anchors)?.value.raw();
    let mut names = vec![function.name.to_owned()];
    names.extend(own(properties, "FunctionName").map(str::to_owned));
    // SAM hands the name of a Rust binary to cargo-lambda.
    let build = function
        .metadata
        .and_then(|map| get(map, "BuildProperties", anchors));
    names.extend(own(build.map(|found| found.value), "Binary").map(str::to_owned));
    let code = function.code.as_ref().and_then(|found| found.value.text());
    Some(DeployedFunction {
        file: source.path.clone(),
        line: line(&source.text, at),
        names,
        code: code.map(str::to_owned),
        arch,
    })
}

/// `[arm64]`, `[!Ref Parameter]` with a default, or something computed.
fn named<'a>(value: &'a Node, root: &'a Node, anchors: &Anchors<'a>) -> DeclaredArch {
    let (value, _) = resolve(value, anchors);
    let one = match &value.data {
        NodeData::List(items) => match &items[..] {
            [one] => resolve(one, anchors).0,
            _ => return DeclaredArch::Computed,
        },
        _ => value,
    };
    if let Some(word) = one.text() {
        return DeclaredArch::parse(word);
    }
    let parameter = match (&one.tag, one.raw()) {
        (Some(tag), Some(name)) if tag.ends_with("Ref") => Some(name),
        _ => get(one, "Ref", anchors).and_then(|found| found.value.text()),
    };
    let default = parameter.and_then(|name| {
        let parameters = get(root, "Parameters", anchors)?.value;
        let parameter = get(parameters, name, anchors)?.value;
        get(parameter, "Default", anchors)?.value.text()
    });
    default.map_or(DeclaredArch::Computed, DeclaredArch::parse)
}
