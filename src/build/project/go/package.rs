//! Packages of a Go module: plain data.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// A package of a module.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct GoPackage {
    pub import_path: String,
    pub dir: PathBuf,
    /// Whether its name is `main`.
    pub main: bool,
    /// Whether it imports aws-lambda-go's `lambda`, directly or indirectly. True if go cannot tell.
    pub lambda: bool,
    /// Whether it uses the network, so that it could contain a Runtime API client of its own.
    pub network: bool,
    /// Whether it imports a library that describes infrastructure.
    pub infrastructure: bool,
    /// Why go cannot build it.
    pub fault: Option<PackageError>,
    /// The packages that it uses and that do not work in a build without cgo.
    pub stubs: Vec<CgoStub>,
}

/// Why go cannot build a package.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct PackageError {
    /// The error, usually as go printed it.
    pub message: String,
    /// The next step, if the message does not contain it.
    pub help: Option<String>,
}

/// A package that is replaced by a stub in a build without cgo.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct CgoStub {
    pub import_path: String,
    /// The error message of the stub.
    pub message: String,
}
