//! The files of a result, and whether they are those that the manifest describes.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use crate::build::package::manifest::{ArchEntry, ManifestFile};
use crate::build::project::name::check_name;
use crate::commands::collect::part::{Part, PartResult};
use crate::fs::digest::Sha256;
use crate::fs::file_name;
use crate::ui::failure::Problem;

/// A file of a result, as the manifest describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ResultFile {
    /// The path in the output folder, with `/`.
    pub(super) path: String,
    /// The hash in hexadecimal.
    pub(super) sha256: String,
    /// The size in bytes; `None` if it is not recorded.
    size: Option<u64>,
    pub(super) executable: bool,
    /// Whether it describes another file, so that it is written after that file.
    pub(super) is_description: bool,
}

/// The files of a result. Every file has the path that a build gives it, so that a manifest cannot
/// name a file elsewhere.
pub(super) fn result_files(result: &PartResult<'_>) -> Result<Vec<ResultFile>, Problem> {
    let files = check_name(result.name).ok().and_then(|()| {
        let place = format!("{}/{}", result.arch.name(), result.name);
        match &result.entry.dir {
            None => zip_files(result.entry, &format!("{place}.zip")),
            Some(dir) if *dir == place => folder_files(result.entry, &place),
            Some(_) => None,
        }
    });
    files.ok_or_else(|| {
        let manifest = result.part.manifest_path();
        let label = result.label();
        Problem::new(format!(
            "`{manifest}` is damaged: it does not describe {label} as a build does"
        ))
        .help("copy the folder from its runner again, or build the part again")
    })
}

fn zip_files(entry: &ArchEntry, zip: &str) -> Option<Vec<ResultFile>> {
    let hash = entry.code_sha256.as_ref()?;
    let sha256 = Sha256::from_base64(hash)?.hex();
    let mut files = vec![
        ResultFile {
            path: entry.zip.clone().filter(|path| path == zip)?,
            sha256: entry
                .sha256
                .clone()
                .filter(|recorded| *recorded == sha256)?,
            size: Some(entry.zip_size?),
            executable: false,
            is_description: false,
        },
        ResultFile {
            path: file_name::sidecar(Path::new(zip)).to_str()?.to_owned(),
            sha256: Sha256::digest(hash.as_bytes()).hex(),
            size: Some(hash.len() as u64),
            executable: false,
            is_description: true,
        },
    ];
    if let Some(sbom) = &entry.sbom {
        let path = file_name::sbom(Path::new(zip)).to_str()?.to_owned();
        files.push(ResultFile {
            path: Some(path).filter(|path| *path == sbom.path)?,
            sha256: sbom.sha256.clone(),
            size: None,
            executable: false,
            is_description: true,
        });
    }
    Some(files)
}

fn folder_files(entry: &ArchEntry, folder: &str) -> Option<Vec<ResultFile>> {
    let file = |recorded: &ManifestFile| {
        let name = &recorded.name;
        let mode = u32::from_str_radix(&recorded.mode, 8).ok()?;
        let is_safe = file_name::unpack_problem(name.as_bytes()).is_none();
        is_safe.then(|| ResultFile {
            path: format!("{folder}/{name}"),
            sha256: recorded.sha256.clone(),
            size: Some(recorded.size),
            executable: mode & 0o100 != 0,
            is_description: false,
        })
    };
    entry.entries.iter().map(file).collect()
}

impl ResultFile {
    /// The file in an output folder.
    pub(super) fn path_in(&self, dir: &Path) -> PathBuf {
        dir.join(&self.path)
    }

    /// Whether a file has the recorded size and hash.
    pub(super) fn is_at(&self, path: &Path) -> bool {
        self.difference(path).is_none()
    }

    /// Compares the file of a part with the manifest.
    pub(super) fn problem(&self, part: &Part) -> Option<Problem> {
        let difference = self.difference(&self.path_in(&part.dir))?;
        let (file, manifest) = (part.shown(&self.path), part.manifest_path());
        let what = format!("`{file}` is not the file that `{manifest}` describes: {difference}");
        Some(Problem::new(what).help("copy the folder from its runner again, or build it again"))
    }

    /// The first difference between a file and the manifest.
    fn difference(&self, path: &Path) -> Option<String> {
        self.compare(path).unwrap_or_else(|error| {
            Some(match error.kind() {
                ErrorKind::NotFound => "it is missing".to_owned(),
                _ => error.to_string(),
            })
        })
    }

    fn compare(&self, path: &Path) -> io::Result<Option<String>> {
        let mut file = fs_err::File::open(path)?;
        let size = file.metadata()?.len();
        if let Some(expected) = self.size.filter(|expected| *expected != size) {
            return Ok(Some(format!(
                "its size is {size} instead of {expected} bytes"
            )));
        }
        let is_same = Sha256::digest_reader(&mut file)?.hex() == self.sha256;
        Ok((!is_same).then(|| "its SHA-256 differs".to_owned()))
    }
}
