//! A bootstrap that is a symlink, as build-lambda-zip makes one.

use crate::lambda::is_extension;
use std::fs::File;
use std::path::Path;

use crate::commands::check::{CheckOptions, CheckedFile};
use crate::fs::path;
use crate::lambda::BOOTSTRAP;
use crate::validate::finding::Finding;
use crate::validate::finding::FindingCode;
use crate::validate::zip::directory::ZipDirectory;
use crate::validate::zip::modes;
use crate::validate::zip::unpack::unpack;

impl CheckedFile {
    /// Looks at what a symlink leads to.
    pub(super) fn linked(
        &mut self,
        file: &mut File,
        name: &str,
        target: &[u8],
        directory: &ZipDirectory,
        question: &CheckOptions,
        libraries: &[String],
    ) -> anyhow::Result<()> {
        let shown = String::from_utf8_lossy(target);
        let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
        let place = path::join(Path::new(folder), shown.trim_start_matches("/var/task/"));
        let place = place.display().to_string().replace('\\', "/");
        let entries = directory.entries.iter();
        match entries.rev().find(|entry| entry.place() == place) {
            Some(entry) => {
                if let Some(finding) = modes::of_target(entry) {
                    self.findings.push(finding);
                }
                // A damaged entry is reported under its own name.
                if let Some(bytes) = unpack(file, entry)?.content() {
                    let about = format!("has {name}, a symlink to {place}, which ");
                    let asks = asks_for_events(name, directory);
                    let registers = is_extension(name);
                    self.start(&bytes, &about, (asks, registers), question, libraries);
                }
            }
            // A layer may bring it.
            None if shown.starts_with("/opt/") => {}
            None => self.findings.push(Finding::new(
                FindingCode::NoBootstrap,
                format!("has {name} as a symlink to {shown}, which is not in it"),
                "pack the program itself: cargo lambdapack pack BINARY",
            )),
        }
        Ok(())
    }
}

/// Whether a program in a zip has to ask for events itself: an extension in the zip can do
/// it for a bootstrap, as Lambda Web Adapter does.
pub(super) fn asks_for_events(name: &str, directory: &ZipDirectory) -> bool {
    let mut entries = directory.entries.iter();
    name.trim_start_matches("./") == BOOTSTRAP && !entries.any(|entry| is_extension(&entry.place()))
}
