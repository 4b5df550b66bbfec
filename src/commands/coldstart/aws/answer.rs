//! Renders a measurement as text, JSON, or a table, and the commands of a dry run. Pure.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::json;

use crate::aws::{Aws, InvocationType, LONGEST_TIMEOUT};
use crate::commands::coldstart::aws::measurement::{AwsColdstartOptions, AwsMeasurement};
use crate::commands::coldstart::aws::temporary_change::{MARKER, update_command};
use crate::metrics::report_log::ReportedCall;
use crate::metrics::statistics::Summary;
use crate::ui::output_style::OutputStyle;

/// The commands of a run, once for each memory size. Variables are named but their values are not
/// shown.
pub(super) fn plan(aws: &Aws, options: &AwsColdstartOptions) -> String {
    let name = &options.function;
    let command = |operation: &str| aws.spec(["lambda", operation, "--function-name", name]);
    let mut lines = vec![
        "# save MemorySize and Environment".to_owned(),
        command("get-function-configuration").to_string(),
    ];
    let wait = aws.spec([
        "lambda",
        "wait",
        "function-updated",
        "--function-name",
        name,
    ]);
    let environment = Path::new("environment.json");
    let memories: Vec<_> = options
        .memories
        .iter()
        .map(|memory| Some(*memory))
        .collect();
    let memories = if memories.is_empty() {
        vec![None]
    } else {
        memories
    };
    lines.push(format!(
        "# {} times each; environment.json is a private file with the variables and a {MARKER} \
         that changes each time",
        options.times
    ));
    let changed = |memory: Option<u32>| {
        let spec = update_command(aws, name, memory.unwrap_or_default(), environment);
        match memory {
            Some(_) => spec.to_string(),
            None => spec.to_string().replace(" --memory-size 0 ", " "),
        }
    };
    for memory in memories {
        lines.push(changed(memory));
        lines.push(wait.to_string());
        let (event, response) = (Path::new("event.json"), Path::new("response.json"));
        let qualifier = options.qualifier.as_deref();
        let waiting = InvocationType::RequestResponse {
            timeout: LONGEST_TIMEOUT,
        };
        let call = aws.invocation(name, qualifier, waiting, event, response);
        lines.push(call.to_string());
    }
    lines.push("# at the end, and after any error, Ctrl-C, or SIGTERM: restore them".to_owned());
    lines.push(changed(None));
    lines.push(wait.to_string());
    lines.join("\n") + "\n"
}

impl AwsMeasurement {
    /// A line for each memory size, or the table; all calls as JSON; or the commands of
    /// `--dry-run`.
    pub(crate) fn text(&self, style: OutputStyle) -> String {
        if style == OutputStyle::Json {
            let commands = self
                .planned
                .as_ref()
                .map(|text| text.lines().collect::<Vec<_>>());
            let value = json!({
                "version": 1,
                "function": self.function,
                "wanted": self.wanted,
                "not_cold": self.warm,
                "failed": self.failed,
                "calls": self.calls,
                "commands": commands,
            });
            return format!("{value}\n");
        }
        if let Some(text) = self.planned.as_ref().or(self.table.as_ref()) {
            return text.clone();
        }
        let mut by_memory: BTreeMap<u64, Vec<&ReportedCall>> = BTreeMap::new();
        for call in &self.calls {
            by_memory
                .entry(call.memory_mb.unwrap_or_default())
                .or_default()
                .push(call);
        }
        let mut text = String::new();
        for (memory, calls) in by_memory {
            let values = |number: fn(&ReportedCall) -> f64| -> Vec<f64> {
                calls.iter().map(|call| number(call)).collect()
            };
            let init = values(|call| call.init_ms.unwrap_or_default());
            let cold = values(|call| call.duration_ms);
            let (Some(init), Some(cold)) =
                (Summary::from_values(&init), Summary::from_values(&cold))
            else {
                continue;
            };
            text += &format!(
                "{}  {memory} MB  {} cold  Init {:.2} ms ({:.2} to {:.2})  Duration {:.2} ms \
                 ({:.2} to \
                 {:.2})\n",
                self.function,
                init.count(),
                init.median,
                init.min(),
                init.max(),
                cold.median,
                cold.min(),
                cold.max(),
            );
        }
        text
    }
}
