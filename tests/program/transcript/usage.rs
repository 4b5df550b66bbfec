//! Scenes of invalid command lines.

use super::{Scene, scene};
use crate::support::Sandbox;

pub(super) fn scenes() -> Vec<Scene> {
    let shop = Sandbox::new();
    shop.workspace(&["orders", "users"]);
    let both = Sandbox::both_languages();
    let mut epoch = Sandbox::orders();
    epoch.set("SOURCE_DATE_EPOCH", "yesterday");
    let mut arch = Sandbox::orders();
    arch.set("LAMBDAPACK_ARCH", "mips");
    let main = Sandbox::with_main();
    main.write("orders.log", "");
    let in_shop = |story, words: &str| {
        let words: Vec<_> = words.split_whitespace().collect();
        scene(story, &shop, &words)
    };
    vec![
        in_shop("A misspelled command", "bulid"),
        in_shop("A path that does not exist", "ordres"),
        in_shop("An unknown option", "--nonsense"),
        in_shop("cargo's `--release`", "--release"),
        in_shop("An architecture that Lambda does not have", "--arch mips"),
        in_shop("A runtime that Lambda no longer has", "--runtime go1.x"),
        in_shop("A runtime of another language", "--runtime nodejs22.x"),
        in_shop(
            "Two options that exclude each other",
            "--out a.zip --out-dir b",
        ),
        in_shop("One file for two functions", "--out a.zip"),
        in_shop("Build options before another command", "--arch arm64 list"),
        in_shop(
            "A cargo option that cargo-lambdapack sets itself",
            "-- --target x",
        ),
        in_shop("`check` without a file", "check"),
        scene(
            "`deploy` without a function on AWS",
            &Sandbox::with_functions(&["orders", "users"]),
            &["deploy", "orders"],
        ),
        in_shop(
            "`deploy` with an unknown placeholder",
            "deploy --all --map prod-{nam}",
        ),
        in_shop(
            "`invoke` with an event that is not valid JSON",
            "invoke orders --data {",
        ),
        in_shop(
            "`invoke` with an unknown short option",
            "invoke orders -f event.json",
        ),
        in_shop(
            "`invoke` of a zip that is not there",
            "invoke target/orders.zip",
        ),
        in_shop(
            "`invoke` with an option of functions on AWS",
            "invoke orders --async",
        ),
        in_shop(
            "`invoke` with an option of functions on this machine",
            "invoke --function orders-prod --memory 512",
        ),
        in_shop(
            "`invoke` with a variable without a name",
            "invoke orders --env =x",
        ),
        in_shop(
            "`invoke` with more memory than Lambda has",
            "invoke orders --memory 20000",
        ),
        in_shop(
            "`coldstart` with a number that is too small",
            "coldstart orders --times 1",
        ),
        in_shop("`migrate` of a path that does not exist", "migrate nowhere"),
        in_shop("`init` without a template", "init"),
        in_shop("`init` with an unknown template", "init samm"),
        in_shop("`new` without a language", "new orders2"),
        in_shop("`new` with an invalid name", "new 1/2 --lang rust"),
        scene(
            "Arguments after `--` in a project with both Rust and Go",
            &both,
            &["--", "-v"],
        ),
        scene("`SOURCE_DATE_EPOCH` is not a number", &epoch, &[]),
        scene("`LAMBDAPACK_ARCH` is not an architecture", &arch, &[]),
    ]
}
