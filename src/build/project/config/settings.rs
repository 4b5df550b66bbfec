//! The settings of a project and its functions.
//!
//! The keys are the same in every file and table; [`FunctionSettings`] lists them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::build::project::config::watch::WatchSettings;
use crate::build::project::one_or_many::OneOrMany;
use crate::build::request::{
    CacheSize, Compression, Entrypoint, IncludeOption, Libc, LinkerChoice, PackageFormat,
};
use crate::lambda::{Arch, FunctionNamePattern, Purpose, Runtime};

/// All keys. A key is `None` if the table does not set it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct FunctionSettings {
    /// One architecture or several.
    pub arch: Option<OneOrMany<Arch>>,
    /// The runtime that the function is deployed to.
    pub runtime: Option<Runtime>,
    /// Cargo's profile. For the whole project only.
    pub profile: Option<String>,
    /// The linker for Rust. For the whole project only.
    pub linker: Option<LinkerChoice>,
    /// The C library of Rust functions. For the whole project only.
    pub libc: Option<Libc>,
    /// Build Rust with `cargo auditable`. For the whole project only.
    pub auditable: Option<bool>,
    /// The zig program, relative to the file. For the whole project only.
    pub zig: Option<PathBuf>,
    pub compression: Option<Compression>,
    pub format: Option<PackageFormat>,
    /// Write a bill of materials next to the zip.
    pub sbom: Option<bool>,
    /// Additional files for the zip, `SRC[=DEST]`, relative to the file. Lists of all places are
    /// joined.
    pub include: Option<OneOrMany<IncludeOption>>,
    /// Libraries that a layer provides. Lists of all places are joined.
    pub layer_library: Option<OneOrMany<String>>,
    /// A function, or a layer with an extension.
    pub kind: Option<Purpose>,
    pub entry: Option<Entrypoint>,
    /// The folder for results, relative to the file. For the whole project only.
    pub out_dir: Option<PathBuf>,
    /// The folder with zips of earlier builds, relative to the file. For the whole project only.
    pub cache: Option<PathBuf>,
    /// The size of that folder. For the whole project only.
    pub cache_size: Option<CacheSize>,
    /// Go: build tags. Lists of all places are joined.
    pub tags: Option<OneOrMany<String>>,
    /// Go: linker flags. Lists of all places are joined.
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
    /// Settings of single functions, by name.
    pub function: Option<BTreeMap<String, FunctionSettings>>,
    /// In a function's table: the folder of its package, relative to the file.
    pub path: Option<String>,
    /// In a function's table: its binary, if the package has several.
    pub bin: Option<String>,
    /// In a function's table: the name of the function on AWS that `deploy` updates.
    pub deploy: Option<FunctionNamePattern>,
    /// In a function's table: its variables while `watch` runs it. They change no build.
    pub env: Option<BTreeMap<String, String>>,
    /// Settings of `watch`. For the whole project only.
    pub watch: Option<WatchSettings>,
}

impl FunctionSettings {
    /// These settings, with those of the outer table for all keys that they do not set. Lists are
    /// joined.
    pub(crate) fn over(&self, outer: &Self) -> Self {
        Self {
            arch: self.arch.clone().or_else(|| outer.arch.clone()),
            runtime: self.runtime.or(outer.runtime),
            profile: self.profile.clone().or_else(|| outer.profile.clone()),
            linker: self.linker.or(outer.linker),
            libc: self.libc.or(outer.libc),
            auditable: self.auditable.or(outer.auditable),
            zig: self.zig.clone().or_else(|| outer.zig.clone()),
            compression: self.compression.or(outer.compression),
            format: self.format.or(outer.format),
            sbom: self.sbom.or(outer.sbom),
            include: join(&outer.include, &self.include),
            layer_library: join(&outer.layer_library, &self.layer_library),
            kind: self.kind.or(outer.kind),
            entry: self.entry.or(outer.entry),
            out_dir: self.out_dir.clone().or_else(|| outer.out_dir.clone()),
            cache: self.cache.clone().or_else(|| outer.cache.clone()),
            cache_size: self.cache_size.or(outer.cache_size),
            tags: join(&outer.tags, &self.tags),
            ldflags: join(&outer.ldflags, &self.ldflags),
            cgo: self.cgo.or(outer.cgo),
            keep_symbols: self.keep_symbols.or(outer.keep_symbols),
            vcs_stamp: self.vcs_stamp.or(outer.vcs_stamp),
            skip: self.skip.or(outer.skip),
            paths: None,
            function: None,
            path: self.path.clone(),
            bin: self.bin.clone(),
            deploy: self.deploy.clone(),
            env: self.env.clone(),
            watch: self.watch.clone().or_else(|| outer.watch.clone()),
        }
    }

    /// Makes paths relative to the folder of a file.
    pub(super) fn anchor(&mut self, file: &Path) {
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
}

/// The outer list, then the inner one.
fn join<T: Clone>(
    outer: &Option<OneOrMany<T>>,
    inner: &Option<OneOrMany<T>>,
) -> Option<OneOrMany<T>> {
    let all: Vec<_> = [outer, inner]
        .into_iter()
        .flatten()
        .flat_map(OneOrMany::to_vec)
        .collect();
    (!all.is_empty()).then_some(OneOrMany::Many(all))
}
