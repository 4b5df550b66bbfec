//! Compares the current files with those that were recorded when they were packaged.

use std::io::ErrorKind;
use std::path::Path;

use crate::build::results::packed_function::PackedFunction;
use crate::commands::verify::compare::first_difference;
use crate::commands::verify::unpacked::{OpenedZip, ResultFiles};
use crate::fs::digest::Sha256;
use crate::fs::file_name::sidecar;
use crate::ui::failure::Problem;

/// The differences from the recorded files.
pub(super) fn problems(subject: &PackedFunction) -> anyhow::Result<Vec<Problem>> {
    let place = subject.path();
    let again = subject.repack_hint();
    if !place.exists() {
        let what = format!("{}: `{}` does not exist", subject.label(), place.display());
        return Ok(vec![Problem::new(what).help(again)]);
    }
    let changed = match subject.entry.zip {
        Some(_) => zip(subject, &place)?,
        None => folder(subject, &place)?,
    };
    let changed = changed.map(|how| {
        Problem::new(format!(
            "{}: `{}` changed after it was packaged: {how}",
            subject.label(),
            place.display()
        ))
        .help(format!("find out what changed it, then {again}"))
    });
    if changed.is_some() || subject.entry.zip.is_none() {
        return Ok(changed.into_iter().collect());
    }
    let file = sidecar(&place);
    let wanted = subject.entry.code_sha256.as_deref().unwrap_or_default();
    let how = match fs_err::read(&file) {
        Ok(text) if text == wanted.as_bytes() => return Ok(Vec::new()),
        Ok(_) => "does not contain the zip's hash",
        Err(error) if error.kind() == ErrorKind::NotFound => "does not exist",
        Err(_) => "cannot be read",
    };
    let what = format!("{}: `{}` {how}", subject.label(), file.display());
    Ok(vec![Problem::new(what).help(again)])
}

fn zip(subject: &PackedFunction, path: &Path) -> anyhow::Result<Option<String>> {
    let hash = Sha256::digest_file(path)?;
    if subject.entry.sha256 == Some(hash.hex()) {
        return Ok(None);
    }
    let mut unpacked = match ResultFiles::zip(path)? {
        OpenedZip::Readable(unpacked) => unpacked,
        OpenedZip::Unusable(why) => return Ok(Some(why.to_owned())),
    };
    let now = unpacked.entries()?;
    let Some(difference) = first_difference(&subject.entry.entries, &now) else {
        let what = "its files match the manifest, but other bytes differ";
        return Ok(Some(what.to_owned()));
    };
    Ok(Some(difference.describe("the zip", "the manifest")))
}

fn folder(subject: &PackedFunction, path: &Path) -> anyhow::Result<Option<String>> {
    let recorded = &subject.entry.entries;
    let mut now = ResultFiles::Folder(path.to_owned()).entries()?;
    if cfg!(windows) {
        for entry in &mut now {
            let same = recorded.iter().find(|old| old.name == entry.name);
            entry.mode = same.map_or_else(String::new, |old| old.mode.clone());
        }
    }
    let difference = first_difference(recorded, &now);
    Ok(difference.map(|difference| difference.describe("the folder", "the manifest")))
}
