//! Recognizes the purpose of a zip, and explains why `bootstrap` is missing.
//!
//! In: a [`ZipDirectory`]. Out: its [`ZipPurpose`], and a finding with help that fits the
//! contents. Names are normalized: `\` becomes `/`, and a leading `./` is removed.
//! Left to others: problems with the names themselves, which `names` reports.

use crate::lambda::is_extension;
use crate::lambda::{BOOTSTRAP, EXTENSIONS};
use crate::validate::finding::Finding;
use crate::validate::finding::FindingCode;
use crate::validate::zip::directory::DirectoryEntry;
use crate::validate::zip::directory::ZipDirectory;

/// The purpose of a zip.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ZipPurpose {
    /// A function, which needs a file named `bootstrap`.
    Function,
    /// A function whose `bootstrap` comes from a layer.
    LayersFunction,
    Layer,
}

/// The folders of a layer that the runtimes use.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/packaging-layers.html>
const LAYER_FOLDERS: [&str; 6] = ["bin/", "java/", "lib/", "nodejs/", "python/", "ruby/"];

/// A file with its normalized name.
struct NamedFile {
    name: String,
    display_name: String,
    is_executable: bool,
}

impl NamedFile {
    /// The name without folders.
    fn file_name(&self) -> &str {
        self.name.rsplit('/').next().unwrap_or_default()
    }

    fn resembles_bootstrap(&self) -> bool {
        let name = self.name.to_lowercase();
        let stem = name.split('.').next().unwrap_or_default();
        !name.contains('/') && strsim::damerau_levenshtein(stem, BOOTSTRAP) <= 2
    }

    fn has_program_name(&self) -> bool {
        ["main", "handler"].contains(&self.file_name())
    }
}

fn files(directory: &ZipDirectory) -> Vec<NamedFile> {
    directory.entries.iter().filter_map(named_file).collect()
}

fn named_file(entry: &DirectoryEntry) -> Option<NamedFile> {
    let name = entry.intended_name();
    let file_name = name.rsplit('/').next().unwrap_or_default();
    // macOS and Windows create these files without being asked.
    let is_system_file = name.starts_with("__MACOSX/")
        || [".DS_Store", "Thumbs.db", "desktop.ini"].contains(&file_name)
        || file_name.starts_with("._");
    let is_file = !entry.is_folder() && !file_name.is_empty();
    (is_file && !is_system_file).then(|| NamedFile {
        display_name: entry.display_name(),
        is_executable: entry.mode & 0o111 != 0,
        name,
    })
}

/// The purpose that the user states, or otherwise the purpose that the contents suggest.
pub(crate) fn purpose(directory: &ZipDirectory, stated: Option<ZipPurpose>) -> ZipPurpose {
    if let Some(purpose) = stated {
        return purpose;
    }
    let files = files(directory);
    let has_bootstrap = files.iter().any(|file| file.name == BOOTSTRAP);
    let has_extension = files.iter().any(|file| is_extension(&file.name));
    // Programs in `bin/` can also be a function that was packaged incorrectly.
    let is_in_layer_folder = |file: &NamedFile| {
        LAYER_FOLDERS
            .iter()
            .filter(|folder| **folder != "bin/")
            .any(|folder| file.name.starts_with(folder))
    };
    let is_layer = has_extension || (!files.is_empty() && files.iter().all(is_in_layer_folder));
    if is_layer && !has_bootstrap {
        ZipPurpose::Layer
    } else {
        ZipPurpose::Function
    }
}

/// A finding if there is no `bootstrap` at the root.
pub(crate) fn missing_bootstrap(directory: &ZipDirectory) -> Option<Finding> {
    let files = files(directory);
    if files.iter().any(|file| file.name == BOOTSTRAP) {
        return None;
    }
    let folder = format!("{BOOTSTRAP}/");
    let has_folder = directory.entries.iter().any(|entry| {
        let name = entry.intended_name();
        name == BOOTSTRAP || name == folder
    });
    if has_folder && !files.iter().any(|file| file.name.starts_with(&folder)) {
        return Some(Finding::new(
            FindingCode::NoBootstrap,
            "has a folder named `bootstrap`, but the runtime starts a file with this name",
            "put the program itself at the root, and name it `bootstrap`",
        ));
    }
    Some(misplaced_extension(&files).unwrap_or_else(|| {
        let (found, help) = explain_contents(&files);
        Finding::new(
            FindingCode::NoBootstrap,
            format!("has no `bootstrap` at its root ({found})"),
            help,
        )
    }))
}

/// A finding if there is an extension in a folder in which Lambda does not look.
fn misplaced_extension(files: &[NamedFile]) -> Option<Finding> {
    let (what, help) = files
        .iter()
        .find_map(|file| explain_misplaced_extension(file, files))?;
    Some(Finding::new(FindingCode::MisplacedExtension, what, help))
}

/// The problem and its next step, if this file is a misplaced extension.
fn explain_misplaced_extension(file: &NamedFile, files: &[NamedFile]) -> Option<(String, String)> {
    let extensions = EXTENSIONS.trim_end_matches('/');
    let all_in = |folder: &str| {
        let folder = format!("{folder}/");
        files.iter().all(|file| file.name.starts_with(&folder))
    };
    let name = &file.display_name;
    let (folder, rest) = file.name.split_once('/')?;
    // `my-ext/extensions/mon`.
    if let Some((before, after)) = file.name.split_once(&format!("/{EXTENSIONS}"))
        && !after.contains('/')
        && !before.contains('/')
        && (file.is_executable || all_in(before))
    {
        return Some((
            format!(
                "has the folder `{extensions}` in `{before}/` instead of at the root of the layer \
                 (found {name})"
            ),
            format!(
                "zip the contents of the folder instead of the folder: `cd {before} && zip -r \
                 ../layer.zip {extensions}`"
            ),
        ));
    }
    // `extensions/mon/mon`.
    if folder == extensions && file.is_executable {
        let (_, program) = rest.rsplit_once('/')?;
        return Some((
            format!("has {name}, but Lambda starts only files directly in `{EXTENSIONS}`"),
            format!("move the program to `{EXTENSIONS}{program}`"),
        ));
    }
    // `extension/mon`.
    let distance = strsim::damerau_levenshtein(&folder.to_lowercase(), extensions);
    let is_similar = folder != extensions && distance <= 2 && !rest.contains('/');
    (is_similar && (file.is_executable || all_in(folder))).then(|| {
        (
            format!("has {name}, but no folder `{EXTENSIONS}`; did you mean `{EXTENSIONS}{rest}`?"),
            format!("rename the folder `{folder}` to `{extensions}`"),
        )
    })
}

const PACK: &str = "`cargo lambdapack pack BINARY`";
const LAYER: &str =
    "if one of the function's layers contains `bootstrap`, pass `--layer-bootstrap`";
const FOLDER: &str =
    "zip the program itself, named `bootstrap`, instead of the folder: use `zip -j` or";

/// The file that is the most likely reason for a missing `bootstrap`, and the next step.
fn explain_contents(files: &[NamedFile]) -> (String, String) {
    let Some(first) = files.first() else {
        return (
            "found no files".to_owned(),
            format!("package the program: {PACK}"),
        );
    };
    let found = |file: &NamedFile| format!("found {}", file.display_name);
    let is_zip = |file: &NamedFile| file.name.to_lowercase().ends_with(".zip");
    if let Some(zip) = files.iter().find(|file| is_zip(file))
        && files.iter().all(|file| !file.is_executable || is_zip(file))
    {
        return (
            format!(
                "found {}, a zip in the zip, but Lambda unpacks only the outer zip",
                zip.display_name
            ),
            format!("deploy {} itself", zip.display_name),
        );
    }
    if let Some(file) = files.iter().find(|file| file.file_name() == BOOTSTRAP) {
        let folder = file.name.trim_end_matches(BOOTSTRAP);
        let contains_all = files.iter().all(|file| file.name.starts_with(folder));
        let help = if contains_all {
            format!(
                "zip the contents of the folder instead of the folder: `cd {folder} && zip -r \
                 ../function.zip .`, or {PACK}"
            )
        } else {
            format!("{FOLDER} {PACK}")
        };
        return (found(file), help);
    }
    if let Some(file) = files.iter().find(|file| file.resembles_bootstrap()) {
        let help = format!(
            "rename it to `{BOOTSTRAP}`, in lowercase and without a file extension: `mv {} \
             {BOOTSTRAP}`",
            file.display_name
        );
        return (found(file), help);
    }
    let program = files
        .iter()
        .find(|file| file.is_executable || file.has_program_name());
    let is_in_layer_folder = |file: &NamedFile| {
        LAYER_FOLDERS
            .iter()
            .any(|folder| file.name.starts_with(folder))
    };
    if files.iter().all(is_in_layer_folder) {
        let help = format!("{FOLDER} {PACK}; if this is a layer, pass `--layer`");
        return (found(program.unwrap_or(first)), help);
    }
    let help = match program {
        Some(file) => format!(
            "name the program `{BOOTSTRAP}`, because the runtime starts only this file (`cp {} \
             {BOOTSTRAP} && zip -j function.zip {BOOTSTRAP}`), or use {PACK}; {LAYER}",
            file.display_name
        ),
        None => {
            format!("zip the program itself, named `{BOOTSTRAP}`, or use {PACK}; {LAYER}")
        }
    };
    (found(program.unwrap_or(first)), help)
}
