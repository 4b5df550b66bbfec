//! Every file below a folder, or why there cannot be an answer.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::build::assets::pattern::PatternMatch;
use crate::fs::file_name::TEMPORARY;
use crate::lambda::MAX_ENTRIES;
use crate::system::process;
use crate::ui::failure::Problem;

/// A file that was found: its name from where the walk began, and its place.
pub(super) type WalkedFile = (String, PathBuf);

/// More than any project has.
pub(super) const MAX_FOLDERS: usize = 1_000_000;

/// A walk. Symlinks are followed inside its root and nowhere else.
pub(super) struct FolderWalk<'a> {
    /// Symlinks may lead to what is in here: a path without symlinks.
    pub(super) root: &'a Path,
    /// Which names are meant.
    pub(super) wanted: &'a dyn Fn(&[&str]) -> PatternMatch,
    /// How many folders were looked at.
    pub(super) folders: usize,
    /// The files, sorted by name within their folders.
    pub(super) found: Vec<WalkedFile>,
    /// What cannot be packed.
    pub(super) problems: Vec<Problem>,
}

impl FolderWalk<'_> {
    /// Looks at a folder; `above` are the folders around it, without symlinks.
    pub(super) fn folder(&mut self, folder: &Path, name: &[&str], above: &mut Vec<PathBuf>) {
        // Symlinks can show few folders in many ways.
        self.folders += 1;
        let enough = self.found.len() > usize::from(MAX_ENTRIES) || self.folders > MAX_FOLDERS;
        if enough || process::interrupted().is_err() {
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
                // What a killed run has left is nobody's file.
                _ if last.starts_with(TEMPORARY) => {}
                PatternMatch::No => {}
                _ if file_name.to_str().is_none() => {
                    self.problems.push(not_utf8(&entry.path(), &file_name));
                }
                wanted => self.entry(&entry.path(), &name, wanted, above),
            }
        }
    }

    /// Looks at whatever this is.
    pub(super) fn entry(
        &mut self,
        path: &Path,
        name: &[&str],
        wanted: PatternMatch,
        above: &mut Vec<PathBuf>,
    ) {
        // A link that nobody wants may lead anywhere.
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
                        "{} leads back to a folder around it: {}",
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
                let what = format!("{} holds what was packed before", path.display());
                let help = "it would be packed again and again: include what is needed by name";
                self.problems.push(Problem::new(what).help(help));
            }
        } else if kind.is_dir() {
            above.extend(fs_err::canonicalize(path).ok());
            self.folder(path, name, above);
            above.pop();
        } else if wanted == PatternMatch::Yes && kind.is_file() {
            self.found.push((name.join("/"), path.to_owned()));
        } else if wanted == PatternMatch::Yes {
            let what = format!("{} is {}, not a file", path.display(), special(kind));
            self.problems.push(Problem::new(what).help("leave it out"));
        }
    }
}

/// A problem with the folder's or file's own words, which name it.
fn unreadable(error: &std::io::Error) -> Problem {
    Problem::new(error.to_string()).help("give yourself the right to read it, or leave it out")
}

fn dangling(path: &Path, error: &std::io::Error) -> Problem {
    let why = match error.kind() {
        std::io::ErrorKind::NotFound => "leads to nothing",
        _ => "leads in a circle",
    };
    Problem::new(format!("{} {why}: {}", path.display(), chain(path)))
        .help("mend or remove the symlink")
}

/// A symlink, or a path with one, that leads elsewhere.
pub(super) fn leads_out(path: &Path, root: &Path) -> Problem {
    Problem::new(format!(
        "{} leads out of {}: {}",
        path.display(),
        root.display(),
        chain(path)
    ))
    .help("include what it leads to by its own path: --include SRC=DEST")
}

/// The way of a symlink, step by step.
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
    let hex: Vec<_> = { name.as_encoded_bytes().iter() }
        .map(|byte| format!("{byte:02x}"))
        .collect();
    Problem::new(format!(
        "the name of {} is not UTF-8 ({})",
        path.display(),
        hex.join(" ")
    ))
    .help("rename it, or leave it out")
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
