//! Finds keys that are not allowed in their table, or that contradict each other.
//!
//! In: settings, and the kind of their table. Out: misplaced keys, each with its path.

use std::collections::BTreeMap;

use crate::build::project::config::route_check::invalid_routes;
use crate::build::project::config::scope::ConfigScope;
use crate::build::project::config::settings::FunctionSettings;
use crate::build::project::name::check_name;
use crate::lambda::{Purpose, is_reserved_variable, is_variable_name, reserved_variable};
use crate::ui::failure::Problem;

/// A key that cannot be used.
#[derive(Debug)]
pub(super) struct InvalidKey {
    /// The tables that contain the key, and the key itself.
    pub(super) path: Vec<String>,
    pub(super) what: String,
    pub(super) help: String,
}

impl InvalidKey {
    fn new(path: Vec<String>, problem: Problem) -> Self {
        Self {
            path,
            what: problem.what,
            help: problem.help.unwrap_or_default(),
        }
    }
}

/// Finds all invalid keys of a table and the tables in it.
pub(super) fn invalid_keys(settings: &FunctionSettings, scope: ConfigScope) -> Vec<InvalidKey> {
    let mut invalid = Vec::new();
    let mut add = |key: &str, what: String, help: &str| {
        invalid.push(InvalidKey {
            path: vec![key.to_owned()],
            what,
            help: help.to_owned(),
        });
    };
    let not_allowed = |key: &str| format!("`{key}` is not allowed {}", scope.place());
    if settings.paths.is_some() && scope != ConfigScope::File {
        add(
            "paths",
            not_allowed("paths"),
            "move it to the top of `lambdapack.toml`",
        );
    }
    if settings.function.is_some() && scope == ConfigScope::Function {
        let help = "move the table to the top level, as `[function.NAME]`";
        add("function", not_allowed("function"), help);
    }
    if scope != ConfigScope::Function {
        for (key, is_set) in [
            ("path", settings.path.is_some()),
            ("bin", settings.bin.is_some()),
            ("deploy", settings.deploy.is_some()),
        ] {
            if is_set {
                add(
                    key,
                    not_allowed(key),
                    "move it to a `[function.NAME]` table",
                );
            }
        }
        if settings.env.is_some() {
            let help = "use `[watch.env]` for all functions, or `[function.NAME.env]` for one";
            add("env", not_allowed("env"), help);
        }
    }
    if matches!(scope, ConfigScope::Function | ConfigScope::Package) {
        for (key, is_set) in [
            ("profile", settings.profile.is_some()),
            ("linker", settings.linker.is_some()),
            ("libc", settings.libc.is_some()),
            ("auditable", settings.auditable.is_some()),
            ("zig", settings.zig.is_some()),
            ("out-dir", settings.out_dir.is_some()),
            ("cache", settings.cache.is_some()),
            ("cache-size", settings.cache_size.is_some()),
            ("watch", settings.watch.is_some()),
        ] {
            if is_set {
                let help = "set it for the whole project, at the top of `lambdapack.toml` or in \
                            `[workspace.metadata.lambdapack]`";
                add(key, not_allowed(key), help);
            }
        }
    }
    if settings.kind == Some(Purpose::Extension) && settings.entry.is_some() {
        add(
            "entry",
            "`entry` cannot be combined with `kind = \"extension\"`".to_owned(),
            "remove `entry`: Lambda starts an extension by its own name",
        );
    }
    let archs = settings.arch.as_ref().map(|archs| archs.to_vec());
    if archs.is_some_and(|archs| archs.is_empty()) {
        add(
            "arch",
            "`arch` is an empty list".to_owned(),
            "add an architecture, or remove the key",
        );
    }
    if let Some(watch) = &settings.watch {
        invalid.extend(invalid_variables(&["watch", "env"], &watch.env));
        let routes = invalid_routes(watch).into_iter();
        invalid.extend(routes.map(|(path, problem)| {
            InvalidKey::new([vec!["watch".to_owned()], path].concat(), problem)
        }));
    }
    if let Some(env) = &settings.env {
        invalid.extend(invalid_variables(&["env"], env));
    }
    for (name, function) in settings.function.iter().flatten() {
        let in_table = |mut key: InvalidKey| {
            key.path.splice(0..0, ["function".to_owned(), name.clone()]);
            key
        };
        if let Err(why) = check_name(name) {
            invalid.push(InvalidKey {
                path: vec!["function".to_owned(), name.clone()],
                what: format!("`{name}` is not a valid function name: {why}"),
                help: "use letters, digits, `-`, and `_`".to_owned(),
            });
        }
        let inner = invalid_keys(function, ConfigScope::Function);
        invalid.extend(inner.into_iter().map(in_table));
    }
    invalid
}

/// Finds the variables of a table that no function can have.
fn invalid_variables<'a>(
    table: &'a [&str],
    env: &'a BTreeMap<String, String>,
) -> impl Iterator<Item = InvalidKey> + 'a {
    env.iter().filter_map(|(name, value)| {
        let problem = if !is_variable_name(name) {
            Problem::new(format!("`{name}` is not a valid variable name"))
                .help("remove spaces and `=` from the name")
        } else if is_reserved_variable(name) {
            reserved_variable(name)
        } else if value.contains('\0') {
            Problem::new(format!("the value of `{name}` contains a NUL character"))
                .help("remove the character")
        } else {
            return None;
        };
        let tables = table.iter().map(|table| (*table).to_owned());
        let path = tables.chain([name.clone()]).collect();
        Some(InvalidKey::new(path, problem))
    })
}
