//! Go builds.

use super::*;

#[test]
fn a_go_function_is_built_with_all_variables_that_decide_the_bytes() {
    let world = world().go("example.com/m/hello");
    let plan = world.plan(&arm()).unwrap();
    let place = Path::new("/w")
        .join("target")
        .join("go")
        .join("linux_arm64")
        .join("together");
    let place = format!("{}{}", place.display(), std::path::MAIN_SEPARATOR);
    let command = CommandSpec::new(Path::new("/bin").join("go"), "/w")
        .args([
            "build",
            "-o",
            &place,
            "-trimpath",
            "-buildvcs=false",
            "-tags=lambda.norpc",
        ])
        .args(["-ldflags=-s -w", "example.com/m/hello"])
        .env("GOOS", "linux")
        .env("GOARCH", "arm64")
        .env("GOARM64", "v8.0")
        .env("CGO_ENABLED", "0")
        .env("LC_ALL", "C")
        .env("SOURCE_DATE_EPOCH", "315532800")
        .env("TZ", "UTC");
    assert_eq!(plan.steps[0].command, command);
    assert_eq!(
        plan.functions[0].binary,
        BinarySource::File(Path::new("/w/target/go/linux_arm64/together").join("hello"))
    );
}

#[test]
fn go_programs_whose_binaries_share_a_name_are_built_separately() {
    let world = world()
        .go("example.com/m/orders/api")
        .go("example.com/m/users/api")
        .go("example.com/m/one")
        .go("example.com/m/two");
    let plan = world.plan(&arm()).unwrap();
    let runs: Vec<_> = plan
        .steps
        .iter()
        .map(|step| args_from(step, "example").len())
        .collect();
    assert_eq!(runs.iter().sum::<usize>(), 4);
    assert_eq!(plan.steps.len(), 3);
    let places: BTreeSet<_> = plan.functions.iter().map(|f| f.binary.clone()).collect();
    assert_eq!(places.len(), 4);
    assert_eq!(
        packed(&plan),
        [
            "one arm64",
            "orders-api arm64",
            "two arm64",
            "users-api arm64"
        ]
    );
}

#[test]
fn the_output_folder_of_a_go_program_does_not_depend_on_the_selection() {
    let world = world()
        .go("example.com/m/a/api")
        .go("example.com/m/b/api")
        .go("example.com/m/c");
    let all = world.plan(&arm()).unwrap();
    let mut request = arm();
    request.select.bins = vec!["a-api".into()];
    let one = world.plan(&request).unwrap();
    assert_eq!(one.functions[0].binary, all.functions[0].binary);
}

#[test]
fn tags_and_linker_flags_are_merged_from_all_places() {
    let mut world = world().go("example.com/m/hello");
    let project = world.project();
    project.modules[0].tags = vec!["goflags".into()];
    project.modules[0].ldflags = vec!["-X m.a=1".into()];
    project.functions[0].settings.tags = Some(OneOrMany::One("configured".into()));
    project.functions[0].settings.ldflags = Some(OneOrMany::One("-X m.b=2".into()));
    let mut request = arm();
    request.go.tags = vec!["option,goflags".into()];
    request.go.ldflags = vec!["all=-X m.c=3".into()];
    request.rest = ["-tags", "rest", "-ldflags=-X m.d=4", "-race"]
        .map(str::to_owned)
        .to_vec();
    let plan = world.plan(&request).unwrap();
    let step = &plan.steps[0];
    assert_eq!(
        arg(step, "-tags"),
        "-tags=lambda.norpc,configured,option,goflags,rest"
    );
    let ldflags: Vec<_> = step
        .command
        .args
        .iter()
        .filter(|arg| arg.starts_with("-ldflags"))
        .collect();
    assert_eq!(
        ldflags.len(),
        2,
        "one plain, one for the pattern: {ldflags:?}"
    );
    for flag in ["-s -w", "-X m.a=1", "-X m.b=2", "-X m.d=4"] {
        assert!(ldflags[0].contains(flag), "{ldflags:?}");
    }
    assert_eq!(
        ldflags,
        [
            "-ldflags=-s -w -X m.a=1 -X m.b=2 -X m.d=4",
            "-ldflags=all=-s -w -X m.a=1 -X m.b=2 -X m.d=4 -X m.c=3",
        ]
    );
    assert!(step.command.args.contains(&"-race".to_owned()));
}

#[test]
fn symbols_commit_and_cgo_are_kept_on_request() {
    let mut world = world().go("example.com/m/hello");
    world.project().functions[0].settings.keep_symbols = Some(true);
    let mut request = arm();
    request.go.vcs_stamp = true;
    request.go.cgo = true;
    let plan = world.plan(&request).unwrap();
    let step = &plan.steps[0];
    assert_eq!(arg(step, "-ldflags"), "");
    assert_eq!(arg(step, "-buildvcs"), "-buildvcs=true");
    assert_eq!(step.command.env["CGO_ENABLED"].as_deref(), Some("1"));
}

#[test]
fn a_go_package_that_is_not_main_is_refused() {
    let mut world = world().go("example.com/m/hello");
    world.project().modules[0].packages.push(GoPackage {
        import_path: "example.com/m/lib".into(),
        dir: "/w/lib".into(),
        main: false,
        lambda: false,
        ..GoPackage::default()
    });
    world.projects.scopes = vec![below("/w/lib", Language::Go)];
    let failure = world.plan(&arm()).unwrap_err();
    assert_eq!(failure.kind, ExitKind::Refused);
    assert!(failure.problems[0].what.contains("example.com/m/lib"));
}
