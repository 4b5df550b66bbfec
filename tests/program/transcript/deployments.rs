//! Scenes of `deploy`.

use serde_json::json;

use super::{Scene, scene};
use crate::support::Sandbox;

const ROLE: &str = "arn:aws:iam::123456789012:role/orders";

/// One of two functions exists on AWS.
pub(super) fn one_is_missing() -> Scene {
    let sandbox = Sandbox::with_functions(&["orders", "users"]);
    fs_err::remove_file(sandbox.root().join("aws/prod-users.json")).unwrap();
    scene(
        "One of several functions does not exist on AWS",
        &sandbox,
        &["deploy", "--all", "--map", "prod-{name}"],
    )
}

/// Requests that AWS rejects.
pub(super) fn failed() -> Vec<Scene> {
    let alias = |version: &str| {
        let sandbox = Sandbox::with_aws();
        let live = json!({ "Name": "live", "FunctionVersion": version, "RevisionId": "a" });
        sandbox
            .set_function(&json!({ "aliases": { "live": live }, "versions": { "8": "eight=" } }));
        sandbox
    };
    let rollback = [
        "deploy",
        "--rollback",
        "--alias",
        "live",
        "--function",
        "prod",
    ];
    let role = Sandbox::with_aws();
    fs_err::remove_file(role.root().join("aws.json")).unwrap();
    role.control(
        "aws-refuse",
        "create-function 99 InvalidParameterValueException The role defined for the function \
         cannot be assumed by Lambda",
    );
    let create = [
        "deploy",
        "orders.zip",
        "--function",
        "prod",
        "--create",
        "--role",
        ROLE,
    ];
    vec![
        scene("The version before is not recorded", &alias("8"), &rollback),
        scene(
            "An alias that does not exist",
            &Sandbox::with_aws(),
            &rollback,
        ),
        scene(
            "Another client has changed the function",
            &Sandbox::with_aws(),
            &[
                "deploy",
                "orders.zip",
                "--function",
                "prod",
                "--if-revision",
                "x",
            ],
        ),
        scene(
            "A role that Lambda cannot assume",
            &role,
            &[&create[..], &["--wait", "1"]].concat(),
        ),
    ]
}

/// A function that exists with another role.
pub(super) fn other_settings() -> Scene {
    let sandbox = Sandbox::with_aws();
    sandbox.set_function(&json!({ "Role": "arn:aws:iam::123456789012:role/admin" }));
    let create = [
        "deploy",
        "orders.zip",
        "--function",
        "prod",
        "--create",
        "--role",
        ROLE,
    ];
    scene(
        "`deploy --create` of a function with other settings",
        &sandbox,
        &create,
    )
}
