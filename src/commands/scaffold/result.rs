//! The files that were written or shown.

use std::path::{Path, PathBuf};

use crate::commands::scaffold::write::NewFile;
use crate::ui::path_display::display_path;

/// The files that were written or shown.
#[derive(Debug)]
pub(crate) struct ScaffoldResult {
    pub(super) files: Vec<NewFile>,
    /// Whether they are shown and not written.
    pub(super) shown: bool,
}

impl ScaffoldResult {
    /// The paths of the files, or their contents if they are shown.
    pub(crate) fn text(&self, cwd: &Path) -> String {
        match &self.files[..] {
            [file] if self.shown => file.text.clone(),
            files if self.shown => {
                let files = files.iter();
                let files =
                    files.map(|f| format!("==> {} <==\n{}", display_path(&f.path, cwd), f.text));
                files.collect::<Vec<_>>().join("\n")
            }
            files => {
                let files = files.iter();
                files.map(|f| display_path(&f.path, cwd) + "\n").collect()
            }
        }
    }
}

/// Joins a folder and a path of a template, which uses `/`.
pub(super) fn in_folder(folder: &Path, path: &str) -> PathBuf {
    path.split('/')
        .fold(folder.to_owned(), |path, name| path.join(name))
}
