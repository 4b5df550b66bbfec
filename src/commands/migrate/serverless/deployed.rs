//! The functions of a service with their architectures.

use crate::commands::migrate::deployed::function::{
    DeclaredArch, DeployedFunction, is_custom, is_own_name, line_number,
};
use crate::commands::migrate::node::{Anchors, Node, NodeData, Tree, anchors, get, resolve};
use crate::commands::migrate::old_runtime::SourceFile;
use crate::commands::migrate::serverless::service::provider;

/// Reads a service. Returns nothing for other files.
pub(crate) fn deployed(source: &SourceFile, tree: &Tree) -> Vec<DeployedFunction> {
    let mut all = Vec::new();
    for root in &tree.documents {
        let anchors = anchors(root);
        let Some(provider) = provider(root, &anchors) else {
            continue;
        };
        let functions = get(root, "functions", &anchors).map(|found| found.value);
        let functions = functions.map_or(&[][..], Node::entries);
        let functions = functions.iter();
        all.extend(functions.filter_map(|(key, map)| {
            let (map, _) = resolve(map, &anchors);
            deployed_function(key, map, root, provider, &anchors, source)
        }));
    }
    all
}

fn deployed_function<'a>(
    key: &'a Node,
    map: &'a Node,
    root: &'a Node,
    provider: &'a Node,
    anchors: &Anchors<'a>,
    source: &SourceFile,
) -> Option<DeployedFunction> {
    let of_function = |name| get(map, name, anchors).map(|found| found.value);
    let of_provider = |name| get(provider, name, anchors).map(|found| found.value);
    if !matches!(map.data, NodeData::Map(..)) || of_function("image").is_some() {
        return None;
    }
    let runtime = of_function("runtime").or_else(|| of_provider("runtime"));
    let runtime = runtime
        .and_then(Node::text)
        .filter(|word| !word.contains("${"));
    if !is_custom(runtime) {
        return None;
    }
    let arch = of_function("architecture").or_else(|| of_provider("architecture"));
    let package =
        of_function("package").or_else(|| get(root, "package", anchors).map(|found| found.value));
    let zip = package.and_then(|package| get(package, "artifact", anchors)?.value.raw());
    Some(DeployedFunction {
        file: source.path.clone(),
        line: line_number(&source.text, arch.unwrap_or(key).span.start),
        names: names(key, map, anchors),
        code: zip.map(str::to_owned),
        arch: match arch {
            Some(arch) => DeclaredArch::parse(arch.text().unwrap_or_default()),
            None => DeclaredArch::Default,
        },
    })
}

/// The names that a function may have in its project.
pub(crate) fn names<'a>(key: &'a Node, map: &'a Node, anchors: &Anchors<'a>) -> Vec<String> {
    let raw_value = |name| get(map, name, anchors)?.value.raw();
    let mut names: Vec<_> = key.text().map(str::to_owned).into_iter().collect();
    names.extend(raw_value("name").map(str::to_owned));
    // `bin/orders`, from the time when a handler was the path of a program.
    let handler = raw_value("handler").unwrap_or_default();
    let program = handler.rsplit('/').next().unwrap_or_default();
    if is_own_name(program) {
        names.push(program.to_owned());
    }
    names
}
