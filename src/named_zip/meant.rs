//! A name that is not recorded: which function did the user mean?

use crate::console::{Console, Verbosity};
use crate::host::Host;
use crate::project::alias::{explained, functions_meant};
use crate::project::{Projects, path};
use crate::recorded::Recorded;
use crate::request::Request;

/// What was probably meant by a name that is not recorded, if it is the folder, package,
/// or binary of a function that is.
pub(super) fn meant(name: &str, known: &[Recorded], host: &Host) -> Option<String> {
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
