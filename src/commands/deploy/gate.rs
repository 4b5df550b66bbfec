//! Would this function run this zip? The gate of `check`, and then the function itself.

use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::aws::function::FunctionConfiguration;
use crate::build::results::zip_selector::SelectedZip;
use crate::commands::check;
use crate::commands::check::CheckedFile;
use crate::lambda::BOOTSTRAP;
use crate::lambda::{Arch, Runtime};
use crate::ui::console::Console;
use crate::ui::failure::Problem;
use crate::ui::failure::{ExitKind, Failure};
use crate::validate::finding::FindingLevel;

/// A zip that Lambda would run, as far as can be told without a function.
#[derive(Debug)]
pub(super) struct ValidatedZip {
    pub(super) path: PathBuf,
    /// The function's name where it was packed.
    pub(super) name: String,
    /// What it is for; a script of no recorded architecture has none.
    pub(super) arch: Option<Arch>,
    pub(super) code_sha256: String,
    pub(super) size: u64,
    runtime: Runtime,
    libraries: Vec<String>,
    layer_bootstrap: bool,
}

impl ValidatedZip {
    /// Holds a zip to what `check` holds it to.
    pub(super) fn pass(
        zip: &SelectedZip,
        libraries: &[String],
        layer_bootstrap: bool,
        console: &Console,
    ) -> Result<Self, Failure> {
        let runtime = zip.runtime.unwrap_or_default();
        let question = check::CheckOptions {
            files: vec![zip.path.clone()],
            arch: zip.arch,
            runtime,
            libraries: libraries.to_vec(),
            layer_bootstrap,
            layer: false,
        };
        let inspected = inspected(&question, Some(console))?;
        let shown = zip.path.display();
        let Some(code_sha256) = inspected.code_sha256 else {
            return Err(
                Failure::new(ExitKind::Refused, format!("{shown} is not a zip"))
                    .help("pack it: cargo lambdapack pack BINARY"),
            );
        };
        let has_bootstrap = inspected.entries.iter().any(|name| name == BOOTSTRAP);
        if !has_bootstrap && !layer_bootstrap {
            let what = format!("{shown} has no {BOOTSTRAP}: it is a layer, and not a function");
            return Err(Failure::new(ExitKind::Refused, what).help(
                "aws lambda publish-layer-version --layer-name NAME --zip-file fileb://ZIP",
            ));
        }
        Ok(Self {
            path: zip.path.clone(),
            name: zip.name.clone(),
            arch: zip.arch.or(inspected.arch),
            code_sha256,
            size: inspected.size,
            runtime,
            libraries: libraries.to_vec(),
            layer_bootstrap,
        })
    }

    /// Holds the zip to the function.
    pub(super) fn fits(
        &self,
        function: &FunctionConfiguration,
        console: &Console,
    ) -> Result<(), Failure> {
        let name = &function.function_name;
        if function.package_type.as_deref() == Some("Image") {
            let what = format!("the code of {name} is a container image, which no zip replaces");
            return Err(Failure::new(ExitKind::Refused, what)
                .help("make another function with the package type Zip"));
        }
        let mut wrong = Vec::new();
        let archs: Vec<_> = function.architectures.iter().map(String::as_str).collect();
        let theirs = archs.first().copied().unwrap_or(Arch::X86_64.name());
        if let Some(ours) = self.arch
            && theirs != ours.name()
        {
            let shown = self.path.display();
            wrong.push(
                Problem::new(format!(
                    "{shown} is for {ours}, and {name} runs on {theirs}"
                ))
                .help(format!(
                    "deploy the zip for {theirs} (cargo lambdapack --arch {theirs}), or move \
                         the function: aws lambda update-function-code --architectures {ours} \
                         --zip-file fileb://{shown} --function-name {name}"
                )),
            );
        }
        let runtime = function.runtime.as_deref().unwrap_or_default();
        match runtime.parse::<Runtime>() {
            Ok(runtime) if runtime != self.runtime && wrong.is_empty() => {
                let question = check::CheckOptions {
                    files: vec![self.path.clone()],
                    arch: self.arch,
                    runtime,
                    libraries: self.libraries.clone(),
                    layer_bootstrap: self.layer_bootstrap,
                    layer: false,
                };
                inspected(&question, None)?;
            }
            Ok(_) => {}
            Err(why) => wrong.push(Problem::new(format!("{name} runs {runtime}: {why}")).help(
                format!(
                    "give it the runtime first: aws lambda update-function-configuration \
                     --function-name {name} --runtime {} --handler {BOOTSTRAP}",
                    self.runtime
                ),
            )),
        }
        if let Ok(Some(end)) = runtime.parse::<Runtime>().map(Runtime::deprecation) {
            console.warning(end);
        }
        Failure::unless_empty(ExitKind::Refused, wrong)
    }

    /// Compares what Lambda has got.
    pub(super) fn arrived(&self, function: &FunctionConfiguration) -> Result<(), Failure> {
        if function.code_sha256 == self.code_sha256 {
            return Ok(());
        }
        let what = format!(
            "{} has the hash {} now, and {} has {}",
            function.function_name,
            function.code_sha256,
            self.path.display(),
            self.code_sha256
        );
        Err(Failure::new(ExitKind::Difference, what).help(
            "somebody else deploys at the same time, or the zip was changed meanwhile: run again",
        ))
    }

    /// The hash in hexadecimal.
    pub(super) fn hex(&self) -> String {
        let bytes = STANDARD.decode(&self.code_sha256).unwrap_or_default();
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Looks at a zip; what stands against it is a failure. Warnings are said to a console.
fn inspected(
    question: &check::CheckOptions,
    console: Option<&Console>,
) -> Result<CheckedFile, Failure> {
    let all = check::check(question);
    let problem = |finding: &crate::validate::finding::Finding| {
        let shown = question.files.iter().map(|path| path.display().to_string());
        finding.of(&shown.collect::<Vec<_>>().join(", "))
    };
    let worst = all.iter().filter_map(CheckedFile::level).max();
    if let Some(kind) = worst.and_then(FindingLevel::kind) {
        let findings = all.iter().flat_map(|one| &one.findings);
        let against = findings.filter(|finding| finding.code.level().kind().is_some());
        Failure::unless_empty(kind, against.map(problem).collect())?;
    }
    let found = all.iter().flat_map(|one| &one.findings);
    for finding in found.filter(|finding| finding.code.level() == FindingLevel::Warning) {
        if let Some(console) = console {
            console.problem(&problem(finding));
        }
    }
    all.into_iter().next().ok_or_else(Failure::fault)
}
