//! The functions of a folder, and where each takes its runtime from.

use hcl_edit::Span;
use hcl_edit::expr::Expression;
use hcl_edit::structure::Block;
use hcl_edit::visit::{Visit, visit_expr};

use crate::commands::migrate::hcl;
use crate::commands::migrate::old_runtime::{NEW, OldRuntime, Remark};
use crate::commands::migrate::terraform::TerraformFolder;
use crate::lambda::BOOTSTRAP;

/// A block that is surely a Lambda function.
pub(super) struct TerraformFunction<'a> {
    pub(super) file: usize,
    pub(super) name: String,
    pub(super) block: &'a Block,
    /// Where the word of its runtime stands: the file, and the byte of its quote.
    pub(super) word: (usize, usize),
    pub(super) was: String,
    pub(super) old: OldRuntime,
    /// `local.x` or `var.x`, where it takes its runtime from there.
    pub(super) from: Option<(&'a str, &'a str)>,
}

/// Whether a block is a function; modules that are merely given a runtime are not.
pub(super) fn is_function(block: &Block) -> bool {
    let source = hcl::text(block, "source").unwrap_or_default();
    let is_image = hcl::text(block, "package_type") == Some("Image");
    let first = block.labels.first().map(|label| label.as_str());
    let is_one = match block.ident.as_str() {
        "resource" => first == Some("aws_lambda_function"),
        "module" => {
            source.starts_with("terraform-aws-modules/lambda/aws")
                || source.contains("terraform-aws-modules/terraform-aws-lambda")
        }
        _ => false,
    };
    is_one && !is_image
}

/// Of a resource with an old runtime that is certainly no function of Lambda with a zip.
fn not_a_function(block: &Block, at: usize) -> Option<Remark> {
    let was = hcl::text(block, "runtime").filter(|was| OldRuntime::of(was).is_some())?;
    let kind = block
        .labels
        .first()
        .filter(|_| block.ident.as_str() == "resource")?;
    let what = match kind.as_str() {
        "aws_lambda_function" => format!("{} is an image and does not use `{was}`", name(block)),
        _ => format!(
            "`{was}` of {} is not the runtime of a function",
            name(block)
        ),
    };
    Some(Remark::hint(at, what, "see whether it matters"))
}

pub(super) fn name(block: &Block) -> String {
    let labels: Vec<_> = block.labels.iter().map(|label| label.as_str()).collect();
    match block.ident.as_str() {
        "resource" => labels.join("."),
        ident => format!("{ident}.{}", labels.join(".")),
    }
}

impl<'a> TerraformFolder<'a> {
    /// The functions that move, as far as their own words say, and the names of those whose
    /// runtime nobody knows here.
    pub(super) fn functions(&mut self) -> (Vec<TerraformFunction<'a>>, Vec<String>) {
        let (mut functions, mut computed) = (Vec::new(), Vec::new());
        for (file, block) in self.blocks() {
            let Some(runtime) = block.body.get_attribute("runtime") else {
                continue;
            };
            let at = runtime.span().unwrap_or_default().start;
            let shown = self.slice(file, &runtime.value);
            if !is_function(block) {
                if let Some(remark) = not_a_function(block, at) {
                    self.study.remarks.push(remark.of(file));
                    continue;
                }
                let is_module = block.ident.as_str() == "module";
                if let Some(was) = runtime
                    .value
                    .as_str()
                    .filter(|was| is_module && OldRuntime::of(was).is_some())
                {
                    let what = format!("{} is given the runtime {was}", name(block));
                    let help = format!(
                        "where it makes a function, give it {NEW}, and a zip with `{BOOTSTRAP}`"
                    );
                    self.study
                        .remarks
                        .push(Remark::todo(at, what, help).of(file));
                }
                continue;
            }
            let from = hcl::reference(&runtime.value);
            let place = match from {
                Some(from) => self.definition(from),
                None => hcl::string(&self.sources[file].text, &runtime.value)
                    .map(|(was, span)| (file, was.to_owned(), span.start)),
            };
            match place.as_ref().and_then(|(_, was, _)| OldRuntime::of(was)) {
                Some(old) => {
                    let (word_file, was, start) = place.unwrap_or_default();
                    functions.push(TerraformFunction {
                        file,
                        name: name(block),
                        block,
                        word: (word_file, start),
                        was,
                        old,
                        from,
                    });
                }
                None => {
                    if place.is_none() {
                        computed.push(name(block));
                    }
                    let is_custom = shown.contains("provided") || shown.contains("go1.x");
                    self.study.functions += usize::from(is_custom);
                    let olds = ["\"go1.x\"", "\"provided\"", "\"provided.al2\""];
                    if olds.iter().any(|old| shown.contains(old)) {
                        let what = format!("{} has a runtime that is computed", name(block));
                        let help = format!("write {NEW} in it, and `handler = \"{BOOTSTRAP}\"`");
                        self.study
                            .remarks
                            .push(Remark::todo(at, what, help).of(file));
                    }
                }
            }
        }
        self.study.functions += functions.len();
        (functions, computed)
    }

    /// Where a local, or the default of a variable, is a word.
    fn definition(&self, (root, wanted): (&str, &str)) -> Option<(usize, String, usize)> {
        let mut found = self.blocks().filter_map(|(file, block)| {
            let is_named = || {
                block
                    .labels
                    .first()
                    .is_some_and(|label| label.as_str() == wanted)
            };
            let attribute = match (root, block.ident.as_str()) {
                ("local", "locals") => block.body.get_attribute(wanted)?,
                ("var", "variable") if is_named() => block.body.get_attribute("default")?,
                _ => return None,
            };
            let (was, span) = hcl::string(&self.sources[file].text, &attribute.value)?;
            Some((file, was.to_owned(), span.start))
        });
        let first = found.next()?;
        found.next().is_none().then_some(first)
    }

    /// The words in locals and variables that a computed runtime may be.
    pub(super) fn computed(&mut self, names: &[String]) {
        if names.is_empty() {
            return;
        }
        for (file, block) in self.blocks() {
            if !["locals", "variable"].contains(&block.ident.as_str()) {
                continue;
            }
            let mut words = RuntimeStrings::default();
            words.visit_body(&block.body);
            for (at, was) in words.0 {
                let is_known = self.study.edits[file]
                    .iter()
                    .any(|edit| edit.start == at + 1)
                    || self
                        .study
                        .remarks
                        .iter()
                        .any(|told| (told.file, told.at) == (file, at));
                if is_known {
                    continue;
                }
                let what = format!("`{was}` may be the runtime of {}", names.join(", "));
                let help = format!(
                    "where it is, write {NEW} here, `handler = \"{BOOTSTRAP}\"` and `architectures` \
                     in the function, and give each a zip of its own"
                );
                self.study
                    .remarks
                    .push(Remark::todo(at, what, help).of(file));
            }
        }
    }
}

/// Strings that are old runtimes, and where they start.
#[derive(Default)]
struct RuntimeStrings(Vec<(usize, String)>);

impl Visit for RuntimeStrings {
    fn visit_expr(&mut self, node: &Expression) {
        if let (Some(word), Some(span)) = (node.as_str(), node.span())
            && OldRuntime::of(word).is_some()
        {
            self.0.push((span.start, word.to_owned()));
        }
        visit_expr(self, node);
    }
}
