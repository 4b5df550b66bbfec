//! `doctor`: lists the tools that a build needs, and how to install the missing ones.
//!
//! In: a [`Plan`], or the failure that lists missing tools. Out: text or JSON. The list contains
//! exactly the tools that a build would use or miss.
//! Left out: installing anything.

use serde_json::json;

use crate::build::plan::{FoundTool, Plan};
use crate::build::project::Projects;
use crate::build::request::Request;
use crate::commands::context::{CommandContext, CommandResult};
use crate::system::command::CommandSpec;
use crate::system::host::Host;
use crate::system::process;
use crate::ui::failure::{ExitKind, Failure, OrExit, Problem};
use crate::ui::output_style::OutputStyle;

/// The tools of a build.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Diagnosis {
    /// The tools that a build would use.
    pub tools: Vec<FoundTool>,
    /// The tools that it would miss.
    pub missing: Vec<Problem>,
}

/// Reads the tools from a plan, or from the failure to make one.
pub(crate) fn diagnose(plan: anyhow::Result<Plan>, host: &Host) -> anyhow::Result<Diagnosis> {
    let mut diagnosis = match plan {
        Ok(plan) => Diagnosis {
            tools: plan.tools,
            missing: plan.missing,
        },
        Err(error) => match error.downcast::<Failure>()? {
            failure if failure.kind == ExitKind::Tool => Diagnosis {
                tools: Vec::new(),
                missing: failure.problems,
            },
            failure => return Err(failure.into()),
        },
    };
    for tool in &mut diagnosis.tools {
        // The plan does not need the version of cargo.
        if let (true, "cargo", Some(path)) = (tool.version.is_empty(), &*tool.name, &tool.path) {
            let output = process::capture(&CommandSpec::new(path, &host.cwd).args(["--version"]))?;
            output.stdout.trim().clone_into(&mut tool.version);
        }
    }
    Ok(diagnosis)
}

/// Reads the project as a build would, and prints the tools that the build would use.
pub(crate) fn run(
    request: &Request,
    context: &CommandContext<'_>,
) -> anyhow::Result<CommandResult> {
    let host = context.host;
    let projects = Projects::read(request, host, context.console).or_exit(ExitKind::Project)?;
    let plan = Plan::new(request, &projects, host).or_exit(ExitKind::Project);
    let diagnosis = diagnose(plan, host)?;
    Ok(CommandResult {
        stdout: diagnosis.text(context.style),
        verdict: diagnosis.verdict(),
    })
}

impl Diagnosis {
    /// The diagnosis as a table or JSON.
    pub(crate) fn text(&self, style: OutputStyle) -> String {
        if style == OutputStyle::Json {
            let missing: Vec<_> = self
                .missing
                .iter()
                .map(|problem| json!({ "what": problem.what, "help": problem.help }))
                .collect();
            return format!(
                "{}\n",
                json!({ "version": 1, "tools": self.tools, "missing": missing })
            );
        }
        let mut text = String::new();
        for tool in &self.tools {
            let path = tool.path.as_ref().map(|path| path.display().to_string());
            let facts = [path.unwrap_or_default(), tool.version.clone()];
            text += &format!("found    {}: {}\n", tool.name, tool.purpose);
            for fact in facts.iter().filter(|fact| !fact.is_empty()) {
                text += &format!("           {fact}\n");
            }
        }
        for problem in &self.missing {
            text += &format!("missing  {}\n", problem.what);
            if let Some(help) = &problem.help {
                text += &format!("  help:  {help}\n");
            }
        }
        text
    }

    /// Fails if a build could not start.
    pub(crate) fn verdict(&self) -> Result<(), Failure> {
        if self.missing.is_empty() {
            Ok(())
        } else {
            Err(Failure::silent(ExitKind::Tool))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_tools_are_listed_after_found_ones_with_advice() {
        let diagnosis = Diagnosis {
            tools: vec![FoundTool {
                name: "go".into(),
                purpose: "builds Go".into(),
                path: Some("/bin/go".into()),
                version: "go1.26.8".into(),
            }],
            missing: vec![Problem::new("no zig").help("`pip install ziglang`")],
        };
        assert_eq!(
            diagnosis.text(OutputStyle::Human),
            "found    go: builds Go\n           /bin/go\n           go1.26.8\n\
             missing  no zig\n  help:  `pip install ziglang`\n"
        );
        assert_eq!(diagnosis.verdict().unwrap_err().kind.code(), 96);
        let json: serde_json::Value =
            serde_json::from_str(&diagnosis.text(OutputStyle::Json)).unwrap();
        assert_eq!(json["tools"][0]["version"], "go1.26.8");
        assert_eq!(json["missing"][0]["help"], "`pip install ziglang`");
    }

    #[test]
    fn failures_other_than_missing_tools_are_returned() {
        let error = Failure::new(ExitKind::Project, "no Cargo.toml").into();
        assert!(diagnose(Err(error), &Host::default()).is_err());
    }
}
