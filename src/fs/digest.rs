//! Computes hashes and formats them.

use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::Digest;
use xxhash_rust::xxh3::Xxh3;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sha256([u8; 32]);

impl Sha256 {
    /// Hashes bytes.
    pub fn digest(bytes: &[u8]) -> Self {
        Self(sha2::Sha256::digest(bytes).into())
    }

    /// Parses a hash in the format of Lambda's CodeSha256.
    pub(crate) fn from_base64(text: &str) -> Option<Self> {
        let bytes = STANDARD.decode(text).ok()?;
        Some(Self(bytes.try_into().ok()?))
    }

    /// Hashes everything that the reader returns.
    pub(crate) fn digest_reader(reader: &mut impl std::io::Read) -> std::io::Result<Self> {
        let mut digest = sha2::Sha256::new();
        let mut buffer = vec![0; 1 << 16];
        loop {
            match reader.read(&mut buffer)? {
                0 => return Ok(Self(digest.finalize().into())),
                count => digest.update(&buffer[..count]),
            }
        }
    }

    /// Hashes a file.
    pub(crate) fn digest_file(path: &std::path::Path) -> std::io::Result<Self> {
        Self::digest_reader(&mut fs_err::File::open(path)?)
    }

    /// Encodes a text in base64. Encoding the hexadecimal form is a common mistake.
    pub(crate) fn base64_of_text(text: &str) -> String {
        STANDARD.encode(text)
    }

    /// The 32 bytes in base64, which are 44 characters. It is the format of Lambda's CodeSha256
    /// and of Terraform's `filebase64sha256`.
    pub(crate) fn base64(&self) -> String {
        STANDARD.encode(self.0)
    }

    /// Lowercase hexadecimal, as `sha256sum` prints it. It is valid in S3 keys.
    pub fn hex(&self) -> String {
        const DIGITS: [char; 16] = [
            '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f',
        ];
        let halves = self.0.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        halves.map(|half| DIGITS[usize::from(half)]).collect()
    }
}

impl From<sha2::Sha256> for Sha256 {
    /// The hash of everything that was added.
    fn from(digest: sha2::Sha256) -> Self {
        Self(digest.finalize().into())
    }
}

/// Passes bytes on and hashes them.
pub(crate) struct HashingWriter<W> {
    inner: W,
    sha256: Option<sha2::Sha256>,
    xxh3: Xxh3,
    size: u64,
}

impl<W: Write> HashingWriter<W> {
    /// Computes an XXH3 and, if `sha256`, a SHA-256, which takes fifty times as long.
    pub(crate) fn new(inner: W, sha256: bool) -> Self {
        Self {
            inner,
            sha256: sha256.then(sha2::Sha256::new),
            xxh3: Xxh3::new(),
            size: 0,
        }
    }

    pub(crate) fn digest(self) -> Digests {
        Digests {
            size: self.size,
            xxh3: self.xxh3.digest128(),
            sha256: self.sha256.map(|sha256| Sha256(sha256.finalize().into())),
        }
    }
}

/// The digests of the bytes that a [`HashingWriter`] passed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Digests {
    pub size: u64,
    pub xxh3: u128,
    pub sha256: Option<Sha256>,
}

impl<W: Write> Write for HashingWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let count = self.inner.write(bytes)?;
        let bytes = &bytes[..count];
        if let Some(sha256) = &mut self.sha256 {
            sha256.update(bytes);
        }
        self.xxh3.update(bytes);
        self.size += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.inner.flush()
    }
}
