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
    let said = |story, words: &str| {
        let words: Vec<_> = words.split_whitespace().collect();
        scene(story, &shop, &words)
    };
    vec![
        said("A misspelt command", "bulid"),
        said("A path that does not exist", "ordres"),
        said("An option that there is not", "--nonsense"),
        said("cargo's `--release`", "--release"),
        said("An architecture that Lambda does not have", "--arch mips"),
        said("A runtime that Lambda no longer has", "--runtime go1.x"),
        said("A runtime of another language", "--runtime nodejs22.x"),
        said(
            "Two options that exclude each other",
            "--out a.zip --out-dir b",
        ),
        said("One file for two functions", "--out a.zip"),
        said(
            "Options of a build before another command",
            "--arch arm64 list",
        ),
        said("An option of cargo that is decided here", "-- --target x"),
        said("`check` without a file", "check"),
        said("`deploy` without a function on AWS", "deploy orders"),
        said(
            "`invoke` with an event that is no JSON",
            "invoke orders --data {",
        ),
        said(
            "`invoke` with a letter for an option that there is not",
            "invoke orders -f event.json",
        ),
        said(
            "`invoke` of a zip that is not there",
            "invoke target/orders.zip",
        ),
        said(
            "`invoke` with a variable without a name",
            "invoke orders --env =x",
        ),
        said(
            "`invoke` with more memory than Lambda has",
            "invoke orders --memory 20000",
        ),
        said(
            "`coldstart` with a number that is too small",
            "coldstart orders --times 1",
        ),
        said("`migrate` of a path that does not exist", "migrate nowhere"),
        said("`init` without a template", "init"),
        said("`init` with a template that there is not", "init samm"),
        said("`new` without a language", "new orders2"),
        said(
            "`new` with a name that cannot be one",
            "new 1/2 --lang rust",
        ),
        scene(
            "Words for a compiler where there are two",
            &both,
            &["--", "-v"],
        ),
        scene("A variable that is no number", &epoch, &[]),
        scene("A variable that is no architecture", &arch, &[]),
    ]
}
