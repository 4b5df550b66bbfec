//! The list of packages that `cargo auditable` embeds in a Rust program.
//!
//! In: an ELF file. Out: its packages. Reading never panics, and never unpacks more than a
//! limit.
//!
//! Source of the format: <https://github.com/rust-secure-code/cargo-auditable/blob/master/PARSING.md>.

use libdeflater::{DecompressionError, Decompressor};
use serde::Deserialize;

use crate::lambda::elf::ElfImage;

/// The section that contains the list, as JSON that is compressed with zlib.
const SECTION: &str = ".dep-v0";

/// A list of thousands of packages is smaller.
const MAX_UNPACKED: usize = 8 << 20;

/// The maximum length of a name, version, or source. A bill of materials repeats them for each
/// dependency, so that longer ones would multiply.
const MAX_TEXT: usize = 256;

#[derive(Debug, Deserialize)]
pub(crate) struct AuditablePackage {
    pub name: String,
    pub version: String,
    /// `crates.io`, `registry`, `git`, `local`, or another word.
    pub source: String,
    /// Whether it is a part of the program, or only of a build script or procedural macro.
    #[serde(default)]
    pub kind: AuditableKind,
    /// The indices of its dependencies.
    #[serde(default)]
    pub dependencies: Vec<usize>,
    /// Whether it contains the program.
    #[serde(default)]
    pub root: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum AuditableKind {
    Build,
    #[default]
    Runtime,
}

/// Reads the list. Returns `None` if there is none, or if it is damaged.
pub(crate) fn packages(image: &ElfImage<'_>) -> Option<Vec<AuditablePackage>> {
    #[derive(Deserialize)]
    struct List {
        packages: Vec<AuditablePackage>,
    }
    let json = unpack(image.section(SECTION)?)?;
    let list: List = serde_json::from_slice(&json).ok()?;
    let is_short = |it: &AuditablePackage| {
        let mut texts = [&it.name, &it.version, &it.source].into_iter();
        texts.all(|text| text.len() <= MAX_TEXT)
    };
    list.packages.iter().all(is_short).then_some(list.packages)
}

fn unpack(compressed: &[u8]) -> Option<Vec<u8>> {
    let mut size = 64 << 10;
    while size <= MAX_UNPACKED {
        let mut json = vec![0; size];
        match Decompressor::new().zlib_decompress(compressed, &mut json) {
            Ok(length) => {
                json.truncate(length);
                return Some(json);
            }
            Err(DecompressionError::InsufficientSpace) => size *= 2,
            Err(DecompressionError::BadData) => return None,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use libdeflater::{CompressionLvl, Compressor};

    use super::*;

    fn pack(bytes: &[u8]) -> Vec<u8> {
        let mut compressor = Compressor::new(CompressionLvl::default());
        let mut packed = vec![0; compressor.zlib_compress_bound(bytes.len())];
        let length = compressor.zlib_compress(bytes, &mut packed).unwrap();
        packed.truncate(length);
        packed
    }

    #[test]
    fn lists_are_unpacked_up_to_a_limit() {
        let long = vec![b'a'; 200_000];
        assert_eq!(unpack(&pack(&long)), Some(long));
        assert_eq!(unpack(&pack(&vec![0; MAX_UNPACKED + 1])), None);
        assert_eq!(unpack(b"damaged"), None);
    }
}
