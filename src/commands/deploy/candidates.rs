//! Checks the zips of all targets before AWS is asked.
//!
//! In: targets. Out: a [`Candidate`] for each of them, or every zip that cannot be deployed.

use crate::aws::function::FunctionConfiguration;
use crate::commands::deploy::options::{UpdateOptions, UploadOptions};
use crate::commands::deploy::target::Target;
use crate::commands::deploy::validated_zip::ValidatedZip;
use crate::lambda::{Arch, MAX_ZIPPED};
use crate::system::in_parallel::in_parallel;
use crate::ui::console::Console;
use crate::ui::failure::{ExitKind, Failure, Problem};

/// A function on AWS with the checked zips that it could run.
#[derive(Debug)]
pub(super) struct Candidate {
    /// The name of the packaged function.
    pub(super) name: String,
    /// The name or ARN of the function on AWS.
    pub(super) function: String,
    zips: Vec<ValidatedZip>,
}

impl Candidate {
    /// The zip for the architecture of a function, or another one if there is none.
    pub(super) fn zip_for(
        &self,
        function: &FunctionConfiguration,
    ) -> Result<&ValidatedZip, Failure> {
        let arch = function.architecture();
        let has_arch = |zip: &&ValidatedZip| zip.arch.is_some_and(|zip| zip.name() == arch);
        let matching = self.zips.iter().find(has_arch);
        matching
            .or(self.zips.first())
            .ok_or_else(Failure::internal_error)
    }

    /// The only zip, for a function that does not exist.
    pub(super) fn only_zip(&self) -> Result<&ValidatedZip, Failure> {
        match &self.zips[..] {
            [zip] => Ok(zip),
            zips => {
                let archs = zips.iter().filter_map(|zip| zip.arch).map(Arch::name);
                let what = format!(
                    "`{}` is packaged for several architectures: {}",
                    self.name,
                    archs.collect::<Vec<_>>().join(" and ")
                );
                Err(Failure::new(ExitKind::Project, what).help("select one with `--arch`"))
            }
        }
    }
}

/// Checks all zips. The error contains the problems of all of them, with the exit code of the
/// first. Warnings are printed.
pub(super) fn check_targets(
    targets: &[Target],
    options: &UpdateOptions,
    jobs: usize,
    console: &Console,
) -> Result<Vec<Candidate>, Failure> {
    let checked = in_parallel(targets, jobs, |target| check_target(target, options));
    let mut candidates = Vec::new();
    let mut failures: Option<Failure> = None;
    for (target, zips) in targets.iter().zip(checked) {
        let mut validated = Vec::new();
        for zip in zips {
            match zip {
                Ok((zip, warnings)) => {
                    for warning in &warnings {
                        console.problem(warning);
                    }
                    if let Err(failure) = check_size(&zip, &options.upload) {
                        add(&mut failures, failure);
                    }
                    validated.push(zip);
                }
                Err(failure) => add(&mut failures, failure),
            }
        }
        candidates.push(Candidate {
            name: target.name.clone(),
            function: target.function.clone(),
            zips: validated,
        });
    }
    match failures {
        Some(failure) => Err(failure),
        None => Ok(candidates),
    }
}

type CheckedZip = Result<(ValidatedZip, Vec<Problem>), Failure>;

fn check_target(target: &Target, options: &UpdateOptions) -> Vec<CheckedZip> {
    let (libraries, layer_bootstrap) = (&options.libraries, options.layer_bootstrap);
    let zips = target.zips.iter();
    zips.map(|zip| ValidatedZip::new(zip, libraries, layer_bootstrap))
        .collect()
}

fn add(failures: &mut Option<Failure>, mut failure: Failure) {
    match failures {
        Some(first) => first.problems.append(&mut failure.problems),
        None => *failures = Some(failure),
    }
}

/// Rejects a zip that Lambda does not accept directly.
pub(super) fn check_size(zip: &ValidatedZip, options: &UploadOptions) -> Result<(), Failure> {
    if zip.size <= MAX_ZIPPED || options.bucket.is_some() {
        return Ok(());
    }
    let message = format!(
        "`{}` has {} bytes, but a direct upload is limited to {MAX_ZIPPED}",
        zip.path.display(),
        zip.size
    );
    Err(Failure::new(ExitKind::Limit, message)
        .help("upload it through a bucket in the function's region with `--s3-bucket BUCKET`"))
}
