//! Finds every file below a folder, or the reasons why it cannot be packed.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::build::assets::pattern::PatternMatch;
use crate::fs::file_name::TEMPORARY;
use crate::lambda::MAX_ENTRIES;
use crate::system::process;
use crate::ui::failure::Problem;

/// A file that was found: its name relative to the start of the walk, and its path.
pub(super) type WalkedFile = (String, PathBuf);

/// The most folders that are searched: more than any project has.
pub(super) const MAX_FOLDERS: usize = 1_000_000;

/// A walk over folders. Symlinks are followed only inside the root.
pub(super) struct FolderWalk<'a> {
    /// The root, as a path without symlinks.
    pub(super) root: &'a Path,
    /// The names to include.
    pub(super) wanted: &'a dyn Fn(&[&str]) -> PatternMatch,
    /// The number of folders that were searched.
    pub(super) folders: usize,
    /// The files, sorted by name within their folders.
    pub(super) found: Vec<WalkedFile>,
    /// The files and folders that cannot be packed.
    pub(super) problems: Vec<Problem>,
}

impl FolderWalk<'_> {
    /// Searches a folder. `above` are the folders around it, as paths without symlinks.
    pub(super) fn visit_folder(&mut self, folder: &Path, name: &[&str], above: &mut Vec<PathBuf>) {
        // With symlinks, a few folders can have very many paths.
        self.folders += 1;
        let is_over_limit =
            self.found.len() > usize::from(MAX_ENTRIES) || self.folders > MAX_FOLDERS;
        if is_over_limit || process::interrupted().is_err() {
            return;
        }
        let entries = fs_err::read_dir(folder).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        let mut entries = match entries {
            Ok(entries) => entries,
            Err(error) => return self.problems.push(unreadable(&error)),
        };
        entries.sort_by_key(fs_err::DirEntry::file_name);
        for entry in entries {
            let file_name = entry.file_name();
            let last = file_name.to_string_lossy();
            let name = [name, &[&*last]].concat();
            match (self.wanted)(&name) {
                // A killed run may have left temporary files.
                _ if last.starts_with(TEMPORARY) => {}
                PatternMatch::No => {}
                _ if file_name.to_str().is_none() => {
                    self.problems.push(not_utf8(&entry.path(), &file_name));
                }
                wanted => self.visit(&entry.path(), &name, wanted, above),
            }
        }
    }

    /// Adds a file, or searches a folder.
    pub(super) fn visit(
        &mut self,
        path: &Path,
        name: &[&str],
        wanted: PatternMatch,
        above: &mut Vec<PathBuf>,
    ) {
        // A symlink that is not included may lead anywhere.
        if path.is_symlink() && (wanted == PatternMatch::Yes || path.is_dir()) {
            match fs_err::canonicalize(path) {
                Ok(real)
                    if wanted == PatternMatch::Within
                        && (!real.starts_with(self.root) || above.contains(&real)) =>
                {
                    return;
                }
                Err(error) => return self.problems.push(dangling(path, &error)),
                Ok(real) if !real.starts_with(self.root) => {
                    return self.problems.push(leads_out(path, self.root));
                }
                Ok(real) if above.contains(&real) => {
                    let turns = Problem::new(format!(
                        "`{}` is a symlink to a folder that contains it: {}",
                        path.display(),
                        chain(path)
                    ));
                    return self.problems.push(turns.help("include the files by name"));
                }
                Ok(_) => {}
            }
        }
        let kind = match fs_err::metadata(path) {
            Ok(data) => data.file_type(),
            Err(_) if wanted != PatternMatch::Yes => return,
            Err(error) => return self.problems.push(unreadable(&error)),
        };
        if kind.is_dir() && path.ends_with("target/lambdapack") {
            if wanted == PatternMatch::Yes {
                let what = format!("`{}` contains the results of earlier runs", path.display());
                let help = "include only the needed files by name, because the results would be \
                            packaged again in every run";
                self.problems.push(Problem::new(what).help(help));
            }
        } else if kind.is_dir() {
            above.extend(fs_err::canonicalize(path).ok());
            self.visit_folder(path, name, above);
            above.pop();
        } else if wanted == PatternMatch::Yes && kind.is_file() {
            self.found.push((name.join("/"), path.to_owned()));
        } else if wanted == PatternMatch::Yes {
            let what = format!("`{}` is {}, not a file", path.display(), special(kind));
            self.problems.push(Problem::new(what).help("omit it"));
        }
    }
}

/// A file or folder that cannot be read. The error names it.
fn unreadable(error: &std::io::Error) -> Problem {
    Problem::new(error.to_string()).help("make it readable, or omit it")
}

fn dangling(path: &Path, error: &std::io::Error) -> Problem {
    let why = match error.kind() {
        std::io::ErrorKind::NotFound => "is a dangling symlink",
        _ => "is a symlink that cannot be resolved",
    };
    Problem::new(format!("`{}` {why}: {}", path.display(), chain(path)))
        .help("fix or remove the symlink")
}

/// A symlink, or a path with one, that leads out of the root.
pub(super) fn leads_out(path: &Path, root: &Path) -> Problem {
    Problem::new(format!(
        "`{}` leads out of `{}`: {}",
        path.display(),
        root.display(),
        chain(path)
    ))
    .help("include the target by its own path with `--include SRC=DEST`")
}

/// The targets of a symlink, step by step.
fn chain(path: &Path) -> String {
    let mut text = path.display().to_string();
    if let (false, Ok(real)) = (path.is_symlink(), fs_err::canonicalize(path)) {
        return format!("{text} -> {}", real.display());
    }
    let mut at = path.to_owned();
    for _ in 0..8 {
        let Ok(next) = fs_err::read_link(&at) else {
            return text;
        };
        text += &format!(" -> {}", next.display());
        at = at.parent().unwrap_or(Path::new("")).join(next);
    }
    text + " -> …"
}

fn not_utf8(path: &Path, name: &OsStr) -> Problem {
    let hex: Vec<_> = name
        .as_encoded_bytes()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    Problem::new(format!(
        "the name of `{}` is not valid UTF-8 ({})",
        path.display(),
        hex.join(" ")
    ))
    .help("rename it, or omit it")
}

#[cfg(unix)]
fn special(kind: std::fs::FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt;
    if kind.is_fifo() {
        "a pipe"
    } else if kind.is_socket() {
        "a socket"
    } else {
        "a device"
    }
}

#[cfg(windows)]
fn special(_: std::fs::FileType) -> &'static str {
    "a device"
}
