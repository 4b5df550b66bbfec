//! What else goes into a zip: files that stand there already.
//!
//! In: [`IncludeOption`]s of a [`Plan`], as people write them. Out: [`IncludedFile`] files,
//! each with its name in the zip, sorted; or every problem of all of them. Nothing is read here
//! but folders; a file is read when it is packed.
//! Absent: `.gitignore`, and any other reason to leave a file out. Hidden files
//! are files; empty folders are nothing.

mod list;
mod pattern;
mod walk;

use crate::lambda::is_extension;
use std::collections::BTreeSet;
use std::io::Read;
use std::path::PathBuf;

use crate::build::assets::list::list;
use crate::build::plan::{FunctionPlan, Plan};
use crate::build::request::IncludeOption;
use crate::fs::file_name;
use crate::fs::file_name::sidecar;
use crate::lambda::{MAX_ENTRIES, MAX_EXTENSIONS};
use crate::system::process;
use crate::system::tool_cache::FileStamp;
use crate::ui::failure::Problem;
use crate::ui::failure::{ExitKind, Failure};

/// A file that goes into a zip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct IncludedFile {
    /// Its name in the zip.
    pub name: String,
    pub path: PathBuf,
    /// What the system says of it.
    pub stamp: FileStamp,
}

impl IncludedFile {
    pub(crate) fn read(&self) -> anyhow::Result<Vec<u8>> {
        self.start(self.stamp.len().saturating_add(1))
    }

    /// The first bytes of its content.
    pub(crate) fn start(&self, count: u64) -> anyhow::Result<Vec<u8>> {
        // What became a pipe would be waited for.
        if FileStamp::of(&self.path) != Some(self.stamp) {
            return Err(self.changed().into());
        }
        let listed = count.min(self.stamp.len());
        let mut bytes = Vec::new();
        let read = fs_err::File::open(&self.path).and_then(|file| {
            bytes.try_reserve_exact(usize::try_from(listed).unwrap_or(usize::MAX))?;
            (&file).take(count).read_to_end(&mut bytes)?;
            file.metadata()
        });
        let after = read.map_err(|error| {
            let help = "give yourself the right to read it, or leave it out";
            Failure::new(ExitKind::Packaging, error.to_string()).help(help)
        })?;
        if self.stamp.is_empty() && !bytes.is_empty() {
            let what = format!("{} says that it is empty, and is not", self.path.display());
            let failure = Failure::new(ExitKind::Packaging, what);
            return Err(failure
                .help("include a copy of it, not what a system shows")
                .into());
        }
        if FileStamp::from(&after) != self.stamp || bytes.len() as u64 != listed {
            return Err(self.changed().into());
        }
        Ok(bytes)
    }

    fn changed(&self) -> Failure {
        let what = format!("{} changed while it was read", self.path.display());
        Failure::new(ExitKind::Packaging, what).help("see that nothing writes to it, and run again")
    }
}

/// What goes into the zips of a plan besides programs.
#[derive(Debug, Default)]
pub(crate) struct Assets {
    lists: Vec<(Vec<IncludeOption>, Vec<IncludedFile>)>,
    /// The function's place among the lists.
    by_function: Vec<usize>,
    pub warnings: Vec<String>,
}

/// So many warnings are read; more are counted.
const MANY: usize = 10;

impl Assets {
    /// Lists the files for every function of a plan.
    pub(crate) fn list(plan: &Plan) -> anyhow::Result<Self> {
        let mut extras = Self::default();
        let mut problems = Vec::new();
        let mut too_many = Vec::new();
        let mut warnings = BTreeSet::new();
        for function in &plan.functions {
            let known = extras
                .lists
                .iter()
                .position(|(of, _)| *of == function.include);
            let place = known.unwrap_or(extras.lists.len());
            if known.is_none() {
                match list(&function.include) {
                    Ok(files) => extras.lists.push((function.include.clone(), files)),
                    Err(failure) => {
                        problems.extend(failure.problems);
                        extras.lists.push((function.include.clone(), Vec::new()));
                    }
                }
            }
            extras.by_function.push(place);
            let files = &extras.lists[place].1;
            problems.extend(taken(function, files));
            too_many.extend(over_number(function, files));
            warnings.extend(surprises(function, files));
        }
        process::interrupted()?;
        let more = warnings.len().saturating_sub(MANY);
        extras.warnings.extend(warnings.into_iter().take(MANY));
        if more > 0 {
            let what = format!("{more} more names are like these");
            extras.warnings.push(what);
        }
        Failure::unless_empty(ExitKind::Packaging, problems)?;
        Failure::unless_empty(ExitKind::Limit, too_many)?;
        Ok(extras)
    }

    /// The files for a function, by its place in the plan.
    pub(crate) fn of(&self, function: usize) -> &[IncludedFile] {
        &self.lists[self.by_function[function]].1
    }

    /// Sees that they still are what was listed, whenever they were read.
    pub(crate) fn unchanged(&self, function: usize) -> Result<(), Failure> {
        let mut files = self.of(function).iter();
        let changed = files.find(|file| FileStamp::of(&file.path) != Some(file.stamp));
        changed.map_or(Ok(()), |file| Err(file.changed()))
    }

    /// Their size in bytes.
    pub(crate) fn size(&self, function: usize) -> u64 {
        let sizes = self.of(function).iter().map(|file| file.stamp.len());
        sizes.fold(0, u64::saturating_add)
    }
}

/// The program's own places in the zip are taken, and what is written is not read.
fn taken(function: &FunctionPlan, files: &[IncludedFile]) -> Vec<Problem> {
    if files.is_empty() {
        return Vec::new();
    }
    let own = function.own_names();
    let names: BTreeSet<&str> = { own.iter().chain(files.iter().map(|file| &file.name)) }
        .map(String::as_str)
        .collect();
    let ours = [function.target.clone(), sidecar(&function.target)];
    let ours = ours.map(|file| fs_err::canonicalize(file).ok());
    let mut problems = Vec::new();
    for file in files {
        let shown = file.path.display();
        if own.contains(&file.name) {
            let what = format!(
                "{shown} would be {} in the zip of {}, which is the function's own file",
                file.name, function.name
            );
            let help = "leave it out, or give it another name: --include SRC=DEST";
            problems.push(Problem::new(what).help(help));
        }
        let written = fs_err::canonicalize(&file.path).ok();
        if written.is_some() && ours.contains(&written) {
            let what = format!("{shown} is to be packed, and is what is written");
            problems.push(Problem::new(what).help("leave it out, or write to another place"));
        }
    }
    for name in &names {
        let folders = name.match_indices('/').map(|(at, _)| &name[..at]);
        if let Some(file) = folders.into_iter().find(|folder| names.contains(folder)) {
            let what = format!("{file} would be a file and a folder in the zip: of {name}");
            let help = "give one of them another name: --include SRC=DEST";
            problems.push(Problem::new(what).help(help));
        }
    }
    problems
}

/// Without zip64, of which nobody has said that Lambda reads it, there is an end.
fn over_number(function: &FunctionPlan, files: &[IncludedFile]) -> Option<Problem> {
    let number = files.len() + function.own_names().len();
    (number > usize::from(MAX_ENTRIES)).then(|| {
        Problem::new(format!(
            "{} would have {number} files in its zip, and a zip holds {MAX_ENTRIES}",
            function.name
        ))
        .help("include less, or put many small files into one")
    })
}

fn surprises(function: &FunctionPlan, files: &[IncludedFile]) -> Vec<String> {
    let mut said = Vec::new();
    let own = function.own_names();
    let names = own.iter().chain(files.iter().map(|file| &file.name));
    for (one, other) in file_name::alike(names.map(String::as_str)) {
        said.push(format!(
            "{one} and {other} are two files in the zip, and one on Windows and macOS"
        ));
    }
    for file in files {
        if let Some(why) = file_name::awkward(&file.name) {
            said.push(format!("{} {why}", file_name::printable(&file.name)));
        }
    }
    let runs = { files.iter() }
        .filter(|file| is_extension(&file.name))
        .count();
    if runs > MAX_EXTENSIONS {
        said.push(format!(
            "{runs} extensions are included, and at most {MAX_EXTENSIONS} can register"
        ));
    }
    said
}
