//! Names of functions, and that each zip contains its own function.

use snapbox::str;

use crate::support::Sandbox;

#[test]
fn a_function_is_named_after_its_binary() {
    let sandbox = Sandbox::new();
    sandbox.function("", "orders-fn");
    sandbox.append(
        "Cargo.toml",
        "[[bin]]\nname = \"orders\"\npath = \"src/main.rs\"\n",
    );
    sandbox.run(&[]).ok();
    assert_eq!(sandbox.manifest_names(), ["orders"]);
}

#[test]
fn a_binary_called_bootstrap_is_named_after_its_package() {
    let sandbox = Sandbox::new();
    sandbox.function("", "users");
    sandbox.append(
        "Cargo.toml",
        "[[bin]]\nname = \"bootstrap\"\npath = \"src/main.rs\"\n",
    );
    sandbox.run(&[]).ok();
    assert!(
        sandbox
            .packed("x86_64/users.zip")
            .contains("bin bootstrap for")
    );
    // Both names are accepted.
    sandbox.run(&["list", "--bin", "users"]).ok();
    sandbox.run(&["list", "--bin", "bootstrap"]).ok();
}

#[test]
fn generated_names_contain_only_characters_that_aws_accepts() {
    let sandbox = Sandbox::new();
    sandbox.function("", "order-eingang_2");
    sandbox.write("src/bin/größe.rs", "fn main() {}");
    sandbox.run(&[]).ok();
    assert_eq!(sandbox.manifest_names(), ["gro-e", "order-eingang_2"]);
    assert!(sandbox.packed("x86_64/gro-e.zip").contains("bin größe"));
    // A configured name comes from the user, and the binary's name is still accepted.
    sandbox.run(&["list", "--bin", "größe"]).ok();
    sandbox.write("lambdapack.toml", "[function.\"größe\"]\nskip = false\n");
    sandbox.run(&[]).ok();
    assert_eq!(sandbox.manifest_names(), ["größe", "order-eingang_2"]);
}

#[test]
fn a_go_function_in_a_generic_folder_is_named_after_the_parent_folder() {
    let sandbox = Sandbox::new();
    sandbox.go_module("", "example.com/shop");
    for dir in ["cmd", "orders/cmd", "users/src/handler", "mail"] {
        sandbox.go_function(dir);
    }
    sandbox.run(&[]).ok();
    let names = ["mail", "orders-cmd", "shop-cmd", "users"];
    assert_eq!(sandbox.manifest_names(), names);
    sandbox.remove("cmd");
    sandbox.run(&[]).ok();
    assert_eq!(sandbox.manifest_names(), ["mail", "orders", "users"]);
    // A table with the old name still applies to the function.
    sandbox.write("lambdapack.toml", "[function.cmd]\narch = \"x86_64\"\n");
    sandbox.run(&[]).ok();
    assert_eq!(sandbox.manifest_names(), ["cmd", "mail", "users"]);
}

/// Each has its own zip, and cargo runs once.
#[test]
fn all_binaries_of_all_packages_are_built_in_one_run() {
    let sandbox = Sandbox::new();
    sandbox.workspace(&["orders", "users"]);
    for bin in ["orders/src/bin/refund.rs", "users/src/bin/sign-in.rs"] {
        sandbox.write(bin, "fn main() {}");
    }
    sandbox.run(&[]).ok();
    let names = ["orders", "refund", "sign-in", "users"];
    assert_eq!(sandbox.manifest_names(), names);
    for name in names {
        let text = sandbox.packed(&format!("x86_64/{name}.zip"));
        assert!(text.contains(&format!("bin {name} for")), "{text}");
    }
    let build = sandbox.call("cargo build");
    assert_eq!(build.packages(), ["orders", "users"]);
    let mut bins = build.values("--bin");
    bins.sort_unstable();
    assert_eq!(bins, names);
}

/// Cargo would report one executable for both, and a random one would win.
#[test]
fn packages_that_share_a_binary_name_are_built_separately() {
    let sandbox = Sandbox::new();
    sandbox.workspace(&["a", "b", "c"]);
    for package in ["a", "b"] {
        sandbox.write(&format!("{package}/src/bin/worker.rs"), "fn main() {}");
        sandbox.remove(&format!("{package}/src/main.rs"));
        sandbox.write(
            &format!("{package}/src/lib.rs"),
            &format!("// of {package}"),
        );
    }
    sandbox.run(&[]).ok();
    assert_eq!(sandbox.manifest_names(), ["a", "b", "c"]);
    for package in ["a", "b"] {
        let text = sandbox.packed(&format!("x86_64/{package}.zip"));
        assert!(text.contains(&format!("package \"{package}\"")), "{text}");
        assert!(text.contains(&format!("// of {package}")), "{text}");
    }
    let builds = sandbox.calls_of("cargo build");
    let packages: Vec<_> = builds.iter().map(|build| build.packages()).collect();
    assert_eq!(packages, [["c"], ["a"], ["b"]]);
}

#[test]
fn unchanged_packages_that_are_built_separately_are_fresh() {
    let sandbox = Sandbox::new();
    sandbox.workspace(&["a", "b"]);
    for package in ["a", "b"] {
        sandbox.write(&format!("{package}/src/bin/worker.rs"), "fn main() {}");
        sandbox.remove(&format!("{package}/src/main.rs"));
    }
    let first = sandbox.run(&[]).ok();
    let again = sandbox.run(&["-p", "a"]).ok();
    assert!(first.stdout.contains(&again.stdout), "{first}\n{again}");
    assert!(sandbox.packed("x86_64/a.zip").contains("package \"a\""));
    assert!(sandbox.packed("x86_64/b.zip").contains("package \"b\""));
}

/// The second binary is not packaged, but cargo would build it at the path of the first.
#[test]
fn a_skipped_binary_does_not_replace_one_with_the_same_name() {
    let sandbox = Sandbox::new();
    sandbox.workspace(&["a", "b"]);
    for package in ["a", "b"] {
        sandbox.write(&format!("{package}/src/bin/worker.rs"), "fn main() {}");
    }
    sandbox.remove("a/src/main.rs");
    sandbox.write(
        "lambdapack.toml",
        "[function.b-worker]\npath = \"b\"\nbin = \"worker\"\nskip = true\n",
    );
    sandbox.run(&[]).ok();
    let names = sandbox.manifest_names();
    let worker = names.iter().find(|name| *name != "b").unwrap();
    let text = sandbox.packed(&format!("x86_64/{worker}.zip"));
    assert!(text.contains("package \"a\" bin worker"), "{text}");
}

#[test]
fn examples_with_the_same_name_in_two_packages_are_distinguished() {
    let sandbox = Sandbox::new();
    sandbox.workspace(&["a", "b"]);
    for package in ["a", "b"] {
        sandbox.write(&format!("{package}/examples/demo.rs"), "fn main() {}");
    }
    sandbox.run(&["-p", "a", "--example", "demo"]).ok();
    let text = sandbox.packed("x86_64/demo.zip");
    assert!(text.contains("package \"a\" example demo"), "{text}");
}

#[test]
fn names_that_differ_only_in_case_are_rejected() {
    let sandbox = Sandbox::new();
    sandbox.workspace(&["orders", "users"]);
    sandbox.append(
        "users/Cargo.toml",
        "[[bin]]\nname = \"Orders\"\npath = \"src/main.rs\"\n",
    );
    sandbox.run(&[]).ends_with(102).stderr_eq(str![[r#"
error: two functions are called `orders`: one in `[ROOT]/project/users` and one in `[ROOT]/project/orders`
help: rename one in `lambdapack.toml` with a `[function.NAME]` table that has `path`

"#]]);
}

#[test]
fn go_mains_are_named_after_their_shortest_unique_suffix() {
    let sandbox = Sandbox::new();
    sandbox.go_module("", "example.com/shop");
    for dir in ["cmd/worker", "orders/api", "users/api"] {
        sandbox.go_function(dir);
    }
    sandbox.run(&[]).ok();
    assert_eq!(
        sandbox.manifest_names(),
        ["orders-api", "users-api", "worker"]
    );
    for (name, path) in [
        ("orders-api", "orders/api"),
        ("users-api", "users/api"),
        ("worker", "cmd/worker"),
    ] {
        let text = sandbox.packed(&format!("x86_64/{name}.zip"));
        let path = format!("import path example.com/shop/{path},");
        assert!(text.starts_with(&path), "{text}");
    }
    // go would write one file for both.
    let builds = sandbox.calls_of("go build");
    assert_eq!(builds.len(), 3);
    let places: std::collections::BTreeSet<_> =
        builds.iter().flat_map(|build| build.values("-o")).collect();
    assert_eq!(places.len(), 3);
}

#[test]
fn go_mains_with_different_last_elements_are_built_together() {
    let sandbox = Sandbox::new();
    sandbox.go_module("", "example.com/shop");
    for dir in ["cmd/a", "cmd/b", "cmd/c"] {
        sandbox.go_function(dir);
    }
    sandbox.run(&[]).ok();
    let build = sandbox.call("go build");
    build
        .has("example.com/shop/cmd/a")
        .has("example.com/shop/cmd/b")
        .has("example.com/shop/cmd/c");
    assert_eq!(sandbox.manifest_names(), ["a", "b", "c"]);
}

/// go matches everything below a folder in the same way.
#[test]
fn a_go_pattern_selects_packages_below_the_folder() {
    let sandbox = Sandbox::new();
    sandbox.go_module("", "example.com/shop");
    for dir in ["cmd/a", "cmd/b", "jobs/c"] {
        sandbox.go_function(dir);
    }
    for (pattern, names) in [("./...", &["a", "b", "c"][..]), ("cmd/...", &["a", "b"])] {
        let ran = sandbox.run(&["list", pattern]);
        assert_eq!(ran.code, Some(0), "{pattern}: {ran}");
        let first = |line: &str| line.split(' ').next().unwrap().to_owned();
        let listed: Vec<_> = ran.stdout.lines().map(first).collect();
        assert_eq!(listed, names, "{pattern}");
    }
}

#[test]
fn a_go_module_with_a_major_version_is_named_after_the_element_before() {
    let sandbox = Sandbox::new();
    sandbox.go_module("", "example.com/hello/v2");
    sandbox.go_function("");
    sandbox.run(&[]).ok();
    assert!(
        sandbox
            .packed("x86_64/hello.zip")
            .contains("example.com/hello/v2")
    );
}

#[test]
fn configuration_may_name_a_function() {
    let sandbox = Sandbox::new();
    sandbox.workspace(&["orders", "users"]);
    sandbox.go_module("api", "example.com/api");
    sandbox.go_function("api");
    sandbox.write(
        "lambdapack.toml",
        "paths = [\"orders\", \"api\"]\n[function.order-events]\npath = \"orders\"\n\
         [function.front]\npath = \"./api\"\n",
    );
    sandbox.run(&[]).ok();
    assert_eq!(sandbox.manifest_names(), ["front", "order-events"]);
    assert!(
        sandbox
            .packed("x86_64/order-events.zip")
            .contains("bin orders")
    );
}
