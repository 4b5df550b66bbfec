//! The functions of a template with their architectures.

use crate::commands::migrate::cloudformation::function::{TemplateFunction, functions};
use crate::commands::migrate::deployed::function::{
    DeclaredArch, DeployedFunction, is_custom, line_number,
};
use crate::commands::migrate::node::{Anchors, Node, NodeData, Tree, anchors, get, resolve};
use crate::commands::migrate::old_runtime::SourceFile;

/// Reads a template. Returns nothing for other files.
pub(crate) fn deployed(source: &SourceFile, tree: &Tree) -> Vec<DeployedFunction> {
    let mut all = Vec::new();
    for root in &tree.documents {
        let anchors = anchors(root);
        let functions = functions(root, &anchors);
        let functions = functions.iter();
        all.extend(
            functions.filter_map(|function| deployed_function(function, source, root, &anchors)),
        );
    }
    all
}

fn deployed_function<'a>(
    function: &TemplateFunction<'a>,
    source: &SourceFile,
    root: &'a Node,
    anchors: &Anchors<'a>,
) -> Option<DeployedFunction> {
    // An image has no runtime, and its architecture does not apply to a zip.
    let runtime = function.runtime.as_ref()?;
    if !is_custom(runtime.value.text()) {
        return None;
    }
    let at = match &function.architectures {
        Some(found) => found.value.span.start,
        None => function.resource.span.start,
    };
    let arch = match &function.architectures {
        Some(found) => declared_arch(found.value, root, anchors),
        None => DeclaredArch::Default,
    };
    let code = function.code.as_ref().and_then(|found| found.value.text());
    Some(DeployedFunction {
        file: source.path.clone(),
        line: line_number(&source.text, at),
        names: names(function, anchors),
        code: code.map(str::to_owned),
        arch,
    })
}

/// The names that a function may have in its project.
pub(crate) fn names<'a>(function: &TemplateFunction<'a>, anchors: &Anchors<'a>) -> Vec<String> {
    let raw_value = |map: Option<&'a Node>, name| get(map?, name, anchors)?.value.raw();
    let mut names = vec![function.name.to_owned()];
    names.extend(raw_value(function.properties, "FunctionName").map(str::to_owned));
    // SAM passes the name of a Rust binary to cargo-lambda.
    let build = function
        .metadata
        .and_then(|map| get(map, "BuildProperties", anchors));
    names.extend(raw_value(build.map(|found| found.value), "Binary").map(str::to_owned));
    names
}

/// Resolves `[arm64]` and `[!Ref Parameter]` with a default. Everything else is computed.
fn declared_arch<'a>(value: &'a Node, root: &'a Node, anchors: &Anchors<'a>) -> DeclaredArch {
    let (value, _) = resolve(value, anchors);
    let item = match &value.data {
        NodeData::List(items) => match &items[..] {
            [item] => resolve(item, anchors).0,
            _ => return DeclaredArch::Computed,
        },
        _ => value,
    };
    if let Some(word) = item.text() {
        return DeclaredArch::parse(word);
    }
    let parameter = match (&item.tag, item.raw()) {
        (Some(tag), Some(name)) if tag.ends_with("Ref") => Some(name),
        _ => get(item, "Ref", anchors).and_then(|found| found.value.text()),
    };
    let default = parameter.and_then(|name| {
        let parameters = get(root, "Parameters", anchors)?.value;
        let parameter = get(parameters, name, anchors)?.value;
        get(parameter, "Default", anchors)?.value.text()
    });
    default.map_or(DeclaredArch::Computed, DeclaredArch::parse)
}
