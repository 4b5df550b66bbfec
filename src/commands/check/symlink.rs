//! Checks a bootstrap that is a symlink, as build-lambda-zip creates it.

use std::fs::File;
use std::path::Path;

use crate::commands::check::checked_file::{CheckedFile, ProgramRole};
use crate::commands::check::options::CheckOptions;
use crate::fs::path;
use crate::lambda::{BOOTSTRAP, is_extension};
use crate::validate::finding::{Finding, FindingCode};
use crate::validate::zip::directory::ZipDirectory;
use crate::validate::zip::modes;
use crate::validate::zip::unpack::unpack;

/// Checks the target of a symlink.
pub(super) fn check_symlink(
    checked: &mut CheckedFile,
    file: &mut File,
    name: &str,
    target: &[u8],
    directory: &ZipDirectory,
    options: &CheckOptions,
    libraries: &[String],
) -> anyhow::Result<()> {
    let shown = String::from_utf8_lossy(target);
    let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
    let place = path::join(Path::new(folder), shown.trim_start_matches("/var/task/"));
    let place = place.display().to_string().replace('\\', "/");
    let entries = directory.entries.iter();
    match entries.rev().find(|entry| entry.normalized_name() == place) {
        Some(entry) => {
            if let Some(finding) = modes::link_target_finding(entry) {
                checked.findings.push(finding);
            }
            // A damaged entry is reported under its own name.
            if let Some(bytes) = unpack(file, entry)?.content() {
                let prefix = format!("has {name}, a symlink to {place}, which ");
                let role = ProgramRole {
                    asks_for_events: asks_for_events(name, directory),
                    registers: is_extension(name),
                };
                checked.check_program(&bytes, &prefix, role, options, libraries);
            }
        }
        // A layer can contain the target.
        None if shown.starts_with("/opt/") => {}
        None => checked.findings.push(Finding::new(
            FindingCode::NoBootstrap,
            format!("has {name}, a symlink to {shown}, which is not in the zip"),
            "package the program itself with `cargo lambdapack pack BINARY`",
        )),
    }
    Ok(())
}

/// Whether a program in a zip must ask for events itself. An extension in the zip can do it for
/// the bootstrap, as Lambda Web Adapter does.
pub(super) fn asks_for_events(name: &str, directory: &ZipDirectory) -> bool {
    let mut entries = directory.entries.iter();
    name.trim_start_matches("./") == BOOTSTRAP
        && !entries.any(|entry| is_extension(&entry.normalized_name()))
}
