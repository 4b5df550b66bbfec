//! What a zip is for, and what is in the place of a bootstrap that is missing.
//!
//! In: a [`ZipDirectory`]. Out: its [`ZipPurpose`], and advice that suits what is there.
//! Names are taken as they were meant: with `/`, and without `./` in front. What is wrong
//! with them is told by `names.rs`.

use crate::lambda::is_extension;
use crate::lambda::{BOOTSTRAP, EXTENSIONS};
use crate::validate::finding::Finding;
use crate::validate::finding::FindingCode;
use crate::validate::zip::directory::DirectoryEntry;
use crate::validate::zip::directory::ZipDirectory;

/// What a zip is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ZipPurpose {
    /// A function: it has, or should have, a bootstrap.
    Function,
    /// A function that is started by the bootstrap of a layer.
    LayersFunction,
    Layer,
}

/// The folders of a layer that the runtimes look into.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/packaging-layers.html>
const LAYER_FOLDERS: [&str; 6] = ["bin/", "java/", "lib/", "nodejs/", "python/", "ruby/"];

/// A file, by its meant name.
struct NamedFile {
    name: String,
    shown: String,
    runs: bool,
}

impl NamedFile {
    /// The name without folders.
    fn last(&self) -> &str {
        self.name.rsplit('/').next().unwrap_or_default()
    }

    fn is_like_bootstrap(&self) -> bool {
        let name = self.name.to_lowercase();
        let stem = name.split('.').next().unwrap_or_default();
        !name.contains('/') && strsim::damerau_levenshtein(stem, BOOTSTRAP) <= 2
    }

    fn is_called_like_a_program(&self) -> bool {
        ["main", "handler"].contains(&self.last())
    }
}

fn files(directory: &ZipDirectory) -> Vec<NamedFile> {
    let file = |entry: &DirectoryEntry| {
        let name = entry.meant();
        let last = name.rsplit('/').next().unwrap_or_default();
        // What macOS and Windows leave in folders.
        let is_left_over = name.starts_with("__MACOSX/")
            || [".DS_Store", "Thumbs.db", "desktop.ini"].contains(&last)
            || last.starts_with("._");
        let is_file = !entry.is_folder() && !last.is_empty();
        (is_file && !is_left_over).then(|| NamedFile {
            shown: entry.shown(),
            runs: entry.mode & 0o111 != 0,
            name,
        })
    };
    directory.entries.iter().filter_map(file).collect()
}

/// What a zip is for, by what the user says, or else by what is in it.
pub(crate) fn purpose(directory: &ZipDirectory, stated: Option<ZipPurpose>) -> ZipPurpose {
    if let Some(purpose) = stated {
        return purpose;
    }
    let files = files(directory);
    let has_bootstrap = files.iter().any(|file| file.name == BOOTSTRAP);
    let has_extension = files.iter().any(|file| is_extension(&file.name));
    // Programs in `bin/` may as well be a function that was packed in a wrong way.
    let is_in_layer = |file: &NamedFile| {
        let folders = LAYER_FOLDERS.iter().filter(|folder| **folder != "bin/");
        { folders }.any(|folder| file.name.starts_with(folder))
    };
    let is_layer = has_extension || (!files.is_empty() && files.iter().all(is_in_layer));
    if is_layer && !has_bootstrap {
        ZipPurpose::Layer
    } else {
        ZipPurpose::Function
    }
}

/// Why there is no bootstrap at the root, if there is none.
pub(crate) fn missing_bootstrap(directory: &ZipDirectory) -> Option<Finding> {
    let files = files(directory);
    if files.iter().any(|file| file.name == BOOTSTRAP) {
        return None;
    }
    let folder = format!("{BOOTSTRAP}/");
    let is_it = |name: &str| name == BOOTSTRAP || name == folder;
    if directory.entries.iter().any(|entry| is_it(&entry.meant()))
        && !files.iter().any(|file| file.name.starts_with(&folder))
    {
        return Some(Finding::new(
            FindingCode::NoBootstrap,
            "has a folder called bootstrap, and the runtime starts a file",
            "put the program itself at the root, called bootstrap",
        ));
    }
    Some(misplaced_extension(&files).unwrap_or_else(|| {
        let (found, help) = in_its_place(&files);
        Finding::new(
            FindingCode::NoBootstrap,
            format!("has no bootstrap at its root ({found})"),
            help,
        )
    }))
}

/// An extension that Lambda would not find.
fn misplaced_extension(files: &[NamedFile]) -> Option<Finding> {
    let extensions = EXTENSIONS.trim_end_matches('/');
    let all_in = |folder: &str| {
        let folder = format!("{folder}/");
        files.iter().all(|file| file.name.starts_with(&folder))
    };
    let find = |file: &NamedFile| {
        let shown = &file.shown;
        let (folder, rest) = file.name.split_once('/')?;
        // `my-ext/extensions/mon`.
        if let Some((before, after)) = file.name.split_once(&format!("/{EXTENSIONS}"))
            && !after.contains('/')
            && !before.contains('/')
            && (file.runs || all_in(before))
        {
            let what = format!(
                "has the folder {extensions} in {before}/, and not at the root of the layer (found \
                 {shown})"
            );
            let help = format!(
                "zip what is in the folder, not the folder around it: cd {before} && zip -r \
                 ../layer.zip {extensions}"
            );
            return Some((what, help));
        }
        // `extensions/mon/mon`.
        if folder == extensions && file.runs {
            let (_, name) = rest.rsplit_once('/')?;
            let what =
                format!("has {shown}, and Lambda starts only what is directly in {EXTENSIONS}");
            return Some((
                what,
                format!("move the program: call it {EXTENSIONS}{name}"),
            ));
        }
        // `extension/mon`.
        let distance = strsim::damerau_levenshtein(&folder.to_lowercase(), extensions);
        let is_alike = folder != extensions && distance <= 2 && !rest.contains('/');
        (is_alike && (file.runs || all_in(folder))).then(|| {
            let what = format!(
                "has {shown} and no folder {extensions}/: did you mean {EXTENSIONS}{rest}?"
            );
            let help = format!("rename the folder {folder} to {extensions}");
            (what, help)
        })
    };
    let (what, help) = files.iter().find_map(find)?;
    Some(Finding::new(FindingCode::MisplacedExtension, what, help))
}

const PACK: &str = "cargo lambdapack pack BINARY";
const LAYER: &str = "if a layer brings bootstrap, say so: --layer-bootstrap";
const FOLDER: &str =
    "zip the program itself, called bootstrap, not the folder around it: zip -j, or";

/// What is where bootstrap should be, and what to do about it.
fn in_its_place(files: &[NamedFile]) -> (String, String) {
    let Some(first) = files.first() else {
        return (
            "found nothing".to_owned(),
            format!("pack the program: {PACK}"),
        );
    };
    let found = |file: &NamedFile| format!("found {}", file.shown);
    let is_zip = |file: &&NamedFile| file.name.to_lowercase().ends_with(".zip");
    let zip = files.iter().find(is_zip);
    if let Some(zip) = zip.filter(|_| files.iter().all(|file| !file.runs || is_zip(&file))) {
        let what = format!(
            "found {}, a zip in the zip: Lambda unpacks only the outer one",
            zip.shown
        );
        return (what, format!("deploy {} itself", zip.shown));
    }
    if let Some(file) = files.iter().find(|file| file.last() == BOOTSTRAP) {
        let folder = file.name.trim_end_matches(BOOTSTRAP);
        let is_around = files.iter().all(|file| file.name.starts_with(folder));
        let help = if is_around {
            format!(
                "zip what is in the folder, not the folder around it: cd {folder} && zip -r \
                 ../function.zip ., or {PACK}"
            )
        } else {
            format!("{FOLDER} {PACK}")
        };
        return (found(file), help);
    }
    if let Some(file) = files.iter().find(|file| file.is_like_bootstrap()) {
        let help = format!(
            "call it {BOOTSTRAP}, in small letters and without an ending: mv {} {BOOTSTRAP}",
            file.shown
        );
        return (found(file), help);
    }
    let program = { files.iter() }.find(|file| file.runs || file.is_called_like_a_program());
    let is_in_layer = |file: &NamedFile| LAYER_FOLDERS.iter().any(|f| file.name.starts_with(f));
    if files.iter().all(is_in_layer) {
        let help = format!("{FOLDER} {PACK}; if this is a layer, say so: --layer");
        return (found(program.unwrap_or(first)), help);
    }
    let help = match program {
        Some(file) => format!(
            "the runtime starts nothing but {BOOTSTRAP}: give the program this name (cp {} \
             {BOOTSTRAP} && zip -j function.zip {BOOTSTRAP}), or {PACK}; {LAYER}",
            file.shown
        ),
        None => format!("zip the program itself, called {BOOTSTRAP}, or {PACK}; {LAYER}"),
    };
    (found(program.unwrap_or(first)), help)
}
