//! The software bill of materials of a zip, in CycloneDX 1.5.
//!
//! In: a packed function, and the packages that its compiler used. Out: the bytes of the document.
//! Everything is sorted. Nothing depends on the time, on random numbers, or on paths of the
//! machine. Packages that only build scripts and procedural macros use depend on the system that
//! compiles them.
//!
//! | module | subject |
//! | --- | --- |
//! | `cyclonedx` | the format |
//! | `cargo_graph` | the packages of a Rust program, from Cargo |
//! | `graphs` | asks Cargo for them, and reads Cargo.lock |
//! | `contents` | the components of a program, from Cargo, `cargo auditable`, or Go |
//! | `document` | the document as a whole |
//!
//! Source of the format: <https://cyclonedx.org/docs/1.5/json/>.

mod cargo_graph;
mod contents;
mod cyclonedx;
mod document;
mod graphs;

pub(crate) use crate::build::package::sbom::document::{ZipDescription, document};
pub(crate) use crate::build::package::sbom::graphs::CargoGraphs;
