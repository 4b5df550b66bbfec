//! The templates of `init`, embedded from `templates/`.

/// A template: a set of files for a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Template {
    /// Its name on the command line.
    pub name: &'static str,
    /// A short description.
    pub about: &'static str,
    /// Paths relative to the project's root, and unrendered texts.
    pub(super) files: &'static [(&'static str, &'static str)],
    /// Whether `--partitions` changes it.
    pub has_partitions: bool,
    /// Whether the files belong in the repository's root, which may be above the project's.
    pub(super) in_repository: bool,
    pub(super) next: &'static str,
}

macro_rules! files {
    ($($path:literal: $file:literal),+ $(,)?) => {
        &[$(($path, include_str!(concat!("../../../templates/", $file)))),+]
    };
}

pub(crate) const TEMPLATES: &[Template] = &[
    Template {
        name: "makefile",
        about: "a Makefile, and build.ps1 for Windows: build, test, check, deploy",
        files: files! {
            "Makefile": "makefile/Makefile",
            "build.ps1": "makefile/build.ps1",
        },
        has_partitions: false,
        in_repository: false,
        next: "make, or .\\build.ps1 on Windows",
    },
    Template {
        name: "sam",
        about: "template.yaml for the AWS SAM CLI",
        files: files! { "template.yaml": "sam/template.yaml" },
        has_partitions: false,
        in_repository: false,
        next: "cargo lambdapack && sam build && sam deploy --guided",
    },
    Template {
        name: "cloudformation",
        about: "cloudformation.yaml, for the AWS CLI alone",
        files: files! { "cloudformation.yaml": "cloudformation/cloudformation.yaml" },
        has_partitions: false,
        in_repository: false,
        next: "cargo lambdapack && aws cloudformation package … && aws cloudformation deploy …",
    },
    Template {
        name: "terraform",
        about: "infra/: functions, roles, and logs for Terraform",
        files: files! {
            "infra/functions.tf": "terraform/functions.tf",
            "infra/packed.tf": "terraform/packed.tf",
            "infra/lambda.tf": "terraform/lambda.tf",
            "infra/.gitignore": "terraform/gitignore",
        },
        has_partitions: false,
        in_repository: false,
        next: "cargo lambdapack && terraform -chdir=infra init && terraform -chdir=infra plan",
    },
    Template {
        name: "cdk",
        about: "cdk/: an app for AWS CDK in TypeScript",
        files: files! {
            "cdk/app.ts": "cdk/app.ts",
            "cdk/cdk.json": "cdk/cdk.json",
            "cdk/package.json": "cdk/package.json",
            "cdk/tsconfig.json": "cdk/tsconfig.json",
            "cdk/.gitignore": "cdk/gitignore",
            "cdk/go.mod": "cdk/go.mod",
        },
        has_partitions: false,
        in_repository: false,
        next: "cd cdk && npm install && npx cdk diff, which also builds the functions",
    },
    Template {
        name: "cdk-go",
        about: "cdk-go/: the same app in Go",
        files: files! {
            "cdk-go/main.go": "cdk-go/main.go",
            "cdk-go/go.mod": "cdk-go/go.mod",
            "cdk-go/go.sum": "cdk-go/go.sum",
            "cdk-go/cdk.json": "cdk-go/cdk.json",
            "cdk-go/.gitignore": "cdk-go/gitignore",
        },
        has_partitions: false,
        in_repository: false,
        next: "cd cdk-go && cdk diff, which also builds the functions",
    },
    Template {
        name: "dockerfile",
        about: "a Dockerfile, for functions as container images",
        files: files! {
            "Dockerfile": "dockerfile/Dockerfile",
            ".dockerignore": "dockerfile/dockerignore",
        },
        has_partitions: false,
        in_repository: false,
        next: "docker build --provenance=false --target NAME --tag NAME .",
    },
    Template {
        name: "github",
        about: ".github/workflows/deploy.yml: build, plan, and apply with Terraform",
        files: files! {
            ".github/workflows/deploy.yml": "github/deploy.yml",
            // With `--partitions`, several jobs install the same tools.
            ".github/actions/lambdapack/action.yml": "github/action.yml",
        },
        has_partitions: true,
        in_repository: true,
        next: "it runs Terraform in infra/, which `cargo lambdapack init terraform` creates",
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_two_templates_write_one_file() {
        let files = TEMPLATES.iter().flat_map(|template| template.files);
        let paths: Vec<_> = files.map(|(path, _)| path).collect();
        let different: BTreeSet<_> = paths.iter().collect();
        assert_eq!(paths.len(), different.len(), "{paths:?}");
    }
}
