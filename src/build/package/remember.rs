//! What a run keeps for the next one: results that need not be made again, and what
//! tools answered. Losing it costs time and nothing else.

use std::path::Path;
use std::time::Duration;

use serde::Serialize;

use crate::build::package::Packed;
use crate::build::package::backup_exclusion::keep_own_away;
use crate::build::package::cache::{BuildCache, SkippedProgram};
use crate::build::plan::Plan;
use crate::build::project::{Projects, cache_file, own_dir, tool_cache_file};
use crate::fs::atomic_write::replace;
use crate::system::tool_cache::ToolCache;
use crate::ui::console::Console;

/// Longer than a tick of any file system's clock that has one: a file that is
/// changed later than this surely gets another stamp.
const TICK: Duration = Duration::from_millis(12);

/// Remembers; what was known still holds, as the lock was held since. That this
/// fails costs time in the next run, so it is only told.
pub(super) fn write_caches(
    plan: &Plan,
    done: &[(Packed, bool)],
    unpacked: &[SkippedProgram],
    known: BuildCache,
    console: &Console,
) {
    let anew = |(one, written): &&(Packed, bool)| *written || !known.has(plan, one);
    let anew: Vec<_> = done.iter().filter(anew).collect();
    let judged: Vec<_> = unpacked
        .iter()
        .filter(|unpacked| !known.remembers(plan, unpacked))
        .collect();
    if !anew.is_empty() || !judged.is_empty() {
        std::thread::sleep(TICK);
    }
    for (index, (output, mut cache)) in plan.outputs.iter().zip(known.0).enumerate() {
        let Some(root) = &output.root else {
            continue;
        };
        let all = cache.packed.len();
        cache.packed.retain(|target, _| target.exists());
        let mut changed = cache.packed.len() != all;
        for (one, _) in &anew {
            let function = &plan.functions[one.function];
            if function.output == index {
                let record = one.record.clone();
                let record = if one.fresh { record } else { record.standing() };
                cache.packed.insert(function.target.clone(), record);
                cache.judged.remove(&function.target);
                changed = true;
            }
        }
        for unpacked in &judged {
            let function = &plan.functions[unpacked.function];
            if function.output == index {
                cache.packed.remove(&function.target);
                let judged = unpacked.judged.clone();
                cache.judged.insert(function.target.clone(), judged);
                changed = true;
            }
        }
        if changed {
            write_json(&cache_file(root), &cache, console);
        }
    }
}

/// Keeps what tools answered about each project. A project that cannot be written to is
/// asked again each time.
pub(crate) fn tool_answers(projects: &Projects, console: &Console) {
    for project in &projects.projects {
        let Some(mut answers) = projects.tool_cache.new_of(&project.root) else {
            continue;
        };
        let own = own_dir(&project.root);
        let made = fs_err::create_dir_all(&own).map_err(Into::into);
        let made = made.and_then(|()| keep_own_away(&own, !project.workspaces.is_empty()));
        if let Err(error) = made {
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
