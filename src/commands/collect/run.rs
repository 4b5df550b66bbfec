//! `cargo lambdapack collect`, from the folders to the joined manifest.

use crate::build::plan::OutputFolder;
use crate::build::results::packed_function;
use crate::build::write_access::{self, BuildFolders};
use crate::commands::collect::compare;
use crate::commands::collect::join::join;
use crate::commands::collect::options::CollectOptions;
use crate::commands::collect::output;
use crate::commands::collect::parallel;
use crate::commands::collect::part::Part;
use crate::commands::collect::publish::{CollectedResult, publish};
use crate::commands::collect::result_files::result_files;
use crate::commands::context::{CommandContext, CommandResult};
use crate::system::host::Host;
use crate::system::process;
use crate::ui::failure::{ExitKind, Failure, Problem};

/// Joins the results of several builds. Everything is checked before anything is written.
pub(crate) fn run(
    options: &CollectOptions,
    context: &CommandContext<'_>,
) -> anyhow::Result<CommandResult> {
    let output = output_folder(options, context.host)?;
    let mut parts = Vec::new();
    let mut unreadable = Vec::new();
    for dir in &options.dirs {
        match Part::read(dir, &output.dir, &context.host.cwd) {
            Ok(part) => parts.push(part),
            Err(problems) => unreadable.extend(problems),
        }
    }
    let (collected, problems) = check_files(&parts)?;
    let kind = if unreadable.is_empty() {
        ExitKind::Difference
    } else {
        ExitKind::Packaging
    };
    Failure::unless_empty(
        kind,
        [unreadable, compare::problems(&parts), problems].concat(),
    )?;
    if collected.is_empty() {
        let what = "the manifests contain no functions";
        let help = "pass the output folders of builds that packaged functions";
        return Err(Failure::new(ExitKind::Project, what).help(help).into());
    }
    let out_dir = output.dir.clone();
    let folders = BuildFolders::from([(out_dir.clone(), "--out-dir DIR")]);
    let changed = publish(&collected, output, context.console)
        .map_err(|error| write_access::explain(error, &folders))?;
    let results: Vec<_> = collected.iter().map(|collected| collected.result).collect();
    for (result, is_changed) in results.iter().zip(changed) {
        let verb = if is_changed { "Collected" } else { "Fresh" };
        context.console.status(verb, &output::summary(result));
    }
    Ok(output::text(&results, &out_dir, context.style, &context.host.cwd).into())
}

/// The folder for the joined results.
fn output_folder(options: &CollectOptions, host: &Host) -> anyhow::Result<OutputFolder> {
    let help = "pass the folder for the joined results with `--out-dir DIR`";
    let folders = packed_function::output_folders(options.out_dir.as_ref(), &options.folder, host);
    let mut folders = folders.map_err(|error| {
        let mut failure = Failure::from_error(&error, ExitKind::Project);
        if failure.kind == ExitKind::Project {
            for problem in &mut failure.problems {
                problem.help = Some(help.to_owned());
            }
        }
        failure
    })?;
    match (folders.pop(), folders.is_empty()) {
        (Some(folder), true) => Ok(folder),
        _ => {
            let what = "the projects in this folder do not have a single output folder";
            Err(Failure::new(ExitKind::Usage, what).help(help).into())
        }
    }
}

/// The results of all parts, each once, and the problems of their files. Files are checked in all
/// parts, because one that is damaged may be the one that differs.
fn check_files(parts: &[Part]) -> anyhow::Result<(Vec<CollectedResult<'_>>, Vec<Problem>)> {
    let results: Vec<_> = parts.iter().flat_map(Part::results).collect();
    let problems = parallel::map(&results, |result| match result_files(result) {
        Ok(files) => {
            process::interrupted()?;
            let problems = files.iter().filter_map(|file| file.problem(result.part));
            Ok(problems.collect())
        }
        Err(problem) => Ok(vec![problem]),
    })?;
    let collected = join(parts).into_iter().filter_map(|result| {
        let files = result_files(&result).ok()?;
        Some(CollectedResult { result, files })
    });
    Ok((collected.collect(), problems.concat()))
}
