//! The additional files of all functions of a plan, and checks of their names.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::build::assets::IncludedFile;
use crate::build::assets::list::list;
use crate::build::plan::{FunctionId, FunctionPlan, Plan};
use crate::build::request::IncludeOption;
use crate::fs::file_name;
use crate::fs::file_name::{sbom, sidecar};
use crate::lambda::{MAX_ENTRIES, MAX_EXTENSIONS, is_extension};
use crate::system::process;
use crate::system::tool_cache::FileStamp;
use crate::ui::failure::{ExitKind, Failure, Problem};

/// The additional files for the zips of a plan.
#[derive(Debug, Default)]
pub(crate) struct Assets {
    /// The files of each function. Functions with the same includes share a list.
    files: BTreeMap<FunctionId, Arc<[IncludedFile]>>,
    pub warnings: Vec<String>,
}

/// The most warnings that are printed in full.
const MAX_WARNINGS: usize = 10;

impl Assets {
    /// Lists the files for every function of a plan.
    pub(crate) fn list(plan: &Plan) -> anyhow::Result<Self> {
        let mut assets = Self::default();
        let mut lists: Vec<(&[IncludeOption], Arc<[IncludedFile]>)> = Vec::new();
        let mut problems = Vec::new();
        let mut too_many = Vec::new();
        let mut all_warnings = BTreeSet::new();
        for (id, function) in plan.functions_by_id() {
            let listed_before = lists
                .iter()
                .find(|(include, _)| *include == function.include);
            let files = match listed_before {
                Some((_, files)) => Arc::clone(files),
                None => {
                    let listed = list(&function.include).unwrap_or_else(|failure| {
                        problems.extend(failure.problems);
                        Vec::new()
                    });
                    let files: Arc<[IncludedFile]> = listed.into();
                    lists.push((&function.include, Arc::clone(&files)));
                    files
                }
            };
            problems.extend(name_conflicts(function, &files));
            too_many.extend(too_many_files(function, &files));
            all_warnings.extend(warnings(function, &files));
            assets.files.insert(id, files);
        }
        process::interrupted()?;
        let omitted = all_warnings.len().saturating_sub(MAX_WARNINGS);
        assets
            .warnings
            .extend(all_warnings.into_iter().take(MAX_WARNINGS));
        if omitted > 0 {
            let warning = format!("{omitted} similar warnings are not shown");
            assets.warnings.push(warning);
        }
        Failure::unless_empty(ExitKind::Packaging, problems)?;
        Failure::unless_empty(ExitKind::Limit, too_many)?;
        Ok(assets)
    }

    /// The files for a function.
    pub(crate) fn files(&self, function: FunctionId) -> &[IncludedFile] {
        self.files.get(&function).map_or(&[], |files| files)
    }

    /// Checks that the files have not changed since they were listed.
    pub(crate) fn check_unchanged(&self, function: FunctionId) -> Result<(), Failure> {
        let mut files = self.files(function).iter();
        let changed = files.find(|file| FileStamp::read(&file.path) != Some(file.stamp));
        changed.map_or(Ok(()), |file| Err(file.changed_error()))
    }

    /// The size of all files for a function, in bytes.
    pub(crate) fn size(&self, function: FunctionId) -> u64 {
        let sizes = self.files(function).iter().map(|file| file.stamp.len());
        sizes.fold(0, u64::saturating_add)
    }
}

/// Reports files that would replace the program's own files or that are the result itself, and
/// names that are both a file and a folder.
fn name_conflicts(function: &FunctionPlan, files: &[IncludedFile]) -> Vec<Problem> {
    if files.is_empty() {
        return Vec::new();
    }
    let program = function.program_entries();
    let names: BTreeSet<&str> = program
        .iter()
        .chain(files.iter().map(|file| &file.name))
        .map(String::as_str)
        .collect();
    let target = &function.target;
    let results =
        [target.clone(), sidecar(target), sbom(target)].map(|file| fs_err::canonicalize(file).ok());
    let mut problems = Vec::new();
    for file in files {
        let shown = file.path.display();
        if program.contains(&file.name) {
            let what = format!(
                "`{shown}` would replace the function's own file `{}` in the zip of `{}`",
                file.name, function.name
            );
            let help = "omit it, or give it another name with `--include SRC=DEST`";
            problems.push(Problem::new(what).help(help));
        }
        let real_path = fs_err::canonicalize(&file.path).ok();
        if real_path.is_some() && results.contains(&real_path) {
            let what =
                format!("`{shown}` is included in the zip, but is also the output of this run");
            problems.push(Problem::new(what).help("omit it, or choose another output path"));
        }
    }
    for name in &names {
        let mut folders = name.match_indices('/').map(|(at, _)| &name[..at]);
        if let Some(file) = folders.find(|folder| names.contains(folder)) {
            let what = format!(
                "`{file}` would be both a file and a folder in the zip, because of `{name}`"
            );
            let help = "give one of them another name with `--include SRC=DEST`";
            problems.push(Problem::new(what).help(help));
        }
    }
    problems
}

/// Reports more files than fit into a zip without zip64, which Lambda is not documented to support.
fn too_many_files(function: &FunctionPlan, files: &[IncludedFile]) -> Option<Problem> {
    let number = files.len() + function.program_entries().len();
    (number > usize::from(MAX_ENTRIES)).then(|| {
        Problem::new(format!(
            "the zip of `{}` would contain {number} files, but the limit is {MAX_ENTRIES}",
            function.name
        ))
        .help("include fewer files, or combine small files into one")
    })
}

/// Warns about names and extensions that may not work as the user expects.
fn warnings(function: &FunctionPlan, files: &[IncludedFile]) -> Vec<String> {
    let mut warnings = Vec::new();
    let program = function.program_entries();
    let names = program.iter().chain(files.iter().map(|file| &file.name));
    for (name, other) in file_name::collisions(names.map(String::as_str)) {
        warnings.push(format!(
            "`{name}` and `{other}` are different files in the zip, but the same file on Windows \
             and macOS"
        ));
    }
    for file in files {
        if let Some(why) = file_name::windows_problem(&file.name) {
            warnings.push(format!("`{}` {why}", file_name::printable(&file.name)));
        }
    }
    let extensions = files.iter().filter(|file| is_extension(&file.name)).count();
    if extensions > MAX_EXTENSIONS {
        warnings.push(format!(
            "{extensions} extensions are included, but at most {MAX_EXTENSIONS} can register"
        ));
    }
    warnings
}
