//! Writes the caches for the next run: records of results, and the answers of tools.
//! Losing them costs only time.

use crate::build::package::{PackedSource, Published};
use std::path::Path;

use serde::Serialize;

use crate::build::package::cache::{BuildCache, SkippedProgram};
use crate::build::package::exclusion_markers::mark_own_dir;
use crate::build::plan::Plan;
use crate::build::project::{Projects, cache_file, own_dir, tool_cache_file};
use crate::fs::atomic_write::replace;
use crate::fs::file_stamp::CLOCK_RESOLUTION;
use crate::system::tool_cache::ToolCache;
use crate::ui::console::Console;

/// Adds the results of this run to the caches. The locks were held since the caches were read,
/// so they are still up to date. If writing fails, it is only reported, because it only costs
/// time.
pub(super) fn write_caches(
    plan: &Plan,
    published: &[Published],
    skipped: &[SkippedProgram],
    cache: BuildCache,
    console: &Console,
) {
    let new_results: Vec<_> = published
        .iter()
        .filter(|result| result.is_written || !cache.contains(plan, &result.packed))
        .collect();
    let new_rejections: Vec<_> = skipped
        .iter()
        .filter(|skipped| !cache.contains_rejection(plan, skipped))
        .collect();
    if !new_results.is_empty() || !new_rejections.is_empty() {
        std::thread::sleep(CLOCK_RESOLUTION);
    }
    for (root, mut file) in cache.0 {
        let before = file.packed.len();
        file.packed.retain(|target, _| target.exists());
        let mut is_changed = file.packed.len() != before;
        for Published { packed, .. } in &new_results {
            let function = plan.function(packed.function);
            if function.output.root.as_ref() == Some(&root) {
                let record = match (packed.record.clone(), packed.source) {
                    (Some(record), PackedSource::Build) => Some(record.with_stamps()),
                    (record, _) => record,
                };
                if let Some(record) = record {
                    file.packed.insert(function.target.clone(), record);
                }
                file.rejected.remove(&function.target);
                is_changed = true;
            }
        }
        for skipped in &new_rejections {
            let function = plan.function(skipped.function);
            if function.output.root.as_ref() == Some(&root) {
                file.packed.remove(&function.target);
                file.rejected
                    .insert(function.target.clone(), skipped.rejection.clone());
                is_changed = true;
            }
        }
        if is_changed {
            write_json(&cache_file(&root), &file, console);
        }
    }
}

/// Writes the answers of tools about each project. If a project cannot be written to, tools are
/// asked again in the next run.
pub(crate) fn write_tool_answers(projects: &Projects, console: &Console) {
    for project in &projects.projects {
        let Some(mut answers) = projects.tool_cache.new_answers_for(&project.root) else {
            continue;
        };
        let dir = own_dir(&project.root);
        let created = fs_err::create_dir_all(&dir)
            .map_err(Into::into)
            .and_then(|()| mark_own_dir(&dir, !project.workspaces.is_empty()));
        if let Err(error) = created {
            console.detail("Forgetting", &format!("{error:#}"));
            continue;
        }
        let file = tool_cache_file(&project.root);
        answers.add(ToolCache::load(&file));
        write_json(&file, &answers, console);
    }
}

fn write_json(file: &Path, value: &impl Serialize, console: &Console) {
    let bytes = serde_json::to_vec(value).map_err(Into::into);
    if let Err(error) = bytes.and_then(|bytes| replace(file, &bytes)) {
        console.detail("Forgetting", &format!("{error:#}"));
    }
}
