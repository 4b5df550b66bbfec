//! Prints an event of `watch` for people.
//!
//! Lines of functions start with the name of the function, so that the lines of several functions
//! can be distinguished. Lambda's own lines are only printed with `-v`, except for errors.

use crate::commands::watch::env_file;
use crate::commands::watch::event::{RouteDescription, WatchEvent};
use crate::ui::console::Console;
use crate::ui::failure::Problem;

pub(super) fn print(event: &WatchEvent, console: &Console) {
    match event {
        WatchEvent::Listening { url, functions } => {
            console.status("Listening", &format!("on {url}"));
            let width = functions
                .iter()
                .map(|function| function.name.chars().count());
            let width = width.max().unwrap_or(0);
            for function in functions {
                let (name, url) = (&function.name, &function.url);
                console.status("Serving", &format!("{name:<width$}  {url}"));
            }
        }
        WatchEvent::FunctionAdded { function, url } => {
            console.status("Serving", &format!("{function}  {url}"));
        }
        WatchEvent::ApiListening {
            function,
            variables,
            ..
        } => {
            let text = format!("for `{function}`; start it with the variables on stdout");
            console.status("Waiting", &text);
            // A reader that closed the pipe does not end the server.
            let _ = console.result(&env_file::to_text(variables));
        }
        WatchEvent::SourcesChanged { functions } => {
            console.detail("Changed", &functions.join(", "));
        }
        WatchEvent::Building { functions } => console.status("Building", &functions.join(", ")),
        WatchEvent::CompilerOutput { line } => console.log(line),
        WatchEvent::Built {
            functions,
            reloaded,
            duration_ms,
        } => {
            let seconds = duration_ms / 1000.0;
            let (status, names) = if reloaded.is_empty() {
                ("Unchanged", functions)
            } else {
                ("Built", reloaded)
            };
            console.status(status, &format!("{} in {seconds:.2} s", names.join(", ")));
        }
        WatchEvent::BuildFailed { functions, text: _ } => console.warning(&format!(
            "{} could not be built; requests are answered with the messages above until the next \
             change",
            functions.join(", ")
        )),
        WatchEvent::InstanceStarted {
            function,
            instance,
            process_id,
            init_ms,
        } => {
            let process = process_id.map_or(String::new(), |id| format!("process {id}, "));
            console.status(
                "Started",
                &format!("{function}#{instance} ({process}init {init_ms:.1} ms)"),
            );
        }
        WatchEvent::InstanceFailed {
            function,
            error,
            lines,
            ..
        } => {
            for line in lines {
                console.log(&format!("{function} | {line}"));
            }
            console.warning(&format!("{function}: {}: {}", error.kind, error.message));
        }
        WatchEvent::InstanceEnded { function, instance } => console.warning(&format!(
            "{function}#{instance} ended while it waited for an event; the next request starts \
             another instance"
        )),
        WatchEvent::RoutesChanged { sources, routes } => {
            let files = sources.iter().map(|file| file.display().to_string());
            let files = files.collect::<Vec<_>>().join(", ");
            for route in routes {
                let RouteDescription {
                    method,
                    path,
                    function,
                    payload,
                } = route;
                let text = format!("{method} {path} to {function} (payload {payload}, {files})");
                console.status("Routing", &text);
            }
        }
        WatchEvent::ExtensionLog {
            function,
            instance,
            extension,
            line,
        } => console.log(&format!("{function}#{instance} {extension} | {line}")),
        WatchEvent::Log {
            function,
            instance,
            line,
            ..
        } => console.log(&format!("{function}#{instance} | {line}")),
        WatchEvent::InvocationStarted {
            function,
            instance,
            lines,
            ..
        } => {
            for line in lines {
                console.detail("Invoked", &format!("{function}#{instance} {line}"));
            }
        }
        WatchEvent::InvocationFinished {
            function,
            instance,
            error,
            lines,
            ..
        } => {
            for line in lines {
                console.detail("Finished", &format!("{function}#{instance} {line}"));
            }
            if let Some(error) = error {
                console.warning(&format!(
                    "{function}#{instance}: {}: {}",
                    error.kind, error.message
                ));
            }
        }
        WatchEvent::Answered {
            method,
            path,
            function,
            status,
            duration_ms,
            ..
        } => {
            let function = function.as_deref().unwrap_or("-");
            console.status(
                "Answered",
                &format!("{function} {method} {path} {status} in {duration_ms:.1} ms"),
            );
        }
        WatchEvent::AsyncAttemptFailed {
            function,
            error,
            attempt,
            retry_after_ms,
            ..
        } => {
            let next = match retry_after_ms {
                Some(ms) => format!("the next attempt follows in {:.0} s", ms / 1000.0),
                None => "the event is discarded".to_owned(),
            };
            console.warning(&format!(
                "{function}: attempt {attempt} of an asynchronous invocation failed; {next} \
                 ({}: {})",
                error.kind, error.message
            ));
        }
        WatchEvent::InvalidResponse {
            function, reason, ..
        } => console.warning(&format!("{function}: invalid response: {reason}")),
        WatchEvent::Warning { message, help } => {
            let problem = Problem::new(message.clone());
            console.problem(&match help {
                Some(help) => problem.help(help.clone()),
                None => problem,
            });
        }
        WatchEvent::ShuttingDown => console.status(
            "Stopping",
            "after the running requests; press Ctrl-C again to stop at once",
        ),
    }
}
