//! Expands `SRC[=DEST]` with names, folders, and patterns to files.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use crate::build::assets::IncludedFile;
use crate::build::assets::pattern::{GlobPattern, PatternMatch, is_pattern};
use crate::build::assets::walk::{FolderWalk, MAX_FOLDERS, WalkedFile, leads_out};
use crate::build::request::IncludeOption;
use crate::fs::file_name;
use crate::fs::path;
use crate::system::tool_cache::FileStamp;
use crate::ui::failure::Problem;
use crate::ui::failure::{ExitKind, Failure};

/// Lists the files of these includes, sorted by name.
pub(in crate::build::assets) fn list(
    includes: &[IncludeOption],
) -> Result<Vec<IncludedFile>, Failure> {
    let mut problems = Vec::new();
    let mut files: BTreeMap<String, PathBuf> = BTreeMap::new();
    for include in includes {
        let found = match expand(include) {
            Ok(found) => found,
            Err(mut more) => {
                problems.append(&mut more);
                continue;
            }
        };
        for (name, path) in found {
            if let Some(why) = file_name::unpack_problem(name.as_bytes()) {
                problems.push(invalid_name(include, &name, &path, why));
            } else if let Some(other) = files.insert(name.clone(), path.clone())
                && !is_same_file(&other, &path)
            {
                problems.push(
                    Problem::new(format!(
                        "`{}` and `{}` would both become `{name}` in the zip",
                        other.display(),
                        path.display()
                    ))
                    .help("give one of them another name with `--include SRC=DEST`"),
                );
            }
        }
    }
    let mut included = Vec::new();
    for (name, path) in files {
        match FileStamp::read(&path) {
            Some(stamp) => included.push(IncludedFile { name, path, stamp }),
            None => problems.push(
                Problem::new(format!("`{}` no longer exists", path.display()))
                    .help("make sure that nothing removes it, and run again"),
            ),
        }
    }
    Failure::unless_empty(ExitKind::Packaging, problems)?;
    Ok(included)
}

fn invalid_name(include: &IncludeOption, name: &str, path: &Path, why: &str) -> Problem {
    let what = format!(
        "`--include {}`: `{}` would become the zip entry `{}` {why}",
        include.word,
        path.display(),
        file_name::printable(name)
    );
    Problem::new(what)
        .help("set its name in the zip with `--include SRC=DEST`, using `/` as the separator")
}

/// Whether two paths lead to the same file.
fn is_same_file(one: &Path, other: &Path) -> bool {
    one == other
        || match (fs_err::canonicalize(one), fs_err::canonicalize(other)) {
            (Ok(one), Ok(other)) => one == other,
            _ => false,
        }
}

/// The files of one include.
fn expand(include: &IncludeOption) -> Result<Vec<WalkedFile>, Vec<Problem>> {
    let (source, destination) = split(include);
    if source.is_empty() {
        let problem = Problem::new(format!(
            "`--include '{}'` does not name a file",
            include.word
        ));
        return Err(vec![problem.help(
            "check whether a variable is empty; use `.` for the current folder",
        )]);
    }
    let source = if cfg!(windows) {
        source.replace('\\', "/")
    } else {
        source.to_owned()
    };
    let place = include.base.join(&source);
    if place.symlink_metadata().is_ok() {
        let named = match destination {
            Some(to) => to.to_owned(),
            None => relative_name(&source).map_err(|why| vec![nameless(include, why)])?,
        };
        return expand_name(include, &source, &place, &named, destination);
    }
    if !is_pattern(&source) {
        return Err(vec![missing(include, &place)]);
    }
    // The parts before the first pattern are the names of folders.
    let parts: Vec<_> = source.split('/').collect();
    let fixed = parts.iter().take_while(|part| !is_pattern(part)).count();
    let (folder, pattern) = (parts[..fixed].join("/"), parts[fixed..].join("/"));
    let folder = if fixed > 0 && folder.is_empty() {
        "/".to_owned()
    } else {
        folder
    };
    let named = match destination {
        Some(to) => to.to_owned(),
        None => relative_name(&folder).map_err(|why| vec![nameless(include, why)])?,
    };
    let start = include.base.join(&folder);
    if !start.is_dir() {
        return Err(vec![missing(include, &start)]);
    }
    check_inside(include, &start)?;
    let parts = GlobPattern::new(&pattern).map_err(|error| {
        vec![Problem::new(format!("{error:#}")).help("use only `*`, `?`, `[ab]`, and `**`")]
    })?;
    let found = walk(&start, &start, &|name| parts.matches(name))?;
    if found.is_empty() {
        let what = format!(
            "`--include {}`: no file matches `{}`",
            include.word,
            place.display()
        );
        let problem = Problem::new(what).help(path_help(include));
        return Err(vec![problem]);
    }
    Ok(below(&named, found))
}

/// The file or the files of a folder with this name.
fn expand_name(
    include: &IncludeOption,
    source: &str,
    place: &Path,
    named: &str,
    destination: Option<&str>,
) -> Result<Vec<WalkedFile>, Vec<Problem>> {
    check_inside(include, place)?;
    if place.is_dir() {
        let found = walk(place, place, &|_| PatternMatch::Yes)?;
        if found.is_empty() {
            let what = format!(
                "`--include {}`: the folder `{}` contains no files",
                include.word,
                place.display()
            );
            return Err(vec![
                Problem::new(what).help("omit it: a zip contains only files"),
            ]);
        }
        return Ok(below(named, found));
    }
    let found = walk(place, Path::new(""), &|_| PatternMatch::Yes)?;
    let last = source.rsplit('/').next().unwrap_or(source);
    // `DEST/` is a folder.
    let name = match destination {
        Some(to) if to.is_empty() || to.ends_with('/') || to == "." => below_name(to, last),
        _ => named.to_owned(),
    };
    Ok(found
        .into_iter()
        .map(|(_, path)| (name.clone(), path))
        .collect())
}

/// Refuses a path below the include's folder that leads out of it through symlinks.
fn check_inside(include: &IncludeOption, place: &Path) -> Result<(), Vec<Problem>> {
    let (Ok(real), Ok(base)) = (
        fs_err::canonicalize(place),
        fs_err::canonicalize(&include.base),
    ) else {
        // The walk reports the error.
        return Ok(());
    };
    let inside = path::join(&include.base, place).starts_with(&include.base);
    if inside && !real.starts_with(&base) {
        return Err(vec![leads_out(place, &base)]);
    }
    Ok(())
}

fn walk(
    start: &Path,
    root: &Path,
    wanted: &dyn Fn(&[&str]) -> PatternMatch,
) -> Result<Vec<WalkedFile>, Vec<Problem>> {
    let real = fs_err::canonicalize(root);
    let root = real.unwrap_or_else(|_| root.to_owned());
    let mut walk = FolderWalk {
        root: &root,
        wanted,
        folders: 0,
        found: Vec::new(),
        problems: Vec::new(),
    };
    if start.is_dir() {
        let real = fs_err::canonicalize(start);
        walk.visit_folder(start, &[], &mut real.into_iter().collect());
    } else {
        walk.visit(start, &[], PatternMatch::Yes, &mut Vec::new());
    }
    if walk.folders > MAX_FOLDERS {
        let what = format!(
            "`{}` contains more than {MAX_FOLDERS} folders",
            start.display()
        );
        let problem =
            Problem::new(what).help("check where its symlinks lead, or include fewer folders");
        walk.problems.push(problem);
    }
    if walk.problems.is_empty() {
        Ok(walk.found)
    } else {
        Err(walk.problems)
    }
}

/// Splits `SRC=DEST`. If a file contains `=` in its own name, it is not split there.
fn split(include: &IncludeOption) -> (&str, Option<&str>) {
    let word = include.word.as_str();
    let exists = |source: &str| include.base.join(source).symlink_metadata().is_ok();
    if exists(word) {
        return (word, None);
    }
    let mut splits = word
        .rmatch_indices('=')
        .map(|(at, _)| (&word[..at], &word[at + 1..]));
    let last = splits.clone().next();
    match splits.find(|(source, _)| exists(source)).or(last) {
        Some((source, to)) => (source, Some(to)),
        None => (word, None),
    }
}

/// The name in the zip of a source without a destination.
fn relative_name(source: &str) -> Result<String, &'static str> {
    let mut parts = Vec::new();
    for part in Path::new(source).components() {
        match part {
            Component::CurDir => {}
            Component::Normal(part) => parts.push(part.to_string_lossy()),
            Component::ParentDir => return Err("leads out of its base folder"),
            Component::RootDir | Component::Prefix(_) => return Err("is an absolute path"),
        }
    }
    Ok(parts.join("/"))
}

fn nameless(include: &IncludeOption, why: &str) -> Problem {
    Problem::new(format!(
        "`--include {}` {why}, so it has no name in the zip",
        include.word
    ))
    .help("set its name with `--include SRC=DEST`")
}

fn missing(include: &IncludeOption, place: &Path) -> Problem {
    let what = format!(
        "`--include {}`: `{}` does not exist",
        include.word,
        place.display()
    );
    Problem::new(what).help(path_help(include))
}

/// The advice for an include that matches nothing.
fn path_help(include: &IncludeOption) -> &'static str {
    let has_backslash = include.word.contains('\\') && !cfg!(windows);
    if has_backslash {
        "use `/` as the path separator"
    } else {
        "check the path: on the command line, it is relative to the current folder; in a \
         configuration file, to the folder of that file"
    }
}

fn below(folder: &str, found: Vec<WalkedFile>) -> Vec<WalkedFile> {
    found
        .into_iter()
        .map(|(name, path)| (below_name(folder, &name), path))
        .collect()
}

fn below_name(folder: &str, name: &str) -> String {
    match folder.strip_suffix('/').unwrap_or(folder) {
        "" if folder != "/" => name.to_owned(),
        "." => name.to_owned(),
        folder => format!("{folder}/{name}"),
    }
}
