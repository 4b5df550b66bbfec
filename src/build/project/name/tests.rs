use std::path::Path;

use super::*;
use crate::build::project::config::FunctionSettings;
use crate::build::project::{Function, FunctionSource, FunctionStatus, ModuleId, WorkspaceId};
use crate::lambda::Purpose;
use crate::ui::did_you_mean::did_you_mean;

fn function(package: &str, bin: &str, source: FunctionSource) -> Function {
    Function {
        name: String::new(),
        status: FunctionStatus::Function,
        dir: format!("/w/{package}").into(),
        package: package.into(),
        bin: bin.into(),
        source,
        purpose: Purpose::Function,
        settings: FunctionSettings::default(),
        configured: false,
    }
}

fn rust(package: &str, bin: &str) -> Function {
    function(
        package,
        bin,
        FunctionSource::Cargo {
            workspace: WorkspaceId(0),
            package: package.into(),
        },
    )
}

fn go(path: &str) -> Function {
    function(
        path,
        exec_name(path),
        FunctionSource::Go {
            module: ModuleId(0),
        },
    )
}

/// A program in a module of its own, in a folder of the project.
fn module(number: usize, dir: &str, path: &str) -> Function {
    Function {
        dir: format!("/w/{dir}").into(),
        source: FunctionSource::Go {
            module: ModuleId(number),
        },
        ..go(path)
    }
}

fn skipped(function: Function) -> Function {
    Function {
        status: FunctionStatus::Other,
        ..function
    }
}

fn names(mut functions: Vec<Function>) -> Vec<String> {
    assign_names(&mut functions, Path::new("/w"));
    functions
        .into_iter()
        .map(|function| function.name)
        .collect()
}

#[test]
fn rust_functions_are_named_after_their_binary_unless_it_is_bootstrap_or_shared() {
    assert_eq!(
        names(vec![
            rust("orders-fn", "orders"),
            rust("users", "bootstrap"),
            rust("a", "worker"),
            rust("b", "worker"),
        ]),
        ["orders", "users", "a", "b"]
    );
}

#[test]
fn packages_that_share_several_binaries_use_both_names() {
    assert_eq!(
        names(vec![
            rust("a", "x"),
            rust("a", "y"),
            rust("b", "x"),
            rust("b", "y")
        ]),
        ["a-x", "a-y", "b-x", "b-y"]
    );
}

#[test]
fn go_functions_have_the_shortest_unique_suffix() {
    assert_eq!(
        names(vec![
            go("example.com/m/orders/api"),
            go("example.com/m/users/api"),
            go("example.com/m/cmd/worker"),
            go("example.com/hello/v2"),
        ]),
        ["orders-api", "users-api", "worker", "hello"]
    );
}

#[test]
fn a_generic_word_is_replaced_by_the_folder_above_or_the_module() {
    for word in [
        "cmd", "pkg", "src", "lambda", "main", "function", "handler", "app",
    ] {
        assert_eq!(
            names(vec![go(&format!("example.com/shop/{word}"))]),
            ["shop"]
        );
    }
    assert_eq!(
        names(vec![
            go("example.com/shop/orders/cmd"),
            go("example.com/shop/users/src/lambda"),
            go("example.com/shop/mail"),
        ]),
        ["orders", "users", "mail"]
    );
    // The name of the module's own folder depends on the machine.
    let root = Function {
        dir: "/w".into(),
        ..go("main")
    };
    assert_eq!(names(vec![root]), ["main"]);
}

#[test]
fn names_of_more_than_one_word_are_kept() {
    assert_eq!(
        names(vec![
            go("example.com/shop/orders/cmd"),
            go("example.com/shop/users/cmd"),
        ]),
        ["orders-cmd", "users-cmd"]
    );
}

#[test]
fn a_generic_word_takes_no_name_from_another() {
    assert_eq!(
        names(vec![
            go("example.com/shop/a/orders/cmd"),
            go("example.com/shop/b/orders"),
        ]),
        ["a-orders", "orders"]
    );
    assert_eq!(
        names(vec![
            go("example.com/shop/orders"),
            go("example.com/shop/orders/cmd"),
        ]),
        ["orders", "orders-cmd"]
    );
    assert_eq!(
        names(vec![
            go("example.com/shop/orders/cmd"),
            go("example.com/shop/orders/lambda"),
        ]),
        ["orders-cmd", "orders-lambda"]
    );
}

#[test]
fn modules_called_main_are_named_after_their_folders() {
    assert_eq!(
        names(vec![
            module(0, "get", "main"),
            module(1, "put/src", "main"),
            module(2, "admin/list/lambda", "lambda"),
        ]),
        ["get", "put", "list"]
    );
}

#[test]
fn modules_with_the_same_path_are_separated_by_their_folders() {
    assert_eq!(
        names(vec![
            module(0, "sam/hello-world", "hello-world"),
            module(1, "zip", "hello-world"),
            module(2, "other", "example.com/other"),
        ]),
        ["sam-hello-world", "zip-hello-world", "other"]
    );
    assert_eq!(
        names(vec![
            module(0, "a/orders", "example.com/shop/cmd"),
            module(1, "b/orders", "example.com/shop/cmd"),
        ]),
        ["a-orders-shop", "b-orders-shop"]
    );
}

#[test]
fn projects_that_share_a_name_are_separated_in_every_language() {
    let workspace = |number, dir: &str, package: &str| Function {
        dir: format!("/w/{dir}").into(),
        source: FunctionSource::Cargo {
            workspace: WorkspaceId(number),
            package: package.into(),
        },
        ..rust(package, package)
    };
    assert_eq!(
        names(vec![
            workspace(0, "a", "hello"),
            workspace(1, "b", "hello"),
            module(0, "c", "example.com/Hello"),
            workspace(2, "d", "orders"),
        ]),
        ["a-hello", "b-hello", "c-Hello", "orders"]
    );
    assert_eq!(
        names(vec![
            workspace(0, "hello", "hello"),
            workspace(1, "x/hello", "hello")
        ]),
        ["hello", "x-hello"]
    );
}

#[test]
fn skipped_programs_do_not_take_names_away() {
    assert_eq!(
        names(vec![
            go("example.com/m/orders/api"),
            skipped(go("example.com/m/tools/api")),
        ]),
        ["api", "tools-api"]
    );
    assert_eq!(
        names(vec![
            rust("orders-fn", "orders"),
            skipped(rust("admin", "orders")),
            rust("users", "users"),
        ]),
        ["orders", "admin", "users"]
    );
    assert_eq!(
        names(vec![
            module(0, "functions/orders", "orders"),
            skipped(module(1, "tools/orders", "orders")),
        ]),
        ["orders", "tools-orders"]
    );
}

#[test]
fn names_that_differ_only_in_case_are_refused() {
    let mut functions = vec![rust("a", "Orders"), rust("b", "orders")];
    assign_names(&mut functions, Path::new("/w"));
    assert!(refuse_collisions(&functions).is_err());
}

#[test]
fn the_nearest_name_is_suggested() {
    assert_eq!(
        did_you_mean("wroker", &["worker", "api"], "it has"),
        "did you mean `worker`?"
    );
    assert_eq!(
        did_you_mean("zzz", &["worker", "api"], "it has"),
        "it has worker, api"
    );
}

#[test]
fn names_that_some_system_cannot_store_are_refused() {
    for name in ["", "a/b", "a\\b", "con", "NUL.x", "a:", ".a", "a."] {
        assert!(check_name(name).is_err(), "{name}");
    }
    for name in ["orders", "größe", "a.b", "context"] {
        assert!(check_name(name).is_ok(), "{name}");
    }
}
