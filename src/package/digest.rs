//! Hashes, in the two spellings that are asked for.

use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::Digest;

/// A SHA-256.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sha256([u8; 32]);

impl Sha256 {
    /// Of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(sha2::Sha256::digest(bytes).into())
    }

    /// Of all that can be read.
    ///
    /// # Errors
    /// Those of the reader.
    pub fn read(reader: &mut impl std::io::Read) -> std::io::Result<Self> {
        let mut digest = sha2::Sha256::new();
        let mut buffer = vec![0; 1 << 16];
        loop {
            match reader.read(&mut buffer)? {
                0 => return Ok(Self(digest.finalize().into())),
                count => digest.update(&buffer[..count]),
            }
        }
    }

    /// Base64 of a text: what comes of encoding the hexadecimal spelling, by mistake.
    #[must_use]
    pub fn base64_of_text(text: &str) -> String {
        STANDARD.encode(text)
    }

    /// Base64 of the 32 raw bytes, 44 characters: what Lambda calls CodeSha256,
    /// and terraform's `filebase64sha256` gives.
    #[must_use]
    pub fn base64(&self) -> String {
        STANDARD.encode(self.0)
    }

    /// Lower-case hexadecimal, as `sha256sum` prints it; fit for S3 keys.
    #[must_use]
    pub fn hex(&self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Where a zip's hash goes.
#[must_use]
pub fn sidecar(zip: &Path) -> PathBuf {
    let mut name = zip.as_os_str().to_owned();
    name.push(".base64sha256");
    name.into()
}
