//! Gives each result the key of its inputs, for the manifest.

use crate::build::inputs::InputKeys;
use crate::build::package::packed::Packed;
use crate::build::plan::{FunctionPlan, Plan};
use crate::system::host::Host;
use crate::ui::console::Console;

/// Completes the keys of results after their builds. If a function has no key, `-v` explains why.
pub(crate) fn record_keys(
    keys: &mut InputKeys,
    plan: &Plan,
    packed: &mut [Packed],
    host: &Host,
    console: &Console,
) {
    if packed.is_empty() {
        return;
    }
    let changed = keys.changed_files();
    for packed in packed {
        let function = plan.function(packed.function);
        if packed.key.is_some() || !has_key(function) {
            continue;
        }
        let Some(record) = &mut packed.record else {
            continue;
        };
        let binary = record.binary().clone();
        // Without a source key nothing is discovered, which must not be kept for the next run.
        let source_key = keys.source_key(function).map(drop).map_err(str::to_owned);
        let key = source_key.and_then(|()| {
            let discovered = record.discovered.get_or_insert_with(|| {
                keys.discover(function, (&binary, &packed.packages.read()), host)
            });
            match discovered {
                Ok(discovered) => keys.built_key(function, discovered, &changed, host),
                Err(reason) => Err(reason.clone()),
            }
        });
        match key {
            Ok(key) => packed.key = Some(key),
            Err(reason) => print_missing_key(function, &reason, console),
        }
    }
}

/// Explains with `-v` why a function has no key.
pub(crate) fn print_missing_key(function: &FunctionPlan, reason: &str, console: &Console) {
    let message = format!("{} {}: {reason}", function.name, function.arch);
    console.detail("No key", &message);
}

/// Whether the key of a function can be recorded: `--out` writes no manifest.
fn has_key(function: &FunctionPlan) -> bool {
    function.step.is_some() && function.output.manifest
}
