//! Compares a rebuild with a packaged function and explains the difference, the most certain cause
//! first.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::Context;
use memchr::memmem;

use crate::build::package::manifest::{ArchEntry, FILE, FunctionEntry, Manifest};
use crate::build::plan::BuildDescription;
use crate::build::results::packed_function::PackedFunction;
use crate::commands::verify::compare::{Difference, first_difference};
use crate::commands::verify::sections;
use crate::commands::verify::unpacked::{OpenedZip, ResultFiles};
use crate::ui::failure::Problem;

/// The folders of a rebuild.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RebuildDir {
    Sources,
    /// The output of the compilers.
    Build,
    /// The sources of dependencies.
    Dependencies,
}

/// The folders of a rebuild, to recognize its paths.
#[derive(Debug)]
pub(super) struct RebuildDirs {
    /// The folder that contains all others.
    pub(super) scratch: PathBuf,
    /// The folder that represents the root of all original paths.
    pub(super) tree: PathBuf,
    pub(super) kinds: [(PathBuf, RebuildDir); 3],
    /// The source that changed last, and when.
    pub(super) newest: Option<(SystemTime, PathBuf)>,
    /// Path dependencies outside of their workspaces, by the folder of the workspace.
    pub(super) outside_dependencies: BTreeMap<PathBuf, PathBuf>,
}

impl RebuildDirs {
    /// Compares a packaged function with its rebuild in the folder `out`.
    pub(super) fn compare(
        &self,
        subject: &PackedFunction,
        rebuilt: &Manifest,
        out: &Path,
    ) -> anyhow::Result<Option<Problem>> {
        let about = subject.label();
        let then = &subject.entry;
        let of_arch = |function: &FunctionEntry| function.archs.get(&subject.arch).cloned();
        let now = rebuilt.functions.get(&subject.name).and_then(of_arch);
        let now = now.with_context(|| format!("the rebuild of {about} produced no result"))?;
        if then.sha256 == now.sha256 && then.entries == now.entries {
            return Ok(None);
        }
        let Some(difference) = first_difference(&then.entries, &now.entries) else {
            let what = format!(
                "{about}: the rebuild contains the same files but packages them differently"
            );
            return Ok(Some(
                Problem::new(what).help(self.causes(subject, &now, None)),
            ));
        };
        let mut description = difference.describe("the rebuild", "the packaged files");
        let mut embedded_path = None;
        if let Difference::Content(name) = &difference {
            let read = |entry: &ArchEntry, dir: &Path| -> anyhow::Result<Option<Vec<u8>>> {
                let unpacked = match (&entry.zip, &entry.dir) {
                    (Some(zip), _) => match ResultFiles::zip(&dir.join(zip))? {
                        OpenedZip::Readable(files) => Some(files),
                        OpenedZip::Unusable(_) => None,
                    },
                    (None, folder) => folder.as_ref().map(|f| ResultFiles::Folder(dir.join(f))),
                };
                match unpacked {
                    Some(mut unpacked) => unpacked.read(name),
                    None => Ok(None),
                }
            };
            if let (Some(old), Some(new)) = (read(then, &subject.dir)?, read(&now, out)?) {
                description = format!(
                    "{name} is different in the rebuild: it {}",
                    sections::describe_difference(&old, &new)
                );
                embedded_path = self.embedded_path(&new);
            }
        }
        let what = format!("{about}: {description}");
        Ok(Some(Problem::new(what).help(self.causes(
            subject,
            &now,
            embedded_path,
        ))))
    }

    /// All causes that explain a difference, as one help text.
    fn causes(
        &self,
        subject: &PackedFunction,
        now: &ArchEntry,
        embedded_path: Option<String>,
    ) -> String {
        let mut causes =
            recorded_differences(&subject.entry, now, &|text| self.with_original_paths(text));
        if !causes.is_empty() {
            causes.push("package it again, or verify it with the original setup".to_owned());
        }
        causes.extend(embedded_path);
        if !causes.is_empty() {
            return causes.join("; ");
        }
        let packed = fs_err::metadata(subject.dir.join(FILE)).and_then(|data| data.modified());
        if let (Ok(packed), Some((changed, file))) = (packed, &self.newest)
            && *changed > packed
        {
            return format!(
                "`{}` changed after the function was packaged; package it again, or verify it \
                 with the original sources",
                file.display()
            );
        }
        if let Some(dependency) = self.outside_dependencies.get(&subject.source) {
            return format!(
                "it depends on `{}` outside of its workspace, and cargo makes that path part of \
                 symbol names; put both in one workspace, or always build in the same folders",
                dependency.display()
            );
        }
        "the sources changed after it was packaged, or the build depends on something else, such \
         as a build script, macro, or generator that reads the clock, the host name, random \
         numbers, the environment, or the network"
            .to_owned()
    }

    /// Replaces the paths of the copies by the original ones.
    fn with_original_paths(&self, text: &str) -> String {
        text.replace(&*self.tree.to_string_lossy(), "")
    }

    /// A path of the rebuild among the bytes, and its likely origin.
    fn embedded_path(&self, bytes: &[u8]) -> Option<String> {
        let scratch = self.scratch.to_string_lossy();
        let at = memmem::find(bytes, scratch.as_bytes())?;
        let text = String::from_utf8_lossy(&bytes[at..bytes.len().min(at + 4096)]).into_owned();
        let is_end = |c: char| c.is_control() || "\"'<>|\u{fffd}".contains(c);
        let text = text.split(is_end).next().unwrap_or_default();
        let (folder, place) = self
            .kinds
            .iter()
            .find(|(folder, _)| text.starts_with(&*folder.to_string_lossy()))?;
        let section = sections::section_at(bytes, at).map(|name| format!(" in the section {name}"));
        let section = section.unwrap_or_default();
        Some(match place {
            RebuildDir::Sources => {
                let rest = &text[folder.to_string_lossy().len()..];
                format!(
                    "it contains the path {}{section}, for example through \
                     `env!(\"CARGO_MANIFEST_DIR\")` or `file!()`; embed the file with \
                     `include_str!` \
                     or `include_bytes!`, or add it with `--include` and open it below \
                     `LAMBDA_TASK_ROOT`",
                    longest_existing_path(rest)
                )
            }
            RebuildDir::Build => format!(
                "it contains a path of the build folder{section}, for example through \
                 `env!(\"OUT_DIR\")` or the panic messages of generated code"
            ),
            RebuildDir::Dependencies => format!(
                "it contains a path of cargo's home{section}, where the sources of dependencies \
                 are, for example in panic messages"
            ),
        })
    }
}

/// The longest prefix that is an existing path, because strings in programs have no terminator.
fn longest_existing_path(text: &str) -> String {
    let ends = text.char_indices().map(|(at, c)| at + c.len_utf8());
    let mut longest = "";
    for end in ends {
        let start = &text[..end];
        if start.len() > 1 && !start.ends_with('/') && Path::new(start).exists() {
            longest = start;
        }
    }
    longest.to_owned()
}

/// The differences between the manifests of both builds.
fn recorded_differences(
    then: &ArchEntry,
    now: &ArchEntry,
    original: &dyn Fn(&str) -> String,
) -> Vec<String> {
    let mut facts = Vec::new();
    let mut fact = |what: &str, then: String, now: String| {
        let (then, now) = (original(&then), original(&now));
        let or_none = |text: String| {
            if text.is_empty() {
                "none".to_owned()
            } else {
                text
            }
        };
        if then != now {
            facts.push(format!(
                "{what}: {} then, {} now",
                or_none(then),
                or_none(now)
            ));
        }
    };
    let (old, new) = (&then.build, &now.build);
    if let (Some(old), Some(new)) = (&old.tool, &new.tool) {
        fact("this program", old.clone(), new.clone());
    }
    fact("the compiler", old.toolchain.clone(), new.toolchain.clone());
    let linker = |build: &BuildDescription| {
        let used = build.linker.as_ref();
        used.map_or_else(String::new, |used| {
            format!("{} {}", used.name, used.version)
        })
    };
    fact("the linker", linker(old), linker(new));
    let auditable = |build: &BuildDescription| {
        let used = if build.auditable { "used" } else { "not used" };
        used.to_owned()
    };
    fact("cargo auditable", auditable(old), auditable(new));
    fact("the target", old.target.clone(), new.target.clone());
    let profile = |build: &BuildDescription| build.profile.clone().unwrap_or_default();
    fact("the profile", profile(old), profile(new));
    fact("flags", old.rustflags.join(" "), new.rustflags.join(" "));
    fact("arguments", old.args.join(" "), new.args.join(" "));
    fact(
        "functions built together",
        old.together.clone(),
        new.together.clone(),
    );
    let names: BTreeSet<_> = old.settings.keys().chain(new.settings.keys()).collect();
    for name in names {
        let value = |build: &BuildDescription| build.settings.get(name).cloned();
        fact(
            name,
            value(old).unwrap_or_default(),
            value(new).unwrap_or_default(),
        );
    }
    let recorded = !old.options.is_empty();
    if recorded && old.lock != new.lock {
        facts.push("Cargo.lock or go.sum changed after it was built".to_owned());
    }
    if let (Some(old), Some(new)) = (&then.packing, &now.packing)
        && old != new
    {
        facts.push(format!(
            "the zip writer changed: format {}, {} then, format {}, {} now",
            old.format, old.compressor, new.format, new.compressor
        ));
    }
    if !recorded {
        facts.push(
            "it was packaged by a version of cargo-lambdapack that recorded no options; package \
             it again"
                .to_owned(),
        );
    }
    facts
}

#[cfg(test)]
mod tests;
