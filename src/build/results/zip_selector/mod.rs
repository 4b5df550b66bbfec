//! From a word on the command line to a zip: its path, or a function's name.
//!
//! In: words, and what tells zips of one name apart. Out: a [`SelectedZip`] for each.
//! A word with a folder in it, or that ends in `.zip`, is a path; any other is the
//! name of a function of the project here, or else a zip of that name: Go leaves
//! its programs beside their sources under the names of their functions.
//! Absent: looking into zips, which `inspect.rs` does.

mod suggestion;

use std::io::Read;
use std::path::{Component, Path, PathBuf};

use crate::build::package::manifest::FILE;
use crate::build::results::packed_function;
use crate::build::results::packed_function::PackedFunction;
use crate::build::results::zip_selector::suggestion::meant;
use crate::fs::path;
use crate::lambda::Purpose;
use crate::lambda::{Arch, Runtime};
use crate::system::host::Host;
use crate::ui::did_you_mean::did_you_mean;
use crate::ui::failure::Problem;
use crate::ui::failure::{ExitKind, Failure};

/// Which zips are meant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ZipSelector {
    /// Paths and names, as they were given; empty for the only function that was packed.
    pub words: Vec<PathBuf>,
    /// The architecture, where a name has several.
    pub arch: Option<Arch>,
    /// The architecture to take if a name has several and none is given.
    pub preferred: Option<Arch>,
    pub out_dir: Option<PathBuf>,
}

/// A zip that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SelectedZip {
    /// Where it is, absolute.
    pub path: PathBuf,
    /// The function's name: as it is recorded, or else the file's without `.zip`.
    pub name: String,
    /// What it was packed for, where that is recorded.
    pub arch: Option<Arch>,
    /// The runtime it was packed for, where that is recorded.
    pub runtime: Option<Runtime>,
    /// A function or an extension, where that is recorded.
    pub purpose: Option<Purpose>,
    /// The hash as Lambda spells it when it was packed, where that is recorded; the
    /// file may have changed since.
    pub code_sha256: Option<String>,
}

/// Finds the zip of each word, in their order.
pub(crate) fn find(question: &ZipSelector, host: &Host) -> anyhow::Result<Vec<SelectedZip>> {
    if question.words.is_empty() {
        return Ok(vec![only(&known_here(question, host)?, question)?]);
    }
    let mut found = Vec::new();
    let mut wrong = Vec::new();
    let mut kind = ExitKind::Project;
    let mut known: Option<Vec<PackedFunction>> = None;
    for word in &question.words {
        let zip = if is_path(word) || is_zip(&host.cwd.join(word)) {
            at_path(word, question, host)?.inspect_err(|_| kind = ExitKind::Usage)
        } else {
            if known.is_none() {
                known = Some(known_here(question, host).map_err(|error| here(error, word))?);
            }
            let name = word.to_string_lossy();
            let known = known.as_deref().unwrap_or_default();
            let mut zip = of_name(&name, known, question);
            if let Err(problem) = &mut zip
                && let Some(help) = meant(&name, known, host)
            {
                problem.help = Some(help);
            }
            zip
        };
        match zip {
            Ok(zip) => found.push(zip),
            Err(problem) => wrong.push(problem),
        }
    }
    Failure::unless_empty(kind, wrong)?;
    Ok(found)
}

fn is_path(word: &Path) -> bool {
    let is_zip = |end: &std::ffi::OsStr| end.eq_ignore_ascii_case("zip");
    let mut components = word.components();
    let plain = matches!(
        (components.next(), components.next()),
        (Some(Component::Normal(_)), None)
    );
    !plain || word.extension().is_some_and(is_zip)
}

/// Whether a file of this name starts as zips do. What cannot be read is none: that is
/// told of whoever reads it by its path.
fn is_zip(file: &Path) -> bool {
    let mut start = [0; 2];
    let is_file = file.is_file();
    let read = |mut file: fs_err::File| file.read_exact(&mut start);
    is_file && fs_err::File::open(file).and_then(read).is_ok() && start == *b"PK"
}

fn at_path(
    word: &Path,
    question: &ZipSelector,
    host: &Host,
) -> anyhow::Result<Result<SelectedZip, Problem>> {
    let zip = path::place(&host.cwd, word);
    let shown = word.display();
    if !zip.is_file() {
        let what = if zip.is_dir() {
            format!("{shown} is a folder")
        } else if zip.exists() {
            format!("{shown} is not a file")
        } else {
            format!("{shown} does not exist")
        };
        let help = "name a zip, or a function of the project here by its name alone; \
                    `cargo lambdapack` packs them";
        return Ok(Err(Problem::new(what).help(help)));
    }
    let recorded = packed_function::of(&zip, question.out_dir.as_ref())?;
    if let (Some(wanted), Some(recorded)) = (question.arch, &recorded)
        && wanted != recorded.arch
    {
        let what = format!("{shown} was packed for {}, not for {wanted}", recorded.arch);
        let help = "leave --arch out, or name the other zip";
        return Ok(Err(Problem::new(what).help(help)));
    }
    let stem = zip.file_stem().unwrap_or_default().to_string_lossy();
    Ok(Ok(match recorded {
        Some(recorded) => SelectedZip::recorded(zip, &recorded),
        None => SelectedZip {
            name: stem.into_owned(),
            path: zip,
            arch: None,
            runtime: None,
            purpose: None,
            code_sha256: None,
        },
    }))
}

/// All that is recorded of the project here; at least one.
fn known_here(question: &ZipSelector, host: &Host) -> anyhow::Result<Vec<PackedFunction>> {
    let folder = path::resolve(&host.cwd, ".");
    let dirs = packed_function::dirs(question.out_dir.as_ref(), &folder, host)?;
    let mut known = Vec::new();
    for dir in &dirs {
        known.extend(packed_function::all(dir)?);
    }
    if !known.is_empty() {
        return Ok(known);
    }
    let files: Vec<_> = { dirs.iter() }
        .map(|dir| dir.join(FILE).display().to_string())
        .collect();
    let what = format!("nothing is recorded in {}", files.join(", "));
    let help = "pack first: cargo lambdapack; or name a zip by its path, or the folder of the \
                manifest: --out-dir DIR";
    Err(Failure::new(ExitKind::Project, what).help(help).into())
}

/// What a name means where there is no project.
fn here(error: anyhow::Error, word: &Path) -> anyhow::Error {
    let failure = Failure::from_error(&error, ExitKind::Project);
    let [problem] = &failure.problems[..] else {
        return error;
    };
    if failure.kind != ExitKind::Project || !problem.what.starts_with("no Cargo.toml or go.mod") {
        return error;
    }
    let what = format!(
        "there is no zip called {} here, and {}",
        word.display(),
        problem.what
    );
    let help = "name a zip by its path, or a function in the folder of its project; --out-dir DIR \
                is where results were left";
    Failure::new(ExitKind::Project, what).help(help).into()
}

/// The zip of the only function that is recorded.
fn only(known: &[PackedFunction], question: &ZipSelector) -> Result<SelectedZip, Failure> {
    let mut names: Vec<_> = known.iter().map(|one| one.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    match names[..] {
        [name] => of_name(name, known, question).map_err(|problem| Failure {
            kind: ExitKind::Project,
            problems: vec![problem],
        }),
        _ => Err(Failure::new(
            ExitKind::Usage,
            format!("several functions were packed here: {}", names.join(", ")),
        )
        .help(format!("name the one that is meant, such as {}", names[0]))),
    }
}

fn of_name(
    name: &str,
    known: &[PackedFunction],
    question: &ZipSelector,
) -> Result<SelectedZip, Problem> {
    let of_it: Vec<_> = { known.iter() }.filter(|one| one.name == name).collect();
    if of_it.is_empty() {
        let mut names: Vec<_> = known.iter().map(|one| one.name.as_str()).collect();
        names.dedup();
        let what = format!("no function called `{name}` was packed here, and there is no such zip");
        return Err(Problem::new(what).help(did_you_mean(name, &names, "there are")));
    }
    let archs = || -> Vec<_> { of_it.iter().map(|one| one.arch.name()).collect() };
    let has_several = of_it.iter().any(|one| one.arch != of_it[0].arch);
    let has = |arch: &Arch| of_it.iter().any(|one| one.arch == *arch);
    let preferred = question.preferred.filter(|arch| has_several && has(arch));
    let arch = question.arch.or(preferred);
    let meant: Vec<_> = { of_it.iter() }
        .filter(|one| arch.is_none_or(|arch| arch == one.arch))
        .collect();
    let one = match (&meant[..], arch) {
        ([one], _) => one,
        ([], arch) => {
            let arch = arch.map_or("", Arch::name);
            let what = format!(
                "{name} was not packed for {arch}, but for {}",
                archs().join(", ")
            );
            let help = format!("pack it: cargo lambdapack --bin {name} --arch {arch}");
            return Err(Problem::new(what).help(help));
        }
        ([_, ..], None) if meant.iter().all(|one| one.dir == meant[0].dir) => {
            let what = format!("{name} was packed for {}", archs().join(" and "));
            return Err(Problem::new(what).help("say which: --arch"));
        }
        ([_, ..], _) => {
            let places: Vec<_> = { meant.iter() }
                .map(|one| one.place().display().to_string())
                .collect();
            let what = format!("several zips are called {name}: {}", places.join(", "));
            return Err(Problem::new(what).help("name the zip by its path"));
        }
    };
    let place = one.place();
    if one.entry.zip.is_none() {
        let what = format!(
            "{} was packed as a folder, {}",
            one.about(),
            place.display()
        );
        return Err(Problem::new(what).help("pack it as a zip: leave --format dir out"));
    }
    if !place.is_file() {
        let what = format!(
            "{} is recorded, but {} is gone",
            one.about(),
            place.display()
        );
        return Err(Problem::new(what).help(one.again()));
    }
    Ok(SelectedZip::recorded(place, one))
}

impl SelectedZip {
    fn recorded(path: PathBuf, recorded: &PackedFunction) -> Self {
        Self {
            path,
            name: recorded.name.clone(),
            arch: Some(recorded.arch),
            runtime: Some(recorded.runtime),
            purpose: Some(recorded.purpose),
            code_sha256: recorded.entry.code_sha256.clone(),
        }
    }
}

#[cfg(test)]
mod tests;
