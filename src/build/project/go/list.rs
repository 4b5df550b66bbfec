//! Lists the packages of modules, also if some of them cannot be loaded.
//!
//! In: modules, folders, and a variant of the build. Out: [`GoPackage`]s. A package that go cannot
//! load carries go's error message, so that it does not block the others.

use crate::build::project::go::command::GoCommand;
use crate::build::project::go::go_list::ListRequest;
use crate::build::project::go::package::GoPackage;
use crate::build::project::go::{convert, go_list, one_by_one};
use crate::build::project::variant::GoVariant;

/// Lists the packages for one variant of the build.
pub(super) fn list(
    go: &GoCommand<'_>,
    variant: &GoVariant,
    request: &ListRequest<'_>,
) -> anyhow::Result<Vec<GoPackage>> {
    let modules = request.modules.iter();
    let mut patterns: Vec<_> = modules
        .map(|dir| go_list::all_below(request.root, dir))
        .collect();
    patterns.extend(
        request
            .folders
            .iter()
            .map(|dir| go_list::package_in(request.root, dir)),
    );
    let answer = go.run(go_list::command(go, variant, &patterns))?;
    if answer.status.success() {
        let listed = go_list::parse(&answer.stdout)?;
        convert::packages(go, variant, request, &listed)
    } else {
        one_by_one::list(go, variant, request, &answer.stderr)
    }
}
