//! Suggests a function for a name that no manifest contains.

use crate::build::project::Projects;
use crate::build::project::alias::{explained, functions_meant};
use crate::build::request::Request;
use crate::build::results::packed_function::PackedFunction;
use crate::fs::path;
use crate::system::host::Host;
use crate::ui::console::{Console, Verbosity};

/// Explains a name that is the folder, package, or binary of a function in a manifest.
pub(super) fn suggestion(name: &str, recorded: &[PackedFunction], host: &Host) -> Option<String> {
    if recorded.iter().any(|function| function.name == name) {
        return None;
    }
    let request = Request {
        paths: vec![path::resolve(&host.cwd, ".")],
        ..Request::default()
    };
    let console = Console::new(Verbosity::Quiet);
    let projects = Projects::read(&request, host, &console).ok()?.projects;
    let mut functions = functions_meant(name, &projects);
    functions.retain(|function| recorded.iter().any(|other| other.name == function.name));
    explained(name, &functions, None)
}
