//! Converts what `go list` reports to [`GoPackage`]s.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::build::project::go::cgo;
use crate::build::project::go::command::GoCommand;
use crate::build::project::go::go_list::{ListRequest, ListedPackage, LoadError, RUNTIME, reached};
use crate::build::project::go::package::{GoPackage, PackageError};
use crate::build::project::go::source::GoSource;
use crate::build::project::variant::GoVariant;
use crate::validate::program_kind::is_infrastructure;

/// Converts the packages that go reports, and finds out which need cgo.
pub(super) fn packages(
    go: &GoCommand<'_>,
    variant: &GoVariant,
    request: &ListRequest<'_>,
    listed: &[ListedPackage],
) -> anyhow::Result<Vec<GoPackage>> {
    let by_path: BTreeMap<_, _> = listed
        .iter()
        .map(|listed| (listed.import_path.as_str(), listed))
        .collect();
    let mut packages = Vec::new();
    for listed in listed {
        if listed.dep_only || listed.dir.as_os_str().is_empty() {
            continue;
        }
        let has_files = !listed.go_files.is_empty() || !listed.cgo_files.is_empty();
        // A folder that contains only tests has a package name, but is not a program.
        let main = listed.name == "main" && (has_files || listed.error.is_some());
        let reached = if main {
            reached(listed, &by_path)
        } else {
            BTreeSet::new()
        };
        packages.push(GoPackage {
            import_path: listed.import_path.clone(),
            dir: listed.dir.clone(),
            main,
            lambda: reached.contains(RUNTIME),
            network: reached.iter().any(|path| is_network(path)),
            infrastructure: reached.iter().any(|path| is_infrastructure(path)),
            fault: if main { fault(listed) } else { None },
            stubs: if main && variant.platform.leaves_out_cgo() {
                cgo::stubs(reached.iter().filter_map(|path| by_path.get(path).copied()))
            } else {
                Vec::new()
            },
        });
    }
    if variant.platform.leaves_out_cgo() {
        cgo::add_cgo_facts(go, variant, request, &by_path, &mut packages)?;
    }
    Ok(packages)
}

/// Whether a package can open connections. Without one, a program cannot call the Runtime API. The
/// imports of standard packages are not followed, so all that open connections are listed.
fn is_network(path: &str) -> bool {
    ["net", "crypto/tls", "syscall", "golang.org/x/sys/unix", "C"].contains(&path)
        || path.starts_with("net/http")
        || path.starts_with("net/rpc")
}

/// Why go would refuse to build a program.
fn fault(listed: &ListedPackage) -> Option<PackageError> {
    let errors = listed.error.iter().chain(&listed.deps_errors);
    let mut texts = Vec::new();
    for text in errors.map(LoadError::text) {
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    if !texts.is_empty() {
        return Some(PackageError {
            message: texts.join("\n"),
            help: None,
        });
    }
    let declares_main = |name: &&String| GoSource::read(&listed.dir.join(name)).declares_main();
    let files: Vec<_> = match listed.go_files.len() {
        0 | 1 => Vec::new(),
        _ => listed.go_files.iter().filter(declares_main).collect(),
    };
    let names: Vec<_> = files.iter().map(|name| format!("`{name}`")).collect();
    (files.len() > 1).then(|| PackageError {
        message: format!(
            "`{}` has {} files with `func main` ({}), but Go builds one program per folder",
            listed.dir.display(),
            files.len(),
            names.join(", ")
        ),
        help: Some(format!(
            "move each file into its own folder, such as `{}`",
            Path::new(listed.dir.file_name().unwrap_or_default())
                .join(Path::new(files[0]).with_extension(""))
                .join(files[0])
                .display()
        )),
    })
}
