//! What a build needs, what of it is here, and how to get the rest.
//!
//! In: a [`Plan`], or the tools without which there is none. Out: text or JSON.
//! Absent: installing, and anything that the plan does not know: what is said
//! here is what a build would use, or would miss.

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

/// What was found and what was not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Diagnosis {
    /// What a build would use.
    pub tools: Vec<FoundTool>,
    /// What it would miss.
    pub missing: Vec<Problem>,
}

/// Looks at a plan, or at why there is none.
pub(crate) fn diagnose(plan: anyhow::Result<Plan>, host: &Host) -> anyhow::Result<Diagnosis> {
    let mut found = match plan {
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
    for tool in &mut found.tools {
        if let (true, "cargo", Some(path)) = (tool.version.is_empty(), &*tool.name, &tool.path) {
            let said = process::capture(&CommandSpec::new(path, &host.cwd).args(["--version"]))?;
            said.stdout.trim().clone_into(&mut tool.version);
        }
    }
    Ok(found)
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
    /// As a table, or as JSON.
    pub(crate) fn text(&self, style: OutputStyle) -> String {
        if style == OutputStyle::Json {
            let missing = self.missing.iter();
            let missing: Vec<_> = missing
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
            let facts: Vec<_> = facts.iter().filter(|fact| !fact.is_empty()).collect();
            text += &format!("found    {}: {}\n", tool.name, tool.purpose);
            for fact in facts {
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

    /// Whether a build could start.
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
    fn what_is_missing_stands_behind_what_was_found_with_its_remedy() {
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
    fn what_is_no_tool_is_no_diagnosis() {
        let error = Failure::new(ExitKind::Project, "no Cargo.toml").into();
        assert!(diagnose(Err(error), &Host::default()).is_err());
    }
}
