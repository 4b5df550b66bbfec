//! Finds the zips of paths and names.

use std::io::Read;
use std::path::{Component, Path};

use crate::build::package::manifest::FILE;
use crate::build::project;
use crate::build::results::packed_function;
use crate::build::results::packed_function::PackedFunction;
use crate::build::results::zip_selector::suggestion::suggestion;
use crate::build::results::zip_selector::{SelectedZip, ZipSelector};
use crate::fs::path;
use crate::lambda::Arch;
use crate::system::host::Host;
use crate::ui::did_you_mean::did_you_mean;
use crate::ui::failure::{ExitKind, Failure, Problem};

/// The result of looking up a zip by its path.
#[derive(Debug)]
enum ZipLookup {
    Found(SelectedZip),
    /// There is no zip that can be used.
    Unusable(Problem),
}

/// Finds the zip for each word, in their order.
pub(crate) fn find(selector: &ZipSelector, host: &Host) -> anyhow::Result<Vec<SelectedZip>> {
    if selector.words.is_empty() {
        return Ok(vec![only_zip(
            &recorded_functions(selector, host)?,
            selector,
        )?]);
    }
    find_each(selector, host, |zip| zip, find_by_name)
}

/// Finds each word: a zip by its path, or a function by its name.
pub(super) fn find_each<T>(
    selector: &ZipSelector,
    host: &Host,
    from_path: impl Fn(SelectedZip) -> T,
    from_name: impl Fn(&str, &[PackedFunction], &ZipSelector) -> Result<T, Problem>,
) -> anyhow::Result<Vec<T>> {
    let mut found = Vec::new();
    let mut problems = Vec::new();
    let mut kind = ExitKind::Project;
    let mut recorded: Option<Vec<PackedFunction>> = None;
    for word in &selector.words {
        if is_path(word) || is_zip(&host.cwd.join(word)) {
            match find_by_path(word, selector, host)? {
                ZipLookup::Found(zip) => found.push(from_path(zip)),
                ZipLookup::Unusable(problem) => {
                    kind = ExitKind::Usage;
                    problems.push(problem);
                }
            }
            continue;
        }
        let recorded = match &mut recorded {
            Some(recorded) => recorded,
            None => recorded.insert(
                recorded_functions(selector, host)
                    .map_err(|error| explain_missing_project(error, word, selector, host))?,
            ),
        };
        let name = word.to_string_lossy();
        match from_name(&name, recorded, selector) {
            Ok(value) => found.push(value),
            Err(mut problem) => {
                if let Some(help) = suggestion(&name, recorded, host) {
                    problem.help = Some(help);
                }
                problems.push(problem);
            }
        }
    }
    Failure::unless_empty(kind, problems)?;
    Ok(found)
}

/// Whether a word is a path: it contains a folder, or ends in `.zip`.
pub(super) fn is_path(word: &Path) -> bool {
    let mut components = word.components();
    let is_file_name = matches!(
        (components.next(), components.next()),
        (Some(Component::Normal(_)), None)
    );
    let extension = word.extension();
    !is_file_name || extension.is_some_and(|end| end.eq_ignore_ascii_case("zip"))
}

/// Whether a file starts like a zip. A file that cannot be read does not; an error is reported
/// when it is named by its path.
fn is_zip(file: &Path) -> bool {
    let mut start = [0; 2];
    let is_file = file.is_file();
    let read = |mut file: fs_err::File| file.read_exact(&mut start);
    is_file && fs_err::File::open(file).and_then(read).is_ok() && start == *b"PK"
}

fn find_by_path(word: &Path, selector: &ZipSelector, host: &Host) -> anyhow::Result<ZipLookup> {
    let zip = path::resolve_parent(&host.cwd, word);
    let shown = word.display();
    if !zip.is_file() {
        let what = if zip.is_dir() {
            format!("`{shown}` is a folder")
        } else if zip.exists() {
            format!("`{shown}` is not a file")
        } else {
            format!("`{shown}` does not exist")
        };
        let help = "pass the path of a zip, or the name of a function in this project; run `cargo \
                    lambdapack` to package functions";
        return Ok(ZipLookup::Unusable(Problem::new(what).help(help)));
    }
    let recorded = packed_function::find_by_path(&zip, selector.out_dir.as_ref())?;
    if let (Some(wanted), Some(recorded)) = (selector.arch, &recorded)
        && wanted != recorded.arch
    {
        let what = format!(
            "`{shown}` was packaged for {}, not for {wanted}",
            recorded.arch
        );
        let help = "omit `--arch`, or pass the path of the other zip";
        return Ok(ZipLookup::Unusable(Problem::new(what).help(help)));
    }
    let stem = zip.file_stem().unwrap_or_default().to_string_lossy();
    Ok(ZipLookup::Found(match recorded {
        Some(recorded) => SelectedZip::from_recorded(zip, &recorded),
        None => SelectedZip {
            name: stem.into_owned(),
            path: zip,
            arch: None,
            runtime: None,
            purpose: None,
            handler: None,
            code_sha256: None,
        },
    }))
}

/// The functions in the manifests of the project in the current folder; an error if there are none.
pub(super) fn recorded_functions(
    selector: &ZipSelector,
    host: &Host,
) -> anyhow::Result<Vec<PackedFunction>> {
    let folder = path::resolve(&host.cwd, ".");
    let dirs = packed_function::result_dirs(selector.out_dir.as_ref(), &folder, host)?;
    let mut recorded = Vec::new();
    for dir in &dirs {
        recorded.extend(packed_function::read_all(dir)?);
    }
    if !recorded.is_empty() {
        return Ok(recorded);
    }
    let files: Vec<_> = dirs
        .iter()
        .map(|dir| dir.join(FILE).display().to_string())
        .collect();
    let what = format!("no functions are recorded in `{}`", files.join("`, `"));
    let help = "run `cargo lambdapack` first, pass the path of a zip, or pass the folder of the \
                manifest with `--out-dir DIR`";
    Err(Failure::new(ExitKind::Project, what).help(help).into())
}

/// If there is no project in the current folder, explains that a name is not a zip either.
fn explain_missing_project(
    error: anyhow::Error,
    word: &Path,
    selector: &ZipSelector,
    host: &Host,
) -> anyhow::Error {
    let failure = Failure::from_error(&error, ExitKind::Project);
    let [problem] = &failure.problems[..] else {
        return error;
    };
    let folder = path::resolve(&host.cwd, ".");
    let has_no_project =
        selector.out_dir.is_none() && matches!(project::find::find(&folder, None), Ok(None));
    if failure.kind != ExitKind::Project || !has_no_project {
        return error;
    }
    let what = format!(
        "the zip `{}` does not exist; {}",
        word.display(),
        problem.what
    );
    let help = "pass the path of a zip, run this in the function's project, or pass the folder of \
                the results with `--out-dir DIR`";
    Failure::new(ExitKind::Project, what).help(help).into()
}

/// The zip of the only function in the manifests.
pub(super) fn only_zip(
    recorded: &[PackedFunction],
    selector: &ZipSelector,
) -> Result<SelectedZip, Failure> {
    let mut names: Vec<_> = recorded
        .iter()
        .map(|function| function.name.as_str())
        .collect();
    names.sort_unstable();
    names.dedup();
    match names[..] {
        [name] => find_by_name(name, recorded, selector).map_err(|problem| Failure {
            kind: ExitKind::Project,
            problems: vec![problem],
        }),
        _ => Err(Failure::new(
            ExitKind::Usage,
            format!(
                "several packaged functions were found: {}",
                names.join(", ")
            ),
        )
        .help(format!(
            "pass the name of one of them, such as `{}`",
            names[0]
        ))),
    }
}

/// The zip of the function with a name.
pub(super) fn find_by_name(
    name: &str,
    recorded: &[PackedFunction],
    selector: &ZipSelector,
) -> Result<SelectedZip, Problem> {
    zip_of(function_by_name(name, recorded, selector)?)
}

fn function_by_name<'a>(
    name: &str,
    recorded: &'a [PackedFunction],
    selector: &ZipSelector,
) -> Result<&'a PackedFunction, Problem> {
    let with_name: Vec<_> = recorded
        .iter()
        .filter(|function| function.name == name)
        .collect();
    if with_name.is_empty() {
        let mut names: Vec<_> = recorded
            .iter()
            .map(|function| function.name.as_str())
            .collect();
        names.dedup();
        let what = format!("no packaged function or zip is called `{name}`");
        return Err(Problem::new(what).help(did_you_mean(name, &names, "available names:")));
    }
    let archs = || -> Vec<_> {
        with_name
            .iter()
            .map(|function| function.arch.name())
            .collect()
    };
    let has_several = with_name.iter().any(|f| f.arch != with_name[0].arch);
    let has_arch = |arch: &Arch| with_name.iter().any(|function| function.arch == *arch);
    let preferred = selector
        .preferred
        .filter(|arch| has_several && has_arch(arch));
    let arch = selector.arch.or(preferred);
    let matching: Vec<_> = with_name
        .iter()
        .copied()
        .filter(|function| arch.is_none_or(|arch| arch == function.arch))
        .collect();
    match (&matching[..], arch) {
        ([function], _) => Ok(function),
        ([], arch) => {
            let arch = arch.map_or("", Arch::name);
            let what = format!(
                "`{name}` is not packaged for {arch}, but for {}",
                archs().join(", ")
            );
            let help = format!("package it with `cargo lambdapack --bin {name} --arch {arch}`");
            Err(Problem::new(what).help(help))
        }
        ([first, ..], None) if matching.iter().all(|f| f.dir == first.dir) => {
            let what = format!(
                "`{name}` is packaged for several architectures: {}",
                archs().join(" and ")
            );
            Err(Problem::new(what).help("select one with `--arch`"))
        }
        ([_, ..], _) => {
            let paths: Vec<_> = matching
                .iter()
                .map(|function| function.path().display().to_string())
                .collect();
            let what = format!("several zips are called `{name}`: {}", paths.join(", "));
            Err(Problem::new(what).help("pass the path of the zip"))
        }
    }
}

/// The zip of a recorded function, if it exists.
fn zip_of(function: &PackedFunction) -> Result<SelectedZip, Problem> {
    let path = function.path();
    if function.entry.zip.is_none() {
        let what = format!(
            "{} was packaged as a folder, `{}`",
            function.label(),
            path.display()
        );
        let help = "package it as a zip, without `--format dir`";
        return Err(Problem::new(what).help(help));
    }
    if !path.is_file() {
        let what = format!(
            "{} is recorded in the manifest, but `{}` does not exist",
            function.label(),
            path.display()
        );
        return Err(Problem::new(what).help(function.repack_hint()));
    }
    Ok(SelectedZip::from_recorded(path, function))
}
