use super::*;
use crate::build::plan::FunctionPlan;
use crate::build::project::config::FunctionSettings;
use crate::build::project::{FunctionStatus, ModuleId, go};
use crate::lambda::Runtime;

/// A Go module in `/repo` or below, with functions in its folders.
fn project(root: &Path, names: &[&str]) -> Project {
    let function = |name: &&str| Function {
        name: (*name).to_owned(),
        status: FunctionStatus::Function,
        dir: root.join(name),
        package: format!("example.com/m/{name}"),
        bin: (*name).to_owned(),
        source: FunctionSource::Go {
            module: ModuleId(0),
        },
        settings: FunctionSettings::default(),
        purpose: crate::lambda::Purpose::Function,
        configured: false,
    };
    Project {
        root: root.to_owned(),
        modules: vec![go::GoModule {
            root: root.to_owned(),
            ..go::GoModule::default()
        }],
        functions: names.iter().map(function).collect(),
        ..Project::default()
    }
}

/// The places that are evidence for each function, as `name file:line`.
fn evidence_for(files: &[(&str, &str)], names: &[&str]) -> Vec<String> {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    for name in names {
        fs_err::create_dir_all(root.join(name)).unwrap();
    }
    for (name, text) in files {
        let file = root.join(name);
        fs_err::create_dir_all(file.parent().unwrap()).unwrap();
        fs_err::write(file, text).unwrap();
    }
    let project = project(root, names);
    let functions: Vec<_> = project.functions.iter().collect();
    let deployed = deployed::deployed(&DeploymentFiles::find(root, &[]));
    let arm = functions_on_arm64(&project, &functions, &deployed);
    arm.iter()
        .map(|(function, deployed)| {
            let file = path::relative(Some(root), &deployed.file);
            format!("{} {file}:{}", function.name, deployed.line)
        })
        .collect()
}

const SAM: &str = "Transform: AWS::Serverless-2016-10-31
Globals:
  Function:
    Runtime: provided.al2023
    Architectures: [arm64]
Resources:
  OrdersFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: orders/
      Handler: bootstrap
  Users:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: dist/users.zip
      Architectures: [x86_64]
";

#[test]
fn globals_of_sam_apply_to_functions_without_an_architecture() {
    let files = [("template.yaml", SAM)];
    assert_eq!(
        evidence_for(&files, &["orders", "users"]),
        ["orders template.yaml:5"]
    );
}

#[test]
fn the_default_of_a_parameter_is_an_architecture() {
    let text = "Parameters:\n  Arch:\n    Type: String\n    Default: arm64\nResources:\n  F:\n    \
                Type: AWS::Lambda::Function\n    Properties:\n      Runtime: provided.al2023\n      \
                Architectures: [!Ref Arch]\n      Code: dist/orders.zip\n";
    let files = [("infra/stack.yml", text)];
    assert_eq!(
        evidence_for(&files, &["orders"]),
        ["orders infra/stack.yml:10"]
    );
}

#[test]
fn terraform_names_architectures_directly_and_through_variables() {
    let text = "variable \"arch\" {\n  default = \"arm64\"\n}\n\
                resource \"aws_lambda_function\" \"orders\" {\n  runtime = \"provided.al2023\"\n  \
                filename = \"${path.module}/../orders.zip\"\n  architectures = [var.arch]\n}\n\
                resource \"aws_lambda_function\" \"users\" {\n  runtime = \"provided.al2023\"\n}\n";
    let files = [("infra/main.tf", text)];
    assert_eq!(
        evidence_for(&files, &["orders", "users"]),
        ["orders infra/main.tf:7"]
    );
}

#[test]
fn a_service_names_an_architecture_for_all_functions_or_for_one() {
    let text = "service: shop\nprovider:\n  name: aws\n  runtime: provided.al2023\n  \
                architecture: arm64\nfunctions:\n  orders:\n    handler: bootstrap\n  users:\n    \
                handler: bootstrap\n    architecture: x86_64\n  report:\n    handler: r.py\n    \
                runtime: python3.13\n";
    let files = [("serverless.yml", text)];
    let all = ["orders", "users", "report"];
    assert_eq!(evidence_for(&files, &all), ["orders serverless.yml:5"]);
}

#[test]
fn a_cdk_app_names_one_architecture_for_all_functions() {
    let text = "// Architecture.X86_64 was slower\nnew GoFunction(this, 'orders', {\n  \
                architecture: lambda.Architecture.ARM_64,\n});\n";
    let files = [("infra/cdk.json", "{}"), ("infra/lib/stack.ts", text)];
    assert_eq!(
        evidence_for(&files, &["orders"]),
        ["orders infra/lib/stack.ts:3"]
    );
    // Without a cdk.json, any source file could contain these words.
    assert!(evidence_for(&[("lib/stack.ts", text)], &["orders"]).is_empty());
    let mixed = format!("{text}new NodejsFunction(this, 'web', {{}});\n");
    let files = [("cdk.json", "{}"), ("lib/stack.ts", mixed.as_str())];
    assert!(evidence_for(&files, &["orders"]).is_empty());
}

fn template(name: &str, arch: &str) -> String {
    format!(
        "Resources:\n  {name}:\n    Type: AWS::Serverless::Function\n    Properties:\n      \
         Runtime: provided.al2023\n      Architectures: [{arch}]\n"
    )
}

#[test]
fn an_unnamed_function_is_reported_if_all_files_agree() {
    let arm = template("Backend", "arm64");
    let x86 = template("Other", "x86_64");
    let files = [("template.yaml", arm.as_str())];
    assert_eq!(
        evidence_for(&files, &["orders"]),
        ["orders template.yaml:6"]
    );
    let files = [("a.yaml", arm.as_str()), ("b.yaml", x86.as_str())];
    assert!(evidence_for(&files, &["orders"]).is_empty());
    // A description of `users` does not apply to `orders`.
    let users = template("UsersFunction", "arm64");
    let files = [("template.yaml", users.as_str())];
    assert_eq!(
        evidence_for(&files, &["orders", "users"]),
        ["users template.yaml:6"]
    );
}

#[test]
fn files_that_disagree_about_a_function_are_ignored() {
    let (test, production) = (template("Orders", "arm64"), template("Orders", "x86_64"));
    let files = [
        ("test.yaml", test.as_str()),
        ("prod.yaml", production.as_str()),
    ];
    assert!(evidence_for(&files, &["orders"]).is_empty());
}

#[test]
fn files_of_another_project_are_ignored() {
    let arm = template("Backend", "arm64");
    let files = [
        ("other/go.mod", "module other"),
        ("other/template.yaml", arm.as_str()),
    ];
    assert!(evidence_for(&files, &["orders"]).is_empty());
    let code = arm + "      CodeUri: web/\n";
    let files = [("template.yaml", code.as_str()), ("web/main.py", "")];
    assert!(evidence_for(&files, &["orders"]).is_empty());
}

#[test]
fn other_runtimes_images_and_invalid_files_are_ignored() {
    let python = template("Orders", "arm64").replace("provided.al2023", "python3.13");
    let image =
        template("Orders", "arm64").replace("Runtime: provided.al2023", "PackageType: Image");
    let broken = template("Orders", "arm64") + "  {{ more }}: [\n";
    for text in [python, image, broken] {
        assert!(
            evidence_for(&[("template.yaml", text.as_str())], &["orders"]).is_empty(),
            "{text}"
        );
    }
}

#[test]
fn nothing_is_reported_if_an_architecture_was_selected() {
    let dir = tempfile::tempdir().unwrap();
    let root = fs_err::canonicalize(dir.path()).unwrap();
    fs_err::write(root.join("template.yaml"), template("Orders", "arm64")).unwrap();
    let mut projects = Projects {
        projects: vec![project(&root, &["orders"])],
        ..Projects::default()
    };
    let plan = Plan {
        functions: vec![FunctionPlan {
            name: "orders".into(),
            source_root: root.clone(),
            ..planned()
        }],
        ..Plan::default()
    };
    let mut request = Request::default();
    let problem = hint(&request, &mut projects, &plan, &root).unwrap();
    assert_eq!(
        problem.what,
        "built for the default architecture x86_64, but deployed for arm64: orders \
         (template.yaml:6)"
    );
    let help = problem.help.unwrap();
    assert!(
        help.starts_with("write `arch = \"arm64\"` at the top of lambdapack.toml"),
        "{help}"
    );
    request.archs = vec![Arch::X86_64];
    assert_eq!(hint(&request, &mut projects, &plan, &root), None);
    request.archs.clear();
    let arch = crate::build::project::one_or_many::OneOrMany::One(Arch::X86_64);
    projects.projects[0].functions[0].settings.arch = Some(arch);
    assert_eq!(hint(&request, &mut projects, &plan, &root), None);
}

fn planned() -> FunctionPlan {
    use crate::build::plan::{BinarySource, BuildDescription, Evidence};
    use crate::build::request::Compression;
    use crate::build::request::{Entrypoint, PackageFormat};
    use crate::lambda::Purpose;
    use std::sync::Arc;
    FunctionPlan {
        name: String::new(),
        language: None,
        arch: Arch::X86_64,
        runtime: Runtime::ProvidedAl2023,
        source_root: PathBuf::new(),
        step: None,
        binary: BinarySource::File(PathBuf::new()),
        compression: Compression::Default,
        sbom: false,
        format: PackageFormat::Zip,
        output: Arc::default(),
        target: PathBuf::new(),
        build: Arc::new(BuildDescription::default()),
        purpose: Purpose::Function,
        entry: Entrypoint::Bootstrap,
        include: Vec::new(),
        layer_libraries: Vec::new(),
        allow_oversize: false,
        local_folders: Vec::new(),
        glibc_advice: String::new(),
        evidence: Evidence::Dependencies,
    }
}

#[test]
fn the_nearest_file_describes_a_function() {
    let (arm, x86) = (template("Backend", "arm64"), template("Backend", "x86_64"));
    let files = [
        ("orders/template.yaml", arm.as_str()),
        ("b/template.yaml", x86.as_str()),
    ];
    assert_eq!(
        evidence_for(&files, &["orders"]),
        ["orders orders/template.yaml:6"]
    );
    let files = [
        ("orders/template.yaml", x86.as_str()),
        ("b/template.yaml", arm.as_str()),
    ];
    assert!(evidence_for(&files, &["orders"]).is_empty());
}
