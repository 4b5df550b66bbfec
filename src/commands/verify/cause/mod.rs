//! Compares a rebuild with a packed function and explains the difference, the most certain cause
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
    /// What the compilers wrote.
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
    /// Compares a packed function with its rebuild in the folder `out`.
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
        let now = now.with_context(|| format!("the rebuild of {about} left nothing"))?;
        if then.sha256 == now.sha256 && then.entries == now.entries {
            return Ok(None);
        }
        let Some(difference) = first_difference(&then.entries, &now.entries) else {
            let what = format!("{about}: a rebuild has the same files, packed in another way");
            return Ok(Some(
                Problem::new(what).help(self.causes(subject, &now, None)),
            ));
        };
        let mut description = difference.describe("has in a rebuild", "as it stands");
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
                    "{name} is not the same in a rebuild: it {}",
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
            causes.push("pack again, or verify where all of that is as it was".to_owned());
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
                "{} was changed since it was packed: pack again, or verify the sources that it \
                 was packed from",
                file.display()
            );
        }
        if let Some(dependency) = self.outside_dependencies.get(&subject.source) {
            return format!(
                "it is built with {}, beside its workspace, and cargo makes that path a part of \
                 symbols: put both into one workspace, or always build in the same folders",
                dependency.display()
            );
        }
        "the sources were changed since it was packed, or the build depends on something else: a \
         build script, a macro or a generator that reads the clock, the host's name, random \
         numbers, the environment or the network"
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
        let section = sections::section_at(bytes, at).map(|name| format!(" in its section {name}"));
        let section = section.unwrap_or_default();
        Some(match place {
            RebuildDir::Sources => {
                let rest = &text[folder.to_string_lossy().len()..];
                format!(
                    "it holds the path {}{section}, for example by env!(\"CARGO_MANIFEST_DIR\") or \
                     file!(): include what is needed with include_str! or include_bytes!, or pack \
                     it with --include and look for it in LAMBDA_TASK_ROOT",
                    longest_existing_path(rest)
                )
            }
            RebuildDir::Build => format!(
                "it holds a path of the build folder{section}, for example by env!(\"OUT_DIR\") or \
                 the panic messages of generated code"
            ),
            RebuildDir::Dependencies => format!(
                "it holds a path of cargo's home{section}, where the sources of dependencies are \
                 unpacked, for example in panic messages"
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
        let or_nothing = |text: String| {
            if text.is_empty() {
                "nothing".to_owned()
            } else {
                text
            }
        };
        if then != now {
            facts.push(format!(
                "{what}: {} then, {} now",
                or_nothing(then),
                or_nothing(now)
            ));
        }
    };
    let (old, new) = (&then.build, &now.build);
    fact("the compiler", old.toolchain.clone(), new.toolchain.clone());
    let linker = |build: &BuildDescription| {
        let used = build.linker.as_ref();
        used.map_or_else(String::new, |used| {
            format!("{} {}", used.name, used.version)
        })
    };
    fact("the linker", linker(old), linker(new));
    fact("the target", old.target.clone(), new.target.clone());
    let profile = |build: &BuildDescription| build.profile.clone().unwrap_or_default();
    fact("the profile", profile(old), profile(new));
    fact("flags", old.rustflags.join(" "), new.rustflags.join(" "));
    fact("arguments", old.args.join(" "), new.args.join(" "));
    fact("built together", old.together.clone(), new.together.clone());
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
        facts.push("Cargo.lock or go.sum is not the one that it was built with".to_owned());
    }
    if let (Some(old), Some(new)) = (&then.packing, &now.packing)
        && old != new
    {
        facts.push(format!(
            "zips are written in another way: format {}, {} then, format {}, {} now",
            old.format, old.compressor, new.format, new.compressor
        ));
    }
    if !recorded {
        facts.push(
            "it was packed by a version of this program that recorded no options: pack it again"
                .to_owned(),
        );
    }
    facts
}

#[cfg(test)]
mod tests;
