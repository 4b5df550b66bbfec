//! What functions are called, and what was probably meant.

use std::collections::{BTreeMap, BTreeSet};

use crate::failure::{Failure, Kind, Problem};
use crate::lambda::BOOTSTRAP;
use crate::project::{Function, Source, Status};

/// Gives every binary its name. Names depend on all binaries of the project, so
/// that no selection ever changes them.
pub fn name(functions: &mut [Function]) {
    let mut bins: BTreeMap<String, usize> = BTreeMap::new();
    for function in functions.iter().filter(|function| is_rust_bin(function)) {
        *bins.entry(function.bin.clone()).or_default() += 1;
    }
    for function in functions.iter_mut() {
        let shared = bins.get(&function.bin).is_some_and(|n| *n > 1);
        function.name = if is_rust_bin(function) && (shared || function.bin == BOOTSTRAP) {
            function.package.clone()
        } else {
            function.bin.clone()
        };
    }
    // A package with several shared binaries, or one called like another binary.
    let counts = count(
        functions
            .iter()
            .filter(|f| is_rust_bin(f))
            .map(|f| f.name.clone()),
    );
    for function in functions
        .iter_mut()
        .filter(|function| is_rust_bin(function))
    {
        if counts[&function.name] > 1 && function.package != function.bin {
            function.name = format!("{}-{}", function.package, function.bin);
        }
    }
    name_go(functions);
    let taken: BTreeSet<_> = functions
        .iter()
        .filter(|function| function.status != Status::Example)
        .map(|function| function.name.to_lowercase())
        .collect();
    let examples = functions.iter_mut().filter(|f| f.status == Status::Example);
    for example in examples.filter(|f| taken.contains(&f.name.to_lowercase())) {
        example.name = format!("{}-example", example.bin);
    }
}

fn is_rust_bin(function: &Function) -> bool {
    matches!(function.source, Source::Cargo(..)) && function.status != Status::Example
}

fn count(names: impl Iterator<Item = String>) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for name in names {
        *counts.entry(name).or_default() += 1;
    }
    counts
}

/// The shortest suffix of the import path that no other main ends with.
fn name_go(functions: &mut [Function]) {
    let paths: Vec<Vec<String>> = functions
        .iter()
        .filter(|function| matches!(function.source, Source::Go(..)))
        .map(|function| elements(&function.package))
        .collect();
    let all = functions
        .iter_mut()
        .filter(|function| matches!(function.source, Source::Go(..)));
    for (function, path) in all.zip(&paths) {
        let unique = (1..=path.len()).find(|n| {
            let suffix = &path[path.len() - n..];
            paths.iter().filter(|other| other.ends_with(suffix)).count() == 1
        });
        let n = unique.unwrap_or(path.len());
        function.name = path[path.len() - n..].join("-");
    }
}

/// The elements of an import path, without a major version at its end.
fn elements(import_path: &str) -> Vec<String> {
    let mut elements: Vec<_> = import_path.split('/').map(str::to_owned).collect();
    if elements.len() > 1 && elements.last().is_some_and(|last| is_major(last)) {
        elements.pop();
    }
    elements
}

fn is_major(element: &str) -> bool {
    element.strip_prefix('v').is_some_and(|n| {
        !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()) && !n.starts_with('0') && n != "1"
    })
}

/// What `go build -o DIR/` calls the binary of a package.
///
/// Source: `DefaultExecName` of cmd/go.
#[must_use]
pub fn exec_name(import_path: &str) -> &str {
    let mut elements = import_path.rsplit('/');
    let last = elements.next().unwrap_or(import_path);
    match elements.next() {
        Some(before) if is_major(last) => before,
        _ => last,
    }
}

/// Two functions of one name would overwrite each other's zip.
///
/// # Errors
/// Exit 102, all collisions at once; also for names that cannot be a file's.
pub fn refuse_collisions(functions: &[Function]) -> Result<(), Failure> {
    let mut problems = Vec::new();
    let mut seen: BTreeMap<String, &Function> = BTreeMap::new();
    for function in functions.iter().filter(|f| f.status.is_candidate()) {
        if let Err(why) = check_name(&function.name) {
            problems.push(
                Problem::new(format!(
                    "`{}` ({}) cannot be a function's name: {why}",
                    function.name,
                    function.dir.display()
                ))
                .help("name it in lambdapack.toml: [function.NAME] with `path`"),
            );
        }
        // Windows and macOS do not tell upper from lower case.
        if let Some(other) = seen.insert(function.name.to_lowercase(), function) {
            problems.push(
                Problem::new(format!(
                    "two functions are called `{}`: {} and {}",
                    function.name,
                    other.dir.display(),
                    function.dir.display()
                ))
                .help("name one in lambdapack.toml: [function.NAME] with `path`"),
            );
        }
    }
    Failure::unless_empty(Kind::Project, problems)
}

/// Whether a file on every system can be called like the function.
///
/// # Errors
/// Why not.
pub fn check_name(name: &str) -> Result<(), &'static str> {
    const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];
    let stem = name.split('.').next().unwrap_or_default().to_lowercase();
    if name.is_empty() {
        Err("it is empty")
    } else if name.starts_with('.') || name.ends_with(['.', ' ']) {
        Err("it starts or ends with a dot or a space")
    } else if name.contains(['/', '\\', ':', '*', '?', '"', '<', '>', '|'])
        || name.chars().any(char::is_control)
    {
        Err("it has a character that no file name may have")
    } else if DEVICES.contains(&stem.as_str()) {
        Err("it is a device on Windows")
    } else {
        Ok(())
    }
}

/// The nearest name, or all there are.
#[must_use]
pub fn did_you_mean(word: &str, names: &[&str], what: &str) -> String {
    let nearest = names
        .iter()
        .map(|name| (strsim::jaro_winkler(word, name), name))
        .filter(|(score, _)| *score > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0));
    match nearest {
        Some((_, name)) => format!("did you mean `{name}`?"),
        None if names.is_empty() => format!("{what} none"),
        None => format!("{what} {}", names.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::config::Settings;
    use crate::request::Purpose;

    fn function(package: &str, bin: &str, source: Source) -> Function {
        Function {
            name: String::new(),
            status: Status::Function,
            dir: format!("/w/{package}").into(),
            package: package.into(),
            bin: bin.into(),
            source,
            purpose: Purpose::Function,
            settings: Settings::default(),
            configured: false,
        }
    }

    fn rust(package: &str, bin: &str) -> Function {
        function(package, bin, Source::Cargo(0, package.into()))
    }

    fn go(path: &str) -> Function {
        function(path, exec_name(path), Source::Go(0))
    }

    fn names(mut functions: Vec<Function>) -> Vec<String> {
        name(&mut functions);
        functions
            .into_iter()
            .map(|function| function.name)
            .collect()
    }

    #[test]
    fn rust_functions_are_called_like_their_binary_where_that_says_something() {
        assert_eq!(
            names(vec![
                rust("orders-fn", "orders"),
                rust("users", "bootstrap"),
                rust("a", "worker"),
                rust("b", "worker"),
            ]),
            ["orders", "users", "a", "b"]
        );
    }

    /// Row 25.
    #[test]
    fn packages_that_share_several_binaries_use_both_names() {
        assert_eq!(
            names(vec![
                rust("a", "x"),
                rust("a", "y"),
                rust("b", "x"),
                rust("b", "y")
            ]),
            ["a-x", "a-y", "b-x", "b-y"]
        );
    }

    /// Row 27.
    #[test]
    fn go_functions_have_the_shortest_unique_suffix() {
        assert_eq!(
            names(vec![
                go("example.com/m/orders/api"),
                go("example.com/m/users/api"),
                go("example.com/m/cmd/worker"),
                go("example.com/hello/v2"),
            ]),
            ["orders-api", "users-api", "worker", "hello"]
        );
    }

    #[test]
    fn names_that_differ_only_in_case_are_refused() {
        let mut functions = vec![rust("a", "Orders"), rust("b", "orders")];
        name(&mut functions);
        assert!(refuse_collisions(&functions).is_err());
    }

    #[test]
    fn the_nearest_name_is_offered() {
        assert_eq!(
            did_you_mean("wroker", &["worker", "api"], "it has"),
            "did you mean `worker`?"
        );
        assert_eq!(
            did_you_mean("zzz", &["worker", "api"], "it has"),
            "it has worker, api"
        );
    }

    #[test]
    fn names_that_some_system_cannot_store_are_refused() {
        for name in ["", "a/b", "a\\b", "con", "NUL.x", "a:", ".a", "a."] {
            assert!(check_name(name).is_err(), "{name}");
        }
        for name in ["orders", "größe", "a.b", "context"] {
            assert!(check_name(name).is_ok(), "{name}");
        }
    }
}
