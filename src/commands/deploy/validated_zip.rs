//! Checks that the function can run the zip.
//!
//! In: a zip and the function's configuration. Out: a [`ValidatedZip`], or why not.

use std::path::PathBuf;

use crate::aws::function::FunctionConfiguration;
use crate::build::results::zip_selector::SelectedZip;
use crate::commands::check::{self, CheckOptions, CheckedFile};
use crate::commands::deploy::target::PUBLISH_LAYER;
use crate::fs::digest::Sha256;
use crate::lambda::{Arch, BOOTSTRAP, Runtime};
use crate::ui::failure::{ExitKind, Failure, Problem};
use crate::validate::finding::{Finding, FindingLevel};

/// A zip that passed `check`.
#[derive(Debug)]
pub(super) struct ValidatedZip {
    pub(super) path: PathBuf,
    /// The name of the function in its project.
    pub(super) name: String,
    /// `None` for a script without a recorded architecture.
    pub(super) arch: Option<Arch>,
    pub(super) code_sha256: String,
    pub(super) size: u64,
    pub(super) runtime: Runtime,
    /// The handler for Lambda's configuration.
    pub(super) handler: String,
    libraries: Vec<String>,
    layer_bootstrap: bool,
}

impl ValidatedZip {
    /// Checks a zip as `check` does. Returns it with warnings.
    pub(super) fn new(
        zip: &SelectedZip,
        libraries: &[String],
        layer_bootstrap: bool,
    ) -> Result<(Self, Vec<Problem>), Failure> {
        let options = CheckOptions {
            files: vec![zip.path.clone()],
            arch: zip.arch,
            runtime: zip.runtime.unwrap_or_default(),
            libraries: libraries.to_vec(),
            layer_bootstrap,
            layer: false,
            sbom: None,
        };
        let (checked, warnings) = check_zip(&options)?;
        let validated = Self::from_checked(zip, &checked, libraries, layer_bootstrap)?;
        let has_bootstrap = checked.entries.iter().any(|name| name == BOOTSTRAP);
        if !has_bootstrap && !layer_bootstrap {
            let shown = zip.path.display();
            let what =
                format!("`{shown}` has no `{BOOTSTRAP}`, so it is a layer and not a function");
            return Err(Failure::new(ExitKind::Refused, what).help(PUBLISH_LAYER));
        }
        Ok((validated, warnings))
    }

    /// A zip without findings that Lambda would reject.
    pub(super) fn from_checked(
        zip: &SelectedZip,
        checked: &CheckedFile,
        libraries: &[String],
        layer_bootstrap: bool,
    ) -> Result<Self, Failure> {
        let Some(code_sha256) = checked.code_sha256.clone() else {
            let what = format!("`{}` is not a zip", zip.path.display());
            return Err(Failure::new(ExitKind::Refused, what)
                .help("package it with `cargo lambdapack pack BINARY`"));
        };
        Ok(Self {
            path: zip.path.clone(),
            name: zip.name.clone(),
            arch: zip.arch.or(checked.arch),
            handler: zip.handler.clone().unwrap_or_else(|| BOOTSTRAP.to_owned()),
            code_sha256,
            size: checked.size,
            runtime: zip.runtime.unwrap_or_default(),
            libraries: libraries.to_vec(),
            layer_bootstrap,
        })
    }

    /// Checks that the function has the zip's architecture and a runtime that can run it.
    /// Returns a warning.
    pub(super) fn check_function(
        &self,
        function: &FunctionConfiguration,
    ) -> Result<Option<&'static str>, Failure> {
        let name = &function.function_name;
        if function.package_type.as_deref() == Some("Image") {
            let what =
                format!("the code of `{name}` is a container image, which a zip cannot replace");
            return Err(Failure::new(ExitKind::Refused, what)
                .help("create another function with the package type `Zip`"));
        }
        let mut problems = Vec::new();
        let function_arch = function
            .architectures
            .first()
            .map_or(Arch::X86_64.name(), String::as_str);
        if let Some(zip_arch) = self.arch
            && function_arch != zip_arch.name()
        {
            let shown = self.path.display();
            problems.push(
                Problem::new(format!(
                    "`{shown}` is for {zip_arch}, but `{name}` runs on {function_arch}"
                ))
                .help(format!(
                    "build for {function_arch} with `cargo lambdapack --arch {function_arch}`, or \
                     change the function's architecture with `aws lambda update-function-code \
                     --architectures {zip_arch} --zip-file fileb://{shown} --function-name {name}`"
                )),
            );
        }
        let runtime = function.runtime.as_deref().unwrap_or_default();
        match runtime.parse::<Runtime>() {
            Ok(runtime) if runtime != self.runtime && problems.is_empty() => {
                let options = CheckOptions {
                    files: vec![self.path.clone()],
                    arch: self.arch,
                    runtime,
                    libraries: self.libraries.clone(),
                    layer_bootstrap: self.layer_bootstrap,
                    layer: false,
                    sbom: None,
                };
                check_zip(&options)?;
            }
            Ok(_) => {}
            Err(why) => problems.push(
                Problem::new(format!("`{name}` uses the runtime `{runtime}`: {why}")).help(
                    format!(
                        "change its runtime first: `aws lambda update-function-configuration \
                     --function-name {name} --runtime {} --handler {BOOTSTRAP}`",
                        self.runtime
                    ),
                ),
            ),
        }
        Failure::unless_empty(ExitKind::Refused, problems)?;
        Ok(runtime.parse().ok().and_then(Runtime::deprecation))
    }

    /// Compares the hash that Lambda reports with the zip's.
    pub(super) fn check_hash(&self, function: &FunctionConfiguration) -> Result<(), Failure> {
        self.compare_hash(&function.function_name, &function.code_sha256)
    }

    /// Compares the hash that Lambda reports for the function or layer with a name.
    pub(super) fn compare_hash(&self, name: &str, code_sha256: &str) -> Result<(), Failure> {
        if code_sha256 == self.code_sha256 {
            return Ok(());
        }
        let what = format!(
            "`{name}` now has the hash `{code_sha256}`, but `{}` has `{}`",
            self.path.display(),
            self.code_sha256
        );
        Err(Failure::new(ExitKind::Difference, what).help(
            "run again; another deployment is in progress, or the zip was changed in the meantime",
        ))
    }

    /// The hash in hexadecimal.
    pub(super) fn hex(&self) -> String {
        let hash = Sha256::from_base64(&self.code_sha256);
        hash.map(|hash| hash.hex()).unwrap_or_default()
    }
}

/// Checks a zip, and returns it with warnings. Fails with all findings with which Lambda would
/// not run it.
pub(super) fn check_zip(options: &CheckOptions) -> Result<(CheckedFile, Vec<Problem>), Failure> {
    let files = check::check(options);
    let paths: Vec<_> = options
        .files
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    let problem = |finding: &Finding| finding.to_problem(&paths.join(", "));
    let worst = files.iter().filter_map(CheckedFile::level).max();
    if let Some(kind) = worst.and_then(FindingLevel::kind) {
        let problems = files
            .iter()
            .flat_map(|file| &file.findings)
            .filter(|finding| finding.code.level().kind().is_some())
            .map(problem)
            .collect();
        Failure::unless_empty(kind, problems)?;
    }
    let warnings = files
        .iter()
        .flat_map(|file| &file.findings)
        .filter(|finding| finding.code.level() == FindingLevel::Warning)
        .map(problem)
        .collect();
    let file = files
        .into_iter()
        .next()
        .ok_or_else(Failure::internal_error)?;
    Ok((file, warnings))
}
