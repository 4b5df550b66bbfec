//! Detects properties of a project that templates cannot express.
//!
//! In: the facts about a project, and the templates. Out: all problems at once.
//!
//! Left to others: quoting. A folder appears in shells, make, YAML, and six languages, each with
//! its own rules.

use std::collections::BTreeSet;

use crate::build::request::PackageFormat;
use crate::commands::scaffold::facts::project_facts::ProjectFacts;
use crate::commands::scaffold::facts::spelling::{check_name, is_plain};
use crate::commands::scaffold::template::Template;
use crate::ui::failure::Problem;

/// Functions and folders that these templates cannot name.
pub(super) fn problems(facts: &ProjectFacts<'_>, templates: &[&Template]) -> Vec<Problem> {
    let mut problems = Vec::new();
    if facts.functions.is_empty() {
        problems.push(
            Problem::new("the project contains only extensions and no functions")
                .help("run `cargo lambdapack new` to create a function"),
        );
    }
    for (function, planned) in &facts.functions {
        let name = &function.name;
        if let Err(why) = check_name(name) {
            problems.push(
                Problem::new(format!(
                    "`{name}` is not a valid function name on AWS: {why}"
                ))
                .help("name it in lambdapack.toml with `[function.NAME]` and `path`"),
            );
        }
        if planned.format == PackageFormat::Dir {
            problems.push(
                Problem::new(format!(
                    "{name} is packaged as a folder, but templates deploy zips"
                ))
                .help("remove `format = \"dir\"` from the configuration"),
            );
        }
    }
    for (folder, template) in folders(facts, templates) {
        problems.push(
            Problem::new(format!(
                "the template {template} cannot use the folder name `{folder}`"
            ))
            .help("rename the folder with only letters, digits, `-`, `_`, and `.`"),
        );
    }
    problems
}

/// The folders that need quoting, each with the first template that uses it.
fn folders(facts: &ProjectFacts<'_>, templates: &[&Template]) -> Vec<(String, &'static str)> {
    let first_template_with = |words: &[&str]| {
        let names = |text: &str| words.iter().any(|word| text.contains(word));
        let mut templates = templates.iter();
        templates.find_map(|template| {
            let mut texts = template.files.iter().map(|(_, text)| *text);
            texts.any(names).then_some(template.name)
        })
    };
    let units = facts
        .units()
        .into_iter()
        .map(|(_, folder)| folder)
        .collect();
    let all: [(&[&str], BTreeSet<String>); 3] = [
        (&["__RESULTS__"], BTreeSet::from([facts.results()])),
        (&["__FOLDER__"], BTreeSet::from([facts.folder()])),
        (&["__UNIT__", "#@ each unit"], units),
    ];
    let mut found = Vec::new();
    for (words, folders) in all {
        if let Some(template) = first_template_with(words) {
            let unlike = folders.into_iter().filter(|folder| !is_plain(folder));
            found.extend(unlike.map(|folder| (folder, template)));
        }
    }
    found
}
