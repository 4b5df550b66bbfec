//! Checks every file, and prints the findings.

use std::path::Path;

use crate::commands::check::checked_file::{CheckedFile, ProgramRole};
use crate::commands::check::contents;
use crate::commands::check::limit::limit_findings;
use crate::commands::check::options::CheckOptions;
use crate::commands::check::output::{text, verdict};
use crate::commands::check::sbom::check_sbom;
use crate::commands::context::{CommandContext, CommandResult};
use crate::fs::digest::Sha256;
use crate::lambda::{BOOTSTRAP, MAX_UNZIPPED};
use crate::validate::api_client::ApiClients;
use crate::validate::file_format::FileFormat;
use crate::validate::finding::{Finding, FindingCode};
use crate::validate::zip::directory;

/// Checks the files, and prints the findings.
pub(crate) fn run(options: &CheckOptions, context: &CommandContext<'_>) -> CommandResult {
    if let Some(deprecation) = options.runtime.deprecation() {
        context.console.warning(deprecation);
    }
    let files = check(options);
    CommandResult {
        stdout: text(&files, context.style, &context.host.cwd),
        verdict: verdict(&files),
    }
}

/// Checks every file.
pub fn check(options: &CheckOptions) -> Vec<CheckedFile> {
    options
        .files
        .iter()
        .map(|path| {
            let mut checked = CheckedFile {
                path: path.clone(),
                kind: "nothing",
                arch: options.arch,
                code_sha256: None,
                size: 0,
                unzipped: None,
                entries: Vec::new(),
                is_layer: false,
                findings: Vec::new(),
            };
            if let Err(error) = check_file(&mut checked, options) {
                checked.findings.push(unreadable(path, &error));
            }
            checked.findings = limit_findings(checked.findings);
            // Worst first.
            checked
                .findings
                .sort_by_key(|finding| std::cmp::Reverse(finding.code.level()));
            checked
        })
        .collect()
}

fn unreadable(path: &Path, error: &anyhow::Error) -> Finding {
    let message = if !path.exists() {
        "does not exist".to_owned()
    } else if !path.is_file() {
        "is not a file".to_owned()
    } else {
        format!("cannot be read: {error:#}")
    };
    let help = "check the path and the file's permissions";
    Finding::new(FindingCode::NoFile, message, help)
}

fn check_file(checked: &mut CheckedFile, options: &CheckOptions) -> anyhow::Result<()> {
    // Opening a pipe would wait for its other end.
    let is_file = fs_err::metadata(&checked.path)?.is_file();
    anyhow::ensure!(is_file, "it is not a file");
    let mut file = fs_err::File::open(&checked.path)?.into_parts().0;
    checked.size = file.metadata()?.len();
    let start = directory::bytes(&mut file, 0, 64)?;
    let has_zip_extension = checked
        .path
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("zip"));
    if start.starts_with(b"PK") || has_zip_extension {
        checked.kind = "zip";
        return contents::check_zip(checked, &mut file, options);
    }
    checked.kind = if FileFormat::detect(&start) == FileFormat::Script {
        "script"
    } else {
        "program"
    };
    if checked.size > MAX_UNZIPPED {
        checked.findings.push(too_large(checked.size));
        return Ok(());
    }
    let bytes = directory::bytes(&mut file, 0, checked.size)?;
    if let Some(sbom) = &options.sbom {
        let hash = Sha256::digest(&bytes);
        checked.findings.extend(check_sbom(sbom, &hash));
    }
    let is_bootstrap = checked
        .path
        .file_stem()
        .is_some_and(|name| name == BOOTSTRAP);
    let role = ProgramRole {
        // A program with another name can also be an extension for a layer.
        asks_for_events: is_bootstrap || ApiClients::detect(&bytes) != ApiClients::Extension,
        registers: false,
    };
    checked.check_program(&bytes, "", role, options, &[]);
    Ok(())
}

fn too_large(size: u64) -> Finding {
    Finding::new(
        FindingCode::TooLarge,
        format!("has {size} bytes, but Lambda unpacks at most {MAX_UNZIPPED} (250 MiB)"),
        "strip it, or deploy a container image, which can have up to 10 GB",
    )
}
