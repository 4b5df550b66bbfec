//! Plans that are narrowed to some of their functions.

use super::*;
use crate::build::request::Partition;

fn only(plan: Plan, names: &[&str]) -> Plan {
    plan.narrowed(|function| names.contains(&function.name.as_str()))
}

fn three() -> World {
    let orders = world().rust("orders", "orders", FunctionStatus::Function);
    orders
        .rust("stock", "stock", FunctionStatus::Function)
        .rust("users", "users", FunctionStatus::Function)
}

#[test]
fn cargo_gets_all_packages_and_the_remaining_targets() {
    let plan = three().plan(&arm()).unwrap();
    let narrowed = only(plan.clone(), &["orders", "users"]);
    let packages = ["orders", "stock", "users"].map(|name| ["-p".into(), format!("{name}@0.1.0")]);
    let targets = ["--bin", "orders", "--bin", "users"].map(str::to_owned);
    let expected = [&packages.concat()[..], &targets].concat();
    assert_eq!(args_from(&narrowed.steps[0], "-p"), expected);
    assert_eq!(narrowed.steps[0].command.env, plan.steps[0].command.env);
    assert_eq!(packed(&narrowed), ["orders arm64", "users arm64"]);
    assert_eq!(narrowed.functions[0].build, plan.functions[0].build);
    assert_eq!(narrowed.outputs, plan.outputs);
}

#[test]
fn a_narrowed_plan_is_that_of_the_same_selection() {
    let world = three();
    let mut request = arm();
    request.rust.args = vec!["--bin".into(), "more".into()];
    let all = world.plan(&request).unwrap();
    request.select.bins = vec!["stock".into()];
    let selected = world.plan(&request).unwrap();
    let narrowed = only(all.clone(), &["stock"]);
    assert_eq!(narrowed.steps, selected.steps);
    // A plan can be narrowed again.
    let twice = only(only(all.clone(), &["orders", "stock"]), &["stock"]);
    assert_eq!(twice, narrowed);
    assert_eq!(only(all.clone(), &["orders", "stock", "users"]), all);
}

#[test]
fn functions_belong_to_the_steps_of_the_narrowed_plan() {
    let plan = three().go("example.com/mail").go("example.com/sms");
    let narrowed = only(plan.plan(&arm()).unwrap(), &["users", "sms"]);
    let functions: Vec<_> = narrowed
        .steps
        .iter()
        .flat_map(|step| narrowed.functions_of(step))
        .map(|(_, function)| function.name.as_str())
        .collect();
    assert_eq!(functions, ["users", "sms"]);
}

#[test]
fn go_gets_the_remaining_packages() {
    let world = world().go("example.com/mail").go("example.com/sms");
    let narrowed = only(world.plan(&arm()).unwrap(), &["sms"]);
    let args = &narrowed.steps[0].command.args;
    assert_eq!(args.last().unwrap(), "example.com/sms");
    assert!(!args.contains(&"example.com/mail".to_owned()), "{args:?}");
}

#[test]
fn steps_and_output_folders_without_functions_are_left_out() {
    let world = three().go("example.com/mail");
    let mut request = arm();
    request.archs = Arch::ALL.to_vec();
    let plan = world.plan(&request).unwrap();
    assert_eq!(plan.steps.len(), 4);
    let keep = |function: &FunctionPlan| function.name == "mail" && function.arch == Arch::X86_64;
    let narrowed = plan.clone().narrowed(keep);
    assert_eq!(narrowed.steps.len(), 1);
    assert_eq!(packed(&narrowed), ["mail x86_64"]);
    let empty = plan.narrowed(|_| false);
    assert!(empty.steps.is_empty() && empty.outputs.is_empty() && empty.functions.is_empty());
}

#[test]
fn targets_that_decide_the_bytes_of_others_stay() {
    let mut world = three();
    world.project().workspaces[0].packages[0].foreign_library = true;
    let plan = world.plan(&arm()).unwrap();
    let narrowed = only(plan.clone(), &["users"]);
    assert_eq!(narrowed.steps[0].command, plan.steps[0].command);
    assert_eq!(packed(&narrowed), ["users arm64"]);
}

#[test]
fn partitions_are_disjoint_and_complete() {
    let mut request = arm();
    request.archs = Arch::ALL.to_vec();
    let plan = three().go("example.com/mail").plan(&request).unwrap();
    for method in ["slice", "hash"] {
        let partition = |part| -> Partition { format!("{method}:{part}/3").parse().unwrap() };
        let parts = [1, 2, 3].map(|part| packed(&plan.clone().partitioned(Some(partition(part)))));
        if method == "slice" {
            assert_eq!(parts[0], ["mail arm64", "orders x86_64", "users arm64"]);
        }
        let mut all = parts.concat();
        all.sort();
        assert_eq!(all, packed(&plan), "{method}");
    }
    assert_eq!(plan.clone().partitioned(None), plan);
}
