//! Finds functions by something other than their name.
//!
//! In: a word that the user wrote, and the projects. Out: the functions whose folder, package,
//! binary, or end of the import path is this word.
//! This is only used to explain errors, not to select functions.

use std::path::Path;

use crate::build::project::{Function, FunctionStatus, Project};
use crate::fs::path;

/// The functions, other binaries, and examples that a word could mean.
pub(crate) fn functions_meant<'a>(word: &str, projects: &'a [Project]) -> Vec<&'a Function> {
    let wanted = normalized(word);
    let mut meant: Vec<&Function> = Vec::new();
    for project in projects {
        let is_meant = |function: &&Function| aliases(project, function).contains(&wanted);
        meant.extend(project.functions.iter().filter(is_meant));
    }
    meant
}

/// Explains a word: "did you mean `orders`? `orders-fn` is its package".
pub(crate) fn explained(word: &str, meant: &[&Function], option: Option<&str>) -> Option<String> {
    let first = meant.first()?;
    let kind = if normalized(&first.package) == normalized(word) {
        "package"
    } else if normalized(&first.bin) == normalized(word) {
        "binary"
    } else {
        "folder"
    };
    let mut names: Vec<_> = meant
        .iter()
        .map(|function| {
            let name = match function.status {
                FunctionStatus::Example => &function.bin,
                _ => &function.name,
            };
            match option {
                Some(option) => format!("`{option} {name}`"),
                None => format!("`{name}`"),
            }
        })
        .collect();
    names.sort();
    names.dedup();
    let whose = if names.len() == 1 { "its" } else { "their" };
    Some(format!(
        "did you mean {}? `{word}` is {whose} {kind}",
        names.join(" or ")
    ))
}

fn aliases(project: &Project, function: &Function) -> Vec<String> {
    let last = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
    let folder = |from: &Path| path::relative(Some(from), &function.dir);
    let source_root = project.source_root(function);
    let mut aliases = vec![
        function.name.clone(),
        function.package.clone(),
        function.bin.clone(),
        last(&function.package),
        folder(&project.root),
        folder(source_root),
        function.dir.display().to_string(),
    ];
    if let Some(name) = function.dir.file_name() {
        aliases.push(name.to_string_lossy().into_owned());
    }
    aliases.retain(|alias| !alias.is_empty() && alias != ".");
    aliases.iter().map(|alias| normalized(alias)).collect()
}

/// Removes differences in case, a leading `./`, Windows separators, and a trailing separator.
fn normalized(word: &str) -> String {
    let word = word.replace('\\', "/").to_lowercase();
    let word = word.trim_end_matches("/...").trim_end_matches('/');
    word.strip_prefix("./").unwrap_or(word).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::project::config::FunctionSettings;
    use crate::build::project::{FunctionSource, ModuleId, WorkspaceId, cargo, go};

    fn project() -> Project {
        let function = |name: &str, package: &str, bin: &str, dir: &str, source| Function {
            name: name.into(),
            status: FunctionStatus::Function,
            dir: dir.into(),
            package: package.into(),
            bin: bin.into(),
            source,
            settings: FunctionSettings::default(),
            purpose: crate::lambda::Purpose::Function,
            configured: false,
        };
        Project {
            root: "/w".into(),
            workspaces: vec![cargo::Workspace {
                root: "/w".into(),
                ..cargo::Workspace::default()
            }],
            modules: vec![go::GoModule {
                root: "/w/api".into(),
                ..go::GoModule::default()
            }],
            functions: vec![
                function(
                    "orders",
                    "orders-fn",
                    "orders",
                    "/w/services/order-api",
                    FunctionSource::Cargo {
                        workspace: WorkspaceId(0),
                        package: "orders-fn".into(),
                    },
                ),
                function(
                    "users-api",
                    "example.com/m/users/api",
                    "api",
                    "/w/api/users/api",
                    FunctionSource::Go {
                        module: ModuleId(0),
                    },
                ),
            ],
            ..Project::default()
        }
    }

    #[test]
    fn folders_packages_and_binaries_lead_to_the_function() {
        let projects = [project()];
        for (word, name) in [
            ("orders-fn", "orders"),
            ("order-api", "orders"),
            ("services/order-api/", "orders"),
            ("./services/order-api", "orders"),
            ("Orders", "orders"),
            ("users/api", "users-api"),
            ("./users/api/...", "users-api"),
            ("api\\users\\api", "users-api"),
            ("example.com/m/users/api", "users-api"),
            ("api", "users-api"),
        ] {
            let meant = functions_meant(word, &projects);
            let names: Vec<_> = meant
                .iter()
                .map(|function| function.name.as_str())
                .collect();
            assert_eq!(names, [name], "{word}");
        }
        assert!(functions_meant("services", &projects).is_empty());
        assert!(functions_meant(".", &projects).is_empty());
    }

    #[test]
    fn the_explanation_tells_what_the_word_is() {
        let projects = [project()];
        let explanation = |word: &str| {
            let meant = functions_meant(word, &projects);
            explained(word, &meant, Some("--bin"))
        };
        assert_eq!(
            explanation("orders-fn").unwrap(),
            "did you mean `--bin orders`? `orders-fn` is its package"
        );
        assert_eq!(
            explanation("services/order-api").unwrap(),
            "did you mean `--bin orders`? `services/order-api` is its folder"
        );
        assert_eq!(explanation("nothing"), None);
    }
}
