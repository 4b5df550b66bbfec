//! An additional file for a zip.

use std::io::Read;
use std::path::PathBuf;

use crate::system::tool_cache::FileStamp;
use crate::ui::failure::{ExitKind, Failure};

/// An additional file for a zip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct IncludedFile {
    /// The name in the zip.
    pub name: String,
    pub path: PathBuf,
    /// The file's metadata when it was listed.
    pub stamp: FileStamp,
}

impl IncludedFile {
    /// Reads the file, which must not have changed since it was listed.
    pub(crate) fn read(&self) -> anyhow::Result<Vec<u8>> {
        self.read_start(self.stamp.len().saturating_add(1))
    }

    /// Reads the first bytes of the file.
    pub(crate) fn read_start(&self, count: u64) -> anyhow::Result<Vec<u8>> {
        // Opening a file that has become a pipe would block.
        if FileStamp::read(&self.path) != Some(self.stamp) {
            return Err(self.changed_error().into());
        }
        let listed = count.min(self.stamp.len());
        let mut bytes = Vec::new();
        let read = fs_err::File::open(&self.path).and_then(|file| {
            bytes.try_reserve_exact(usize::try_from(listed).unwrap_or(usize::MAX))?;
            (&file).take(count).read_to_end(&mut bytes)?;
            file.metadata()
        });
        let after = read.map_err(|error| {
            let help = "make it readable, or omit it";
            Failure::new(ExitKind::Packaging, error.to_string()).help(help)
        })?;
        if self.stamp.is_empty() && !bytes.is_empty() {
            let what = format!(
                "`{}` reports a size of 0 bytes, but is not empty",
                self.path.display()
            );
            let failure = Failure::new(ExitKind::Packaging, what);
            return Err(failure
                .help("include a regular copy of the file instead")
                .into());
        }
        if FileStamp::from(&after) != self.stamp || bytes.len() as u64 != listed {
            return Err(self.changed_error().into());
        }
        Ok(bytes)
    }

    pub(super) fn changed_error(&self) -> Failure {
        let what = format!("`{}` changed while it was read", self.path.display());
        Failure::new(ExitKind::Packaging, what)
            .help("make sure that nothing writes to it, and run again")
    }
}
