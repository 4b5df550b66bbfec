//! What goes into a zip: names, modes, bytes, and nothing of the file system.

use crate::artifact::CheckedBinary;
use crate::lambda::BOOTSTRAP;

/// A file in the zip. Its mode comes from what it is, never from disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry<'a> {
    /// Its path in the zip, with `/`.
    pub name: &'a str,
    /// Permission bits: 0755 or 0644.
    pub mode: u16,
    /// Its content.
    pub bytes: &'a [u8],
}

impl<'a> Entry<'a> {
    /// The file that Lambda starts.
    #[must_use]
    pub fn bootstrap(binary: &'a CheckedBinary) -> Self {
        Self {
            name: BOOTSTRAP,
            mode: 0o755,
            bytes: binary.bytes(),
        }
    }
}
