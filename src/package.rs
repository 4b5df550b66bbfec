//! From checked binaries to what is left on disk.
//!
//! In: [`Plan`] and [`CheckedBinary`]. Out: [`Packed`], one for each function.
//! `cache` says which binaries need not be looked at again; `zip` and `deflate`
//! make bytes of them; `digest` hashes; `publish` writes all or nothing;
//! `manifest` and `cache` remember.

pub mod cache;
pub mod deflate;
pub mod digest;
pub mod entries;
pub mod lock;
pub mod manifest;
pub mod publish;
pub mod write;
pub mod zip;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::artifact::CheckedBinary;
use crate::failure::{Failure, Kind};
use crate::package::cache::Record;
use crate::package::entries::Entry;
use crate::package::manifest::{ArchEntry, ManifestEntry};
use crate::plan::{FunctionPlan, Plan};
use crate::process;
use crate::request::Format;

/// A function that is ready to be written, or that stands there already.
#[derive(Debug)]
pub struct Packed {
    /// Its place in [`Plan::functions`].
    pub function: usize,
    /// What the manifest says of it.
    pub arch_entry: ArchEntry,
    /// What is remembered of it.
    pub record: Record,
    /// The bytes of the zip, or of bootstrap; `None` where they stand already.
    pub bytes: Option<Vec<u8>>,
}

/// Packs functions side by side, one thread for each processor.
///
/// # Errors
/// Exit 103 when an archive cannot be made; 130 or 143 when we are told to end.
pub fn pack(plan: &Plan, checked: Vec<CheckedBinary>) -> anyhow::Result<Vec<Packed>> {
    let next = AtomicUsize::new(0);
    let packed = Mutex::new(Vec::new());
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let work = || -> anyhow::Result<()> {
        while let Some(binary) = checked.get(next.fetch_add(1, Ordering::SeqCst)) {
            process::interrupted()?;
            let one = pack_one(&plan.functions[binary.function()], binary)?;
            packed
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner)
                .push(one);
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..workers.min(checked.len()))
            .map(|_| scope.spawn(work))
            .collect();
        threads.into_iter().try_for_each(|thread| {
            thread
                .join()
                .unwrap_or_else(|_| Err(Failure::new(Kind::Bug, "packing panicked").into()))
        })
    })?;
    let packed = packed.into_inner();
    Ok(packed.unwrap_or_else(std::sync::PoisonError::into_inner))
}

fn pack_one(function: &FunctionPlan, binary: &CheckedBinary) -> anyhow::Result<Packed> {
    let entries = [Entry::bootstrap(binary)];
    let bytes = match function.format {
        Format::Zip => zip::archive(&entries, function.compression)?,
        Format::Dir => binary.bytes().to_vec(),
    };
    let entries = entries.iter().map(ManifestEntry::from).collect();
    let record = Record::new(function, binary, entries, &bytes);
    Ok(Packed {
        function: binary.function(),
        arch_entry: record.arch_entry(),
        record,
        bytes: Some(bytes),
    })
}
