//! A name that is not recorded: which function did the user mean?

use crate::build::project::Projects;
use crate::build::project::alias::{explained, functions_meant};
use crate::build::request::Request;
use crate::build::results::packed_function::PackedFunction;
use crate::fs::path;
use crate::system::host::Host;
use crate::ui::console::{Console, Verbosity};

/// What was probably meant by a name that is not recorded, if it is the folder, package,
/// or binary of a function that is.
pub(super) fn meant(name: &str, known: &[PackedFunction], host: &Host) -> Option<String> {
    if known.iter().any(|one| one.name == name) {
        return None;
    }
    let request = Request {
        paths: vec![path::resolve(&host.cwd, ".")],
        ..Request::default()
    };
    let console = Console::new(Verbosity::Quiet);
    let projects = Projects::read(&request, host, &console).ok()?.projects;
    let mut functions = functions_meant(name, &projects);
    functions.retain(|function| known.iter().any(|one| one.name == function.name));
    explained(name, &functions, None)
}
