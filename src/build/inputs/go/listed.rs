//! Packages and modules as `go list` reports them.

use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::Deserialize;

use crate::build::project::go::LoadError;

/// The fields that `go list` must print.
pub(super) const FIELDS: &str = "-json=ImportPath,Name,Dir,Standard,DepOnly,Module,Imports,\
     DefaultGODEBUG,GoFiles,CgoFiles,CFiles,CXXFiles,MFiles,HFiles,FFiles,SFiles,SwigFiles,\
     SwigCXXFiles,SysoFiles,EmbedPatterns,EmbedFiles,CgoCFLAGS,CgoCPPFLAGS,CgoCXXFLAGS,CgoFFLAGS,\
     CgoLDFLAGS,CgoPkgConfig,Error,DepsErrors";

/// A package.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct ListedPackage {
    /// A package that is compiled with the profile of a program ends with ` [PROGRAM]`.
    pub(super) import_path: String,
    pub(super) name: String,
    pub(super) dir: PathBuf,
    pub(super) standard: bool,
    pub(super) dep_only: bool,
    pub(super) module: Option<ListedModule>,
    pub(super) imports: Vec<String>,
    #[serde(rename = "DefaultGODEBUG")]
    pub(super) default_godebug: String,
    pub(super) go_files: Vec<String>,
    pub(super) cgo_files: Vec<String>,
    pub(super) c_files: Vec<String>,
    #[serde(rename = "CXXFiles")]
    pub(super) cxx_files: Vec<String>,
    pub(super) m_files: Vec<String>,
    pub(super) h_files: Vec<String>,
    pub(super) f_files: Vec<String>,
    pub(super) s_files: Vec<String>,
    pub(super) swig_files: Vec<String>,
    #[serde(rename = "SwigCXXFiles")]
    pub(super) swig_cxx_files: Vec<String>,
    pub(super) syso_files: Vec<String>,
    pub(super) embed_patterns: Vec<String>,
    pub(super) embed_files: Vec<String>,
    #[serde(rename = "CgoCFLAGS")]
    pub(super) cgo_cflags: Vec<String>,
    #[serde(rename = "CgoCPPFLAGS")]
    pub(super) cgo_cppflags: Vec<String>,
    #[serde(rename = "CgoCXXFLAGS")]
    pub(super) cgo_cxxflags: Vec<String>,
    #[serde(rename = "CgoFFLAGS")]
    pub(super) cgo_fflags: Vec<String>,
    #[serde(rename = "CgoLDFLAGS")]
    pub(super) cgo_ldflags: Vec<String>,
    pub(super) cgo_pkg_config: Vec<String>,
    pub(super) error: Option<LoadError>,
    pub(super) deps_errors: Vec<LoadError>,
}

/// A module, or its replacement.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct ListedModule {
    pub(super) path: String,
    pub(super) version: String,
    pub(super) replace: Option<Box<ListedModule>>,
    pub(super) dir: PathBuf,
    pub(super) go_version: String,
}

impl ListedModule {
    /// The module whose files are compiled.
    pub(super) fn source(&self) -> &Self {
        self.replace.as_deref().unwrap_or(self)
    }
}

impl ListedPackage {
    /// The module, if its files are in the module cache, which go checks and never changes.
    pub(super) fn cached_module(&self, module_cache: &Path) -> Option<&ListedModule> {
        let module = self.module.as_ref()?;
        let is_cached = !module.source().version.is_empty() && self.dir.starts_with(module_cache);
        is_cached.then_some(module)
    }

    /// Whether a C compiler or another tool translates some of its files.
    pub(super) const fn uses_cgo(&self) -> bool {
        !self.cgo_files.is_empty() || !self.swig_files.is_empty() || !self.swig_cxx_files.is_empty()
    }

    /// The flags in its `#cgo` lines, with absolute paths.
    pub(super) fn cgo_flags(&self) -> impl Iterator<Item = &String> {
        [
            &self.cgo_cflags,
            &self.cgo_cppflags,
            &self.cgo_cxxflags,
            &self.cgo_fflags,
            &self.cgo_ldflags,
        ]
        .into_iter()
        .flatten()
    }

    /// The names of the files that decide its code, in a fixed order.
    pub(super) fn files(&self) -> impl Iterator<Item = &String> {
        [
            &self.go_files,
            &self.cgo_files,
            &self.c_files,
            &self.cxx_files,
            &self.m_files,
            &self.h_files,
            &self.f_files,
            &self.s_files,
            &self.swig_files,
            &self.swig_cxx_files,
            &self.syso_files,
            &self.embed_files,
        ]
        .into_iter()
        .flatten()
    }

    /// The files that a preprocessor for C reads first. Without cgo it is that of Go's assembler.
    pub(super) fn preprocessed_files(&self) -> impl Iterator<Item = &String> {
        let c_files = [
            &self.cgo_files,
            &self.c_files,
            &self.cxx_files,
            &self.m_files,
            &self.h_files,
        ];
        let c_files = c_files.into_iter().filter(|_| self.uses_cgo());
        c_files.chain([&self.s_files]).flatten()
    }
}

/// The import path without the program that it is compiled for.
pub(super) fn plain(import_path: &str) -> &str {
    import_path.split(" [").next().unwrap_or(import_path)
}

/// Parses the output of `go list`.
pub(super) fn parse(stdout: &str) -> anyhow::Result<Vec<ListedPackage>> {
    let values = serde_json::Deserializer::from_str(stdout).into_iter();
    let listed: Result<Vec<_>, _> = values.collect();
    listed.context("failed to parse the output of `go list`")
}
