//! Copies new zips into the cache.

use std::path::Path;

use anyhow::Context;

use crate::build::inputs::InputKeys;
use crate::build::package::Published;
use crate::build::package::exclusion_markers::mark_cache;
use crate::build::package::packed::{Packed, PackedSource};
use crate::build::package::zip_cache::cached_zip::{ZipRecord, folder};
use crate::build::plan::{FunctionPlan, Plan};
use crate::fs::atomic_write::{replace, stage};
use crate::fs::digest::{HashingWriter, Sha256};
use crate::fs::file_name;
use crate::ui::console::Console;
use crate::ui::failure::Problem;

/// Stores all results that have a key and are not in the cache yet. If that fails, it is only
/// reported, because it only costs time. Returns whether a zip was stored.
pub(crate) fn store(
    plan: &Plan,
    keys: &InputKeys,
    published: &[Published],
    console: &Console,
) -> bool {
    let mut has_stored = false;
    for Published { packed, .. } in published {
        let function = plan.function(packed.function);
        let Some(dir) = &function.output.cache else {
            continue;
        };
        match store_one(dir, function, packed, keys) {
            Ok(is_stored) => has_stored |= is_stored,
            Err(error) => {
                let problem = Problem::new(format!("cannot write to the cache: {error:#}"));
                let help =
                    "check the permissions and the free space of the folder, or omit `--cache`";
                console.problem(&problem.help(help));
                // The next zip would fail for the same reason.
                break;
            }
        }
    }
    has_stored
}

/// Whether the zip was stored.
fn store_one(
    dir: &Path,
    function: &FunctionPlan,
    packed: &Packed,
    keys: &InputKeys,
) -> anyhow::Result<bool> {
    let entry = &packed.arch_entry;
    let (Some(key), Ok(source_key)) = (&packed.key, keys.source_key(function)) else {
        return Ok(false);
    };
    if packed.source == PackedSource::ZipCache {
        return Ok(false);
    }
    let Some(folder) = folder(function, source_key) else {
        return Ok(false);
    };
    let (Some(code_sha256), Some(sha256), Some(zip_size)) =
        (&entry.code_sha256, &entry.sha256, entry.zip_size)
    else {
        return Ok(false);
    };
    let zip = folder.join(format!("{}.zip", key.key));
    let record_file = zip.with_extension("json");
    let sbom = match &entry.sbom {
        Some(_) => Some(fs_err::read_to_string(file_name::sbom(&function.target))?),
        None => None,
    };
    let record = ZipRecord {
        key: key.key.clone(),
        inputs: key.discovered.clone(),
        code_sha256: code_sha256.clone(),
        sha256: sha256.clone(),
        zip_size,
        size: entry.size,
        entries: entry.entries.clone(),
        sbom,
    };
    // A damaged zip is replaced.
    let is_complete = ZipRecord::read(&record_file).as_ref() == Some(&record)
        && Sha256::digest_file(&zip).is_ok_and(|hash| hash.hex() == *sha256);
    if is_complete {
        return Ok(false);
    }
    mark_cache(dir)?;
    let mut digests = None;
    let staged = stage(&zip, false, |out| {
        let mut hashing = HashingWriter::new(out, true);
        let mut source = fs_err::File::open(&function.target)?;
        std::io::copy(&mut source, &mut hashing)?;
        digests = Some(hashing.digest());
        Ok(())
    })?;
    let copied = digests.and_then(|digests| digests.sha256);
    let copied = copied.context("nothing was written")?.hex();
    if copied != *sha256 {
        // Another run has written a newer zip in the meantime.
        return Ok(false);
    }
    // The zip exists before its record, so that a record is never without a zip.
    staged.sync()?.commit()?;
    replace(&record_file, record.text()?.as_bytes())?;
    Ok(true)
}
