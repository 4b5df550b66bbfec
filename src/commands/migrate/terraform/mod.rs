//! Terraform: `aws_lambda_function`, and the lambda module of terraform-aws-modules.
//!
//! In: all files of a folder, as a local or a variable may stand in any of them. Out: what
//! to edit, and what to say. Lines stay as `terraform fmt` would have them.
//! Absent: what other modules do with a runtime that they are given: that is reported.

mod archive;
pub(crate) mod deployed;
mod found;
mod kept;
mod line;

use hcl_edit::Span;
use hcl_edit::structure::{Block, Body};

use crate::commands::migrate::edit::TextEdit;
use crate::commands::migrate::hcl;
use crate::commands::migrate::hcl::UseCounts;
use crate::commands::migrate::old_runtime;
use crate::commands::migrate::old_runtime::ReaderOptions;
use crate::commands::migrate::old_runtime::{Analysis, NEW, OldRuntime, Remark, SourceFile};
use crate::commands::migrate::terraform::found::TerraformFunction;
use crate::lambda::Arch;
use crate::lambda::BOOTSTRAP;

struct TerraformFolder<'a> {
    sources: &'a [SourceFile],
    bodies: &'a [Body],
    uses: UseCounts,
    wish: ReaderOptions,
    study: Analysis,
}

/// What there is to do in a folder.
pub(crate) fn study(sources: &[SourceFile], wish: ReaderOptions) -> anyhow::Result<Analysis> {
    let bodies = sources.iter().map(|source| hcl::read(&source.text));
    let bodies: Vec<_> = bodies.collect::<anyhow::Result<_>>()?;
    let mut uses = UseCounts::default();
    bodies.iter().for_each(|body| uses.add(body));
    let mut folder = TerraformFolder {
        sources,
        bodies: &bodies,
        uses,
        wish,
        study: Analysis::default(),
    };
    folder.study.edits.resize(sources.len(), Vec::new());
    let (functions, computed) = folder.functions();
    for function in &functions {
        let range = function.block.span().unwrap_or_default();
        folder.study.settled.push((function.file, range));
        folder.function(function, &functions);
    }
    folder.computed(&computed);
    Ok(folder.study)
}

impl<'a> TerraformFolder<'a> {
    fn blocks(&self) -> impl Iterator<Item = (usize, &'a Block)> + use<'a> {
        let bodies = self.bodies.iter().enumerate();
        bodies.flat_map(|(file, body)| body.blocks().map(move |block| (file, block)))
    }

    fn slice(&self, file: usize, of: &impl Span) -> &'a str {
        let span = of.span().unwrap_or_default();
        self.sources[file].text.get(span).unwrap_or_default()
    }

    fn edit(&mut self, file: usize, edit: TextEdit) {
        self.study.edits[file].push(edit);
    }

    fn say(&mut self, file: usize, remark: Remark) {
        self.study.remarks.push(remark.of(file));
    }

    fn function(&mut self, function: &TerraformFunction<'a>, all: &[TerraformFunction<'a>]) {
        let (file, text) = (function.file, &self.sources[function.file].text);
        let runtime = function.block.body.get_attribute("runtime");
        let at = runtime
            .and_then(|runtime| hcl::start(text, runtime))
            .unwrap_or(0);
        let held = |other: &&TerraformFunction<'_>| {
            !self.others(other, all).is_empty() || self.stays(other).is_some()
        };
        if let Some(remark) = self.stays(function) {
            return self.hold(function, remark);
        }
        let others = self.others(function, all);
        if !others.is_empty() {
            let place =
                old_runtime::quoted(self.code(function).unwrap_or_default(), "one expression");
            let remark = old_runtime::shared(at, &function.name, &others, place);
            return self.hold(function, remark);
        }
        if let Some(from) = function.from {
            let takers: Vec<_> = all
                .iter()
                .filter(|other| other.from == Some(from))
                .collect();
            if self.uses.of(from) != takers.len() || takers.iter().any(held) {
                let what = format!(
                    "{}.{} is `{}`, the runtime of {}, and is used elsewhere",
                    from.0, from.1, function.was, function.name
                );
                let help = format!(
                    "give {} `runtime = \"{NEW}\"` of its own, or move all at once",
                    function.name
                );
                self.say(function.word.0, Remark::todo(function.word.1, what, help));
                return;
            }
        }
        let (word_file, word) = function.word;
        let owners = match function.from {
            Some((root, name)) => {
                let takers = all.iter().filter(|other| other.from == function.from);
                let names: Vec<_> = takers.map(|other| other.name.as_str()).collect();
                old_runtime::owners(&format!("{root}.{name}"), &names)
            }
            None => function.name.clone(),
        };
        let why = format!("{owners}: runtime {} -> {NEW}", function.was);
        let range = word + 1..word + 1 + function.was.len();
        self.edit(word_file, TextEdit::new(range, NEW, why));
        if function.old == OldRuntime::Provided {
            self.say(file, old_runtime::moved(at, &function.name, &function.was));
        }
        self.architecture(function, at);
        if function.old == OldRuntime::Go {
            self.handler(function, at);
        }
    }

    fn handler(&mut self, function: &TerraformFunction<'a>, at: usize) {
        let Some(handler) = function.block.body.get_attribute("handler") else {
            return;
        };
        let file = function.file;
        let Some((was, span)) = hcl::string(&self.sources[file].text, &handler.value) else {
            let code = self.code(function).unwrap_or("code named elsewhere");
            let code = match self.is_on_s3(function) {
                true => "S3",
                false => old_runtime::quoted(code, "code that is computed"),
            };
            return self.say(
                file,
                old_runtime::computed_handler(at, &function.name, code),
            );
        };
        if was == BOOTSTRAP {
            return;
        }
        let why = format!("{}: handler {was} -> {BOOTSTRAP}", function.name);
        self.edit(
            file,
            TextEdit::new(span.start + 1..span.end - 1, BOOTSTRAP, why),
        );
        let code = self.code(function).unwrap_or("code named elsewhere");
        if !self.archive(function, code, was) {
            let code = old_runtime::quoted(code, "code that is computed");
            self.say(file, old_runtime::built(at, &function.name, was, code));
        }
    }

    /// Reports why a function stays, also where its runtime is.
    fn hold(&mut self, function: &TerraformFunction<'a>, remark: Remark) {
        self.say(function.file, remark);
        if function.from.is_some() {
            let (file, at) = function.word;
            self.say(
                file,
                old_runtime::stays(at, &function.was, &[&function.name]),
            );
        }
    }

    fn architecture(&mut self, function: &TerraformFunction<'a>, at: usize) {
        let file = function.file;
        let text = &self.sources[file].text;
        let Some(attribute) = function.block.body.get_attribute("architectures") else {
            let arch = match (self.wish.arch, function.old) {
                (Some(arch), _) => arch,
                (None, OldRuntime::Go) => Arch::X86_64,
                (None, OldRuntime::Provided) => return,
            };
            let why = format!("{}: architecture {arch}", function.name);
            return match line::architectures(text, &function.block.body, arch, &why) {
                Some(edit) => self.edit(file, edit),
                None => {
                    let help = format!("write `architectures = [\"{arch}\"]` by hand");
                    self.say(file, Remark::todo(at, why, help));
                }
            };
        };
        let Some(arch) = self.wish.arch else { return };
        let items = attribute.value.as_array().filter(|array| array.len() == 1);
        let one = items.and_then(|array| array.iter().next());
        match one.and_then(|one| hcl::string(text, one)) {
            Some((was, _)) if was == arch.name() => {}
            Some((_, span)) => {
                let why = format!("{}: architecture {arch}", function.name);
                self.edit(
                    file,
                    TextEdit::new(span.start + 1..span.end - 1, arch.name(), why),
                );
            }
            None => {
                let what = format!("{} takes its architecture from elsewhere", function.name);
                let help = format!("write `architectures = [\"{arch}\"]` by hand");
                self.say(file, Remark::todo(at, what, help));
            }
        }
    }
}
