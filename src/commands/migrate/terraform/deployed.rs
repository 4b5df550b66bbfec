//! The functions of a folder with their architectures.

use hcl_edit::Span;
use hcl_edit::expr::Expression;
use hcl_edit::structure::{Block, Body};

use crate::commands::migrate::deployed::function::{
    DeclaredArch, DeployedFunction, is_custom, line_number,
};
use crate::commands::migrate::hcl;
use crate::commands::migrate::old_runtime::SourceFile;
use crate::commands::migrate::terraform::function::{block_name, is_function};

/// Reads the files of a folder. A file that cannot be parsed contributes nothing.
pub(crate) fn deployed(sources: &[SourceFile]) -> Vec<DeployedFunction> {
    let read = |source: &SourceFile| hcl::read(&source.text).unwrap_or_default();
    let bodies: Vec<_> = sources.iter().map(read).collect();
    let mut all = Vec::new();
    for (source, body) in sources.iter().zip(&bodies) {
        let functions = body.blocks().filter(|block| is_function(block));
        all.extend(functions.filter_map(|block| deployed_function(block, source, &bodies)));
    }
    all
}

fn deployed_function(
    block: &Block,
    source: &SourceFile,
    bodies: &[Body],
) -> Option<DeployedFunction> {
    let attribute = |name| block.body.get_attribute(name).map(|found| &found.value);
    let runtime = attribute("runtime");
    let runtime = runtime.and_then(|value| string_value(value, bodies));
    if !is_custom(runtime.as_deref()) {
        return None;
    }
    let arch = attribute("architectures");
    let named = arch.map_or(DeclaredArch::Default, |value| {
        let items = value.as_array().filter(|array| array.len() == 1);
        let item = items.and_then(|array| array.iter().next()).unwrap_or(value);
        string_value(item, bodies).map_or(DeclaredArch::Computed, |word| DeclaredArch::parse(&word))
    });
    let shown = |value: &Expression| {
        let text = source.text.get(value.span().unwrap_or_default());
        text.unwrap_or_default().trim_matches('"').to_owned()
    };
    let mut names = vec![
        block_name(block)
            .rsplit('.')
            .next()
            .unwrap_or_default()
            .to_owned(),
    ];
    names.extend(attribute("function_name").map(shown));
    const CODE: [&str; 3] = ["filename", "local_existing_package", "source_path"];
    let code = CODE.iter().find_map(|name| attribute(name)).map(shown);
    let archived = code
        .as_deref()
        .and_then(|code| archive_source(code, bodies));
    let at = arch.map_or_else(|| block.span(), Span::span);
    Some(DeployedFunction {
        file: source.path.clone(),
        line: line_number(&source.text, at.unwrap_or_default().start),
        names,
        code: archived.or(code),
        arch: named,
    })
}

/// The value of a string, or of the local or the variable that it refers to.
fn string_value(value: &Expression, bodies: &[Body]) -> Option<String> {
    if let Some(word) = value.as_str() {
        return Some(word.to_owned());
    }
    let (root, wanted) = hcl::reference(value)?;
    let found = bodies.iter().flat_map(Body::blocks).find_map(|block| {
        let label = block.labels.first().map(|label| label.as_str());
        match (root, block.ident.as_str()) {
            ("local", "locals") => block.body.get_attribute(wanted),
            ("var", "variable") if label == Some(wanted) => block.body.get_attribute("default"),
            _ => None,
        }
    })?;
    // The default of a variable for the whole list may be `["arm64"]`.
    let items = found.value.as_array().filter(|array| array.len() == 1);
    let one = items
        .and_then(|array| array.iter().next())
        .unwrap_or(&found.value);
    one.as_str().map(str::to_owned)
}

/// The program or folder in an archive that Terraform makes.
fn archive_source(code: &str, bodies: &[Body]) -> Option<String> {
    let name = code.strip_prefix("data.archive_file.")?.split('.').next()?;
    let block = bodies.iter().flat_map(Body::blocks).find(|block| {
        let labels: Vec<_> = block.labels.iter().map(|label| label.as_str()).collect();
        block.ident.as_str() == "data" && labels == ["archive_file", name]
    })?;
    let names = ["source_file", "source_dir"];
    let attribute = names
        .iter()
        .find_map(|name| block.body.get_attribute(name))?;
    match &attribute.value {
        Expression::String(text) => Some(text.as_str().to_owned()),
        Expression::StringTemplate(template) => {
            Some(template.to_string().trim_matches('"').to_owned())
        }
        _ => None,
    }
}
