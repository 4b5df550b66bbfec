//! The result of deploying several functions: one table, and one verdict.
//!
//! In: an [`Outcome`] for each function. Out: text or JSON for stdout, and a failure with exit
//! code 1 if a function failed.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::commands::deploy::deployment::{AliasChange, Deployment};
use crate::ui::failure::{ExitKind, Failure, Problem};
use crate::ui::output_style::OutputStyle;

/// The result for one function.
#[derive(Debug)]
pub(super) struct Outcome {
    /// The name of the packaged function.
    pub(super) name: String,
    /// The name or ARN of the function on AWS.
    pub(super) function: String,
    /// The hash before, if the function could be read.
    pub(super) was: Option<String>,
    pub(super) result: Result<Deployment, Failure>,
}

/// The most functions that an error message names.
const MAX_NAMES: usize = 3;

impl Outcome {
    /// The word in the first column.
    fn state(&self) -> &'static str {
        match &self.result {
            Ok(deployment) => deployment.state(),
            Err(failure) if failure.problems.is_empty() => "canceled",
            Err(_) => "failed",
        }
    }

    fn code_sha256(&self) -> Option<&str> {
        let deployment = self.result.as_ref().ok();
        deployment.map(|deployment| deployment.code_sha256.as_str())
    }

    fn alias(&self) -> Option<&AliasChange> {
        self.result.as_ref().ok()?.alias.as_ref()
    }

    fn version(&self) -> Option<&str> {
        self.result.as_ref().ok()?.version.as_deref()
    }

    /// The last column: the version and the alias.
    fn details(&self) -> String {
        let version = self.version().map(|version| format!("version {version}"));
        let alias = self.alias().map(|change| {
            let name = &change.alias.name;
            match &change.previous_version {
                Some(previous) => {
                    let version = &change.alias.function_version;
                    format!("{name} moved from {previous} to {version}")
                }
                None => format!("{name} created"),
            }
        });
        let details: Vec<_> = version.into_iter().chain(alias).collect();
        details.join(", ")
    }

    fn json(&self) -> Value {
        let problems = match &self.result {
            Ok(_) => &[][..],
            Err(failure) => &failure.problems,
        };
        let problems: Vec<_> = problems
            .iter()
            .map(|problem| json!({ "what": problem.what, "help": problem.help }))
            .collect();
        let arn = self.result.as_ref().ok().map(|d| d.function_arn.as_ref());
        json!({
            "name": self.name,
            "function_name": self.function,
            "function_arn": arn,
            "state": self.state(),
            "was": self.was,
            "code_sha256": self.code_sha256(),
            "published": self.version(),
            "alias": self.alias().map(AliasChange::json),
            "problems": problems,
        })
    }
}

/// The table for stdout.
pub(super) fn text(outcomes: &[Outcome], is_dry_run: bool, style: OutputStyle) -> String {
    if style == OutputStyle::Json {
        let functions: Vec<_> = outcomes.iter().map(Outcome::json).collect();
        let value = json!({ "version": 1, "dry_run": is_dry_run, "functions": functions });
        return format!("{value}\n");
    }
    let width = |column: fn(&Outcome) -> &str| {
        let widths = outcomes
            .iter()
            .map(|outcome| column(outcome).chars().count());
        widths.max().unwrap_or_default()
    };
    let function = width(|outcome| &outcome.function);
    let was = width(|outcome| shown(outcome.was.as_deref()));
    let now = width(|outcome| shown(outcome.code_sha256()));
    let mut text = String::new();
    for outcome in outcomes {
        let line = format!(
            "{:<9}  {:<function$}  {:<was$}  {:<now$}  {}",
            outcome.state(),
            outcome.function,
            shown(outcome.was.as_deref()),
            shown(outcome.code_sha256()),
            outcome.details(),
        );
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}

/// A hash, or a dash if there is none.
fn shown(hash: Option<&str>) -> &str {
    hash.filter(|hash| !hash.is_empty()).unwrap_or("-")
}

/// The number of functions in each state, such as `17 unchanged, 3 updated`.
pub(super) fn summary(outcomes: &[Outcome]) -> String {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for outcome in outcomes {
        let state = outcome.state();
        match counts.iter_mut().find(|(other, _)| *other == state) {
            Some((_, count)) => *count += 1,
            None => counts.push((state, 1)),
        }
    }
    counts.sort_unstable();
    let counts: Vec<_> = counts
        .into_iter()
        .map(|(state, count)| format!("{count} {state}"))
        .collect();
    counts.join(", ")
}

/// The problems of all functions that failed, each with the names of its functions. A signal
/// that ended the run decides the exit code.
pub(super) fn verdict(outcomes: &[Outcome]) -> Result<(), Failure> {
    let mut grouped: Vec<(Problem, Vec<&str>)> = Vec::new();
    let mut kind = ExitKind::No;
    for outcome in outcomes {
        let Err(failure) = &outcome.result else {
            continue;
        };
        if failure.problems.is_empty() {
            kind = failure.kind;
        }
        for problem in &failure.problems {
            match grouped.iter_mut().find(|(other, _)| other == problem) {
                Some((_, functions)) => functions.push(&outcome.function),
                None => grouped.push((problem.clone(), vec![&outcome.function])),
            }
        }
    }
    if kind == ExitKind::No && grouped.is_empty() {
        return Ok(());
    }
    let problems = grouped.into_iter().map(|(problem, functions)| Problem {
        what: format!("{}: {}", names(&functions), problem.what),
        ..problem
    });
    Err(Failure {
        kind,
        problems: problems.collect(),
    })
}

fn names(functions: &[&str]) -> String {
    match functions.get(MAX_NAMES..) {
        Some(others) if !others.is_empty() => {
            let first = functions[..MAX_NAMES].join(", ");
            format!("{first}, and {} more", others.len())
        }
        _ => functions.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(function: &str, was: &str, now: &str) -> Outcome {
        Outcome {
            name: function.to_owned(),
            function: function.to_owned(),
            was: Some(was.to_owned()),
            result: Ok(Deployment {
                function_name: function.to_owned(),
                function_arn: Some("arn".to_owned()),
                was: Some(was.to_owned()),
                is_created: false,
                code_sha256: now.to_owned(),
                is_updated: was != now,
                moves_alias: false,
                version: None,
                alias: None,
                planned: None,
                warning: None,
            }),
        }
    }

    fn failed(function: &str, failure: Failure) -> Outcome {
        Outcome {
            was: None,
            result: Err(failure),
            ..outcome(function, "", "")
        }
    }

    #[test]
    fn the_table_has_both_hashes_of_each_function() {
        let missing = || Failure::new(ExitKind::Packaging, "not found");
        let outcomes = [
            outcome("orders", "a=", "a="),
            outcome("a-long-name", "a=", "b="),
            failed("mail", missing()),
        ];
        assert_eq!(
            text(&outcomes, false, OutputStyle::Human),
            "unchanged  orders       a=  a=\n\
             updated    a-long-name  a=  b=\n\
             failed     mail         -   -\n"
        );
        assert_eq!(summary(&outcomes), "1 failed, 1 unchanged, 1 updated");
        assert!(verdict(&outcomes[..2]).is_ok());
        assert_eq!(verdict(&outcomes).unwrap_err().kind, ExitKind::No);
    }

    #[test]
    fn a_common_problem_is_reported_once() {
        let denied = || Failure::new(ExitKind::Packaging, "denied");
        let outcomes = ["a", "b", "c", "d", "e"].map(|name| failed(name, denied()));
        let failure = verdict(&outcomes).unwrap_err();
        assert_eq!(failure.problems[0].what, "a, b, c, and 2 more: denied");
        assert_eq!(failure.problems.len(), 1);
    }

    #[test]
    fn a_signal_decides_the_exit_code() {
        let outcomes = [
            failed("a", Failure::new(ExitKind::Packaging, "denied")),
            failed("b", Failure::silent(ExitKind::Interrupted)),
        ];
        assert_eq!(outcomes[1].state(), "canceled");
        assert_eq!(verdict(&outcomes).unwrap_err().kind, ExitKind::Interrupted);
    }
}
