//! What the project's files say about packing.
//!
//! In: `lambdapack.toml`, or `[workspace.metadata.lambdapack]` and
//! `[package.metadata.lambdapack]` of Cargo.toml. Out: [`FunctionSettings`].
//! The keys are the same everywhere; this file is their list.
//! Absent: the command line, which goes above all of them in `plan.rs`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::{Deserialize, Serialize};

use crate::build::project::name::check_name;
use crate::build::project::one_or_many::OneOrMany;
use crate::build::request::Compression;
use crate::build::request::{Entrypoint, IncludeOption, Libc, LinkerChoice, PackageFormat};
use crate::lambda::Purpose;
use crate::lambda::{Arch, Runtime};
use crate::ui::failure::{ExitKind, Failure};

/// The name of the configuration file.
pub(crate) const FILE: &str = "lambdapack.toml";

/// Every key there is. A key that is not said here or above is `None`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct FunctionSettings {
    /// One architecture or several.
    pub arch: Option<OneOrMany<Arch>>,
    /// The runtime that the function is deployed to.
    pub runtime: Option<Runtime>,
    /// cargo's profile. For the whole project only.
    pub profile: Option<String>,
    /// What links Rust. For the whole project only.
    pub linker: Option<LinkerChoice>,
    /// The C library of Rust functions. For the whole project only.
    pub libc: Option<Libc>,
    /// The zig program, relative to the file. For the whole project only.
    pub zig: Option<PathBuf>,
    /// How hard the zip is compressed.
    pub compression: Option<Compression>,
    pub format: Option<PackageFormat>,
    /// More files for the zip, `SRC[=DEST]`, relative to the file; added to those of
    /// all other places.
    pub include: Option<OneOrMany<IncludeOption>>,
    /// Libraries that a layer brings, added to those of all other places.
    pub layer_library: Option<OneOrMany<String>>,
    /// A function, or a layer with an extension.
    pub kind: Option<Purpose>,
    pub entry: Option<Entrypoint>,
    /// Where the result is left, relative to the file. For the whole project only.
    pub out_dir: Option<PathBuf>,
    /// Go: build tags, added to those of all other places.
    pub tags: Option<OneOrMany<String>>,
    /// Go: linker flags, added to those of all other places.
    pub ldflags: Option<OneOrMany<String>>,
    /// Go: build with cgo.
    pub cgo: Option<bool>,
    /// Go: keep the symbol table.
    pub keep_symbols: Option<bool>,
    /// Go: stamp the commit into the binary.
    pub vcs_stamp: Option<bool>,
    /// Never pack this function unless it is named.
    pub skip: Option<bool>,
    /// Folders of packages and modules, or glob patterns, relative to the file.
    /// For `lambdapack.toml` only.
    pub paths: Option<Vec<String>>,
    /// The functions that differ, or that are named here, by name.
    pub function: Option<BTreeMap<String, FunctionSettings>>,
    /// Of a function: its package's folder, relative to the file.
    pub path: Option<String>,
    /// Of a function: its binary, where the package has several.
    pub bin: Option<String>,
}

impl FunctionSettings {
    /// These settings, and where they say nothing those of the outer table.
    /// Lists add up.
    pub(crate) fn over(&self, outer: &Self) -> Self {
        Self {
            arch: self.arch.clone().or_else(|| outer.arch.clone()),
            runtime: self.runtime.or(outer.runtime),
            profile: self.profile.clone().or_else(|| outer.profile.clone()),
            linker: self.linker.or(outer.linker),
            libc: self.libc.or(outer.libc),
            zig: self.zig.clone().or_else(|| outer.zig.clone()),
            compression: self.compression.or(outer.compression),
            format: self.format.or(outer.format),
            include: both(&outer.include, &self.include),
            layer_library: both(&outer.layer_library, &self.layer_library),
            kind: self.kind.or(outer.kind),
            entry: self.entry.or(outer.entry),
            out_dir: self.out_dir.clone().or_else(|| outer.out_dir.clone()),
            tags: both(&outer.tags, &self.tags),
            ldflags: both(&outer.ldflags, &self.ldflags),
            cgo: self.cgo.or(outer.cgo),
            keep_symbols: self.keep_symbols.or(outer.keep_symbols),
            vcs_stamp: self.vcs_stamp.or(outer.vcs_stamp),
            skip: self.skip.or(outer.skip),
            paths: None,
            function: None,
            path: self.path.clone(),
            bin: self.bin.clone(),
        }
    }

    pub fn read(file: &Path) -> anyhow::Result<Self> {
        let text = fs_err::read_to_string(file)?;
        let mut settings: Self =
            toml::from_str(text.trim_start_matches('\u{feff}')).map_err(|error| {
                Failure::new(
                    ExitKind::Project,
                    format!(
                        "{} cannot be used\n{}",
                        file.display(),
                        error.to_string().trim_end()
                    ),
                )
                .help("docs/reference/configuration.md lists every key of the configuration")
            })?;
        settings.check(ConfigScope::File, &file.display().to_string())?;
        settings.anchor(file);
        Ok(settings)
    }

    /// Reads the `lambdapack` table of a Cargo.toml's metadata.
    pub(crate) fn of_metadata(
        metadata: Option<&serde_json::Value>,
        place: ConfigScope,
        manifest: &Path,
    ) -> anyhow::Result<Self> {
        let Some(table) = metadata.and_then(|metadata| metadata.get("lambdapack")) else {
            return Ok(Self::default());
        };
        let name = format!(
            "[{}.metadata.lambdapack] of {}",
            place.word(),
            manifest.display()
        );
        let mut settings = Self::deserialize(table)
            .with_context(|| format!("{name} cannot be used"))
            .map_err(|error| {
                Failure::new(ExitKind::Project, format!("{error:#}"))
                    .help("docs/reference/configuration.md lists every key of the configuration")
            })?;
        settings.check(place, &name)?;
        settings.anchor(manifest);
        Ok(settings)
    }

    /// Says from where paths in a file are meant.
    fn anchor(&mut self, file: &Path) {
        let base = file.parent().unwrap_or(file);
        if let Some(includes) = &mut self.include {
            let mut all = includes.to_vec();
            for include in &mut all {
                base.clone_into(&mut include.base);
            }
            *includes = OneOrMany::Many(all);
        }
        for table in self.function.iter_mut().flat_map(BTreeMap::values_mut) {
            table.anchor(file);
        }
    }

    /// Keys that mean nothing where they stand are errors, not noise.
    fn check(&self, place: ConfigScope, name: &str) -> anyhow::Result<()> {
        let mut wrong = Vec::new();
        if self.paths.is_some() && place != ConfigScope::File {
            wrong.push(("paths", "it belongs at the top of lambdapack.toml"));
        }
        if self.function.is_some() && place == ConfigScope::Function {
            wrong.push(("function", "functions do not nest"));
        }
        if place != ConfigScope::Function {
            for (key, said) in [("path", self.path.is_some()), ("bin", self.bin.is_some())] {
                if said {
                    wrong.push((key, "it belongs in a [function.NAME] table"));
                }
            }
        }
        if matches!(place, ConfigScope::Function | ConfigScope::Package) {
            for (key, said) in [
                ("profile", self.profile.is_some()),
                ("linker", self.linker.is_some()),
                ("libc", self.libc.is_some()),
                ("zig", self.zig.is_some()),
                ("out-dir", self.out_dir.is_some()),
            ] {
                if said {
                    wrong.push((key, "it holds for the whole project: set it at the top"));
                }
            }
        }
        if self.kind == Some(Purpose::Extension) && self.entry.is_some() {
            wrong.push(("entry", "an extension is started by its own name"));
        }
        if self
            .arch
            .as_ref()
            .is_some_and(|archs| archs.to_vec().is_empty())
        {
            wrong.push((
                "arch",
                "an empty list packs nothing: name one, or take the key away",
            ));
        }
        if let Some((key, why)) = wrong.first() {
            return Err(Failure::new(
                ExitKind::Project,
                format!("{name}: the key `{key}` cannot stand here like this"),
            )
            .help(*why)
            .into());
        }
        for (function, settings) in self.function.iter().flatten() {
            check_name(function).map_err(|why| {
                Failure::new(
                    ExitKind::Project,
                    format!("{name}: `{function}` cannot be a function's name: {why}"),
                )
                .help("use letters, digits, `-` and `_`")
            })?;
            settings.check(
                ConfigScope::Function,
                &format!("{name}, [function.{function}]"),
            )?;
        }
        Ok(())
    }
}

/// The outer list, then the inner.
fn both<T: Clone>(
    outer: &Option<OneOrMany<T>>,
    inner: &Option<OneOrMany<T>>,
) -> Option<OneOrMany<T>> {
    let lists = [outer, inner].into_iter().flatten();
    let all: Vec<_> = lists.flat_map(OneOrMany::to_vec).collect();
    (!all.is_empty()).then_some(OneOrMany::Many(all))
}

/// Where a table stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ConfigScope {
    /// The top of `lambdapack.toml`.
    File,
    Workspace,
    Package,
    Function,
}

impl ConfigScope {
    const fn word(self) -> &'static str {
        match self {
            Self::File => FILE,
            Self::Workspace => "workspace",
            Self::Package => "package",
            Self::Function => "function",
        }
    }
}

#[cfg(test)]
mod tests;
