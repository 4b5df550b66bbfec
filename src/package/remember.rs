//! What a run keeps for the next one, so that it need not be done again.

use std::path::Path;
use std::time::Duration;

use crate::console::Console;
use crate::package::Packed;
use crate::package::cache::{Known, Unpacked};
use crate::package::write::replace;
use crate::plan::Plan;
use crate::project::{cache_file, surveys_file};
use crate::survey::Surveys;

/// Longer than a tick of any file system's clock that has one: a file that is
/// changed later than this surely gets another stamp.
const TICK: Duration = Duration::from_millis(12);

/// Remembers; what was known still holds, as the lock was held since. That this
/// fails costs time in the next run, so it is only told.
pub(super) fn write_caches(
    plan: &Plan,
    done: &[(Packed, bool)],
    unpacked: &[Unpacked],
    known: Known,
    surveys: &Surveys,
    console: &Console,
) {
    let anew = |(one, written): &&(Packed, bool)| *written || !known.has(plan, one);
    let anew: Vec<_> = done.iter().filter(anew).collect();
    let judged: Vec<_> = { unpacked.iter() }
        .filter(|unpacked| !known.remembers(plan, unpacked))
        .collect();
    if !anew.is_empty() || !judged.is_empty() {
        std::thread::sleep(TICK);
    }
    let write = |file: &Path, bytes: serde_json::Result<Vec<u8>>| {
        let written = bytes.map_err(Into::into).and_then(|b| replace(file, &b));
        if let Err(error) = written {
            console.detail("Forgetting", &format!("{error:#}"));
        }
    };
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
            write(&cache_file(root), serde_json::to_vec(&cache));
        }
        if surveys.is_new() {
            let file = surveys_file(root);
            let mut answers = surveys.clone();
            answers.add(Surveys::load(&file));
            write(&file, serde_json::to_vec(&answers));
        }
    }
}
