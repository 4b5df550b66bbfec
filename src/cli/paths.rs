//! The folders on the command line.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::cli::names::SUBCOMMANDS;
use crate::fs::path;
use crate::system::host::Host;
use crate::ui::did_you_mean::did_you_mean;
use crate::ui::failure::Problem;
use crate::ui::failure::{ExitKind, Failure};

/// The absolute folders without symlinks, as cargo and go name them. Reports all folders
/// that do not exist at once.
pub(super) fn folders(
    paths: Vec<PathBuf>,
    manifest: Option<PathBuf>,
    host: &Host,
) -> anyhow::Result<Vec<PathBuf>> {
    let mut paths = paths;
    paths.extend(manifest);
    if paths.is_empty() {
        paths.push(PathBuf::from("."));
    }
    let mut folders = Vec::new();
    let mut problems = Vec::new();
    for path in paths {
        // `folder/...` is Go's pattern for a folder and all folders below it, as a plain
        // folder is here.
        let path = match (path.file_name(), path.parent()) {
            (Some(name), Some(folder)) if name == "..." => Path::new(".").join(folder),
            _ => path,
        };
        let full = host.cwd.join(&path);
        if let Err(error) = full.metadata()
            && error.kind() == std::io::ErrorKind::PermissionDenied
        {
            let what = format!("cannot access `{}`: {error}", full.display());
            let help = "give yourself permission to read it";
            return Err(Failure::new(ExitKind::Packaging, what).help(help).into());
        }
        match folder(&path, host) {
            Ok(folder) => folders.push(folder),
            Err(problem) => problems.push(problem),
        }
    }
    Failure::unless_empty(ExitKind::Usage, problems)?;
    Ok(folders)
}

fn folder(path: &Path, host: &Host) -> Result<PathBuf, Problem> {
    const MARKERS: [&str; 4] = ["Cargo.toml", "go.mod", "go.work", "lambdapack.toml"];
    let full = host.cwd.join(path);
    if full.is_dir() {
        Ok(path::resolve(&host.cwd, path))
    } else if full.is_file()
        && MARKERS
            .iter()
            .any(|name| full.file_name() == Some(OsStr::new(name)))
    {
        Ok(path::resolve(&host.cwd, full.parent().unwrap_or(&full)))
    } else if full.exists() {
        Err(Problem::new(format!(
            "`{}` is neither a folder nor a Cargo.toml, go.mod, go.work, or lambdapack.toml",
            path.display()
        ))
        .help("pass the folder of the package or module"))
    } else {
        let word = path.to_string_lossy();
        if SUBCOMMANDS.contains(&&*word) {
            let what = format!("the command `{word}` must come before all other arguments");
            let help = format!("run `cargo lambdapack {word} …`");
            return Err(Problem::new(what).help(help));
        }
        Err(Problem::new(format!(
            "`{}` is neither a command nor an existing path",
            path.display()
        ))
        .help(suggestion(path, host)))
    }
}

/// Advice for a path that does not exist: it may be a misspelled subcommand or folder.
fn suggestion(path: &Path, host: &Host) -> String {
    let full = host.cwd.join(path);
    let neighbours: Vec<_> = fs_err::read_dir(full.parent().unwrap_or(&full))
        .map(|entries| {
            entries
                .filter_map(Result::ok)
                .filter(|entry| entry.path().is_dir())
                .map(|entry| entry.file_name().to_string_lossy().into_owned())
                .collect()
        })
        .unwrap_or_default();
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let all: Vec<_> = SUBCOMMANDS
        .into_iter()
        .chain(neighbours.iter().map(String::as_str))
        .filter(|known| strsim::jaro_winkler(&name, known) > 0.8)
        .collect();
    if all.is_empty() {
        "paths are relative to the current folder; run `cargo lambdapack --help` for a list of \
         commands"
            .to_owned()
    } else {
        did_you_mean(&name, &all, "there are")
    }
}
