//! Finds the functions of a folder and where each takes its runtime from.

use std::collections::BTreeSet;

use hcl_edit::Span;
use hcl_edit::expr::Expression;
use hcl_edit::structure::Block;
use hcl_edit::visit::{Visit, visit_expr};

use crate::commands::migrate::hcl;
use crate::commands::migrate::old_runtime::{NEW, OldRuntime, Remark};
use crate::commands::migrate::terraform::folder::TerraformFolder;
use crate::lambda::BOOTSTRAP;

/// A block that is definitely a Lambda function with an old runtime.
pub(super) struct TerraformFunction<'a> {
    pub(super) file: usize,
    pub(super) name: String,
    pub(super) block: &'a Block,
    /// The file and the first byte of the string literal that is its runtime, including the quote.
    pub(super) literal: (usize, usize),
    /// The name of its runtime, such as `go1.x`.
    pub(super) runtime: String,
    pub(super) old: OldRuntime,
    /// `("local" | "var", name)`, if it takes its runtime from there.
    pub(super) reference: Option<(&'a str, &'a str)>,
}

/// Returns true if a block is a function. A module that merely receives a runtime is not one.
pub(super) fn is_function(block: &Block) -> bool {
    let source = hcl::text(block, "source").unwrap_or_default();
    let is_image = hcl::text(block, "package_type") == Some("Image");
    let first_label = block.labels.first().map(|label| label.as_str());
    let has_function_type = match block.ident.as_str() {
        "resource" => first_label == Some("aws_lambda_function"),
        "module" => {
            source.starts_with("terraform-aws-modules/lambda/aws")
                || source.contains("terraform-aws-modules/terraform-aws-lambda")
        }
        _ => false,
    };
    has_function_type && !is_image
}

/// A note about a resource that names an old runtime but is not a function with a zip.
fn not_a_function(block: &Block, at: usize) -> Option<Remark> {
    let runtime =
        hcl::text(block, "runtime").filter(|runtime| OldRuntime::parse(runtime).is_some())?;
    let kind = block
        .labels
        .first()
        .filter(|_| block.ident.as_str() == "resource")?;
    let name = block_name(block);
    let what = match kind.as_str() {
        "aws_lambda_function" => {
            format!("{name} is a container image and does not use `{runtime}`")
        }
        _ => format!("`{runtime}` of {name} is not the runtime of a function"),
    };
    Some(Remark::hint(at, what, "check whether it matters"))
}

/// The address of a block, such as `aws_lambda_function.orders` or `module.orders`.
pub(super) fn block_name(block: &Block) -> String {
    let labels: Vec<_> = block.labels.iter().map(|label| label.as_str()).collect();
    match block.ident.as_str() {
        "resource" => labels.join("."),
        ident => format!("{ident}.{}", labels.join(".")),
    }
}

impl<'a> TerraformFolder<'a> {
    /// The functions whose runtime is an old one, and the names of those whose runtime is computed.
    pub(super) fn functions(&mut self) -> (Vec<TerraformFunction<'a>>, Vec<String>) {
        let (mut functions, mut computed) = (Vec::new(), Vec::new());
        for (file, block) in self.blocks() {
            let Some(runtime) = block.body.get_attribute("runtime") else {
                continue;
            };
            let at = runtime.span().unwrap_or_default().start;
            if !is_function(block) {
                self.report_other_block(file, block, &runtime.value, at);
                continue;
            }
            let reference = hcl::reference(&runtime.value);
            let literal = match reference {
                Some(reference) => self.definition(reference),
                None => hcl::string(&self.sources[file].text, &runtime.value)
                    .map(|(name, span)| (file, name.to_owned(), span.start)),
            };
            let is_computed = literal.is_none();
            if let Some((literal_file, name, start)) = literal
                && let Some(old) = OldRuntime::parse(&name)
            {
                functions.push(TerraformFunction {
                    file,
                    name: block_name(block),
                    block,
                    literal: (literal_file, start),
                    runtime: name,
                    old,
                    reference,
                });
                continue;
            }
            if is_computed {
                computed.push(block_name(block));
            }
            let expression = self.slice(file, &runtime.value);
            let is_custom = expression.contains("provided") || expression.contains("go1.x");
            self.analysis.functions += usize::from(is_custom);
            let old_literals = ["\"go1.x\"", "\"provided\"", "\"provided.al2\""];
            if old_literals.iter().any(|old| expression.contains(old)) {
                let what = format!("{} has a computed runtime", block_name(block));
                let help = format!("write `{NEW}` in it, and set `handler = \"{BOOTSTRAP}\"`");
                self.report(file, Remark::todo(at, what, help));
            }
        }
        self.analysis.functions += functions.len();
        (functions, computed)
    }

    /// Reports a block with a `runtime` that is not a function: an image, another kind of resource,
    /// or a module that may create a function from it.
    fn report_other_block(&mut self, file: usize, block: &Block, runtime: &Expression, at: usize) {
        if let Some(remark) = not_a_function(block, at) {
            return self.report(file, remark);
        }
        let old_runtime = runtime
            .as_str()
            .filter(|name| OldRuntime::parse(name).is_some());
        if let Some(name) = old_runtime
            && block.ident.as_str() == "module"
        {
            let what = format!("{} gets the runtime `{name}`", block_name(block));
            let help =
                format!("if it creates a function, give it `{NEW}` and a zip with `{BOOTSTRAP}`");
            self.report(file, Remark::todo(at, what, help));
        }
    }

    /// Reports every old runtime in locals and variables that a computed runtime may evaluate to.
    pub(super) fn report_computed_runtimes(&mut self, names: &[String]) {
        if names.is_empty() {
            return;
        }
        let mut covered: BTreeSet<(usize, usize)> = BTreeSet::new();
        for (file, edits) in self.analysis.edits.iter().enumerate() {
            // An edit starts after the quote of its string.
            covered.extend(edits.iter().map(|edit| (file, edit.start.wrapping_sub(1))));
        }
        let remarks = self.analysis.remarks.iter();
        covered.extend(remarks.map(|remark| (remark.file, remark.at)));
        for (file, block) in self.blocks() {
            if !["locals", "variable"].contains(&block.ident.as_str()) {
                continue;
            }
            let mut strings = RuntimeStrings::default();
            strings.visit_body(&block.body);
            for (at, runtime) in strings.0 {
                if !covered.insert((file, at)) {
                    continue;
                }
                let what = format!("`{runtime}` may be the runtime of {}", names.join(", "));
                let help = format!(
                    "if it is, write `{NEW}` here, set `handler = \"{BOOTSTRAP}\"` and \
                     `architectures` \
                     in the function, and give each function its own zip"
                );
                self.report(file, Remark::todo(at, what, help));
            }
        }
    }
}

/// Collects the strings that name an old runtime, each with its first byte.
#[derive(Default)]
struct RuntimeStrings(Vec<(usize, String)>);

impl Visit for RuntimeStrings {
    fn visit_expr(&mut self, node: &Expression) {
        if let (Some(value), Some(span)) = (node.as_str(), node.span())
            && OldRuntime::parse(value).is_some()
        {
            self.0.push((span.start, value.to_owned()));
        }
        visit_expr(self, node);
    }
}
