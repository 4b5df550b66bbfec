//! A function on AWS, as simulated by the fake `aws`.

use serde_json::{Value, json};

use super::Sandbox;

impl Sandbox {
    /// A machine with the AWS CLI, and a function on AWS called `prod`.
    pub(crate) fn with_aws() -> Self {
        let sandbox = Self::with_main();
        sandbox.install("aws");
        sandbox.run(&["pack", "-o", "orders.zip", "main"]).ok();
        sandbox.set_function(&json!({}));
        sandbox
    }

    /// A machine with the AWS CLI, a workspace with these functions, which are packed, and
    /// functions on AWS that are called `prod-NAME`.
    pub(crate) fn with_functions(names: &[&str]) -> Self {
        let sandbox = Self::new();
        sandbox.install("aws");
        sandbox.workspace(names);
        sandbox.run(&[]).ok();
        for name in names {
            sandbox.set_function_of(&format!("prod-{name}"), &json!({}));
        }
        sandbox
    }

    /// Defines the function on AWS, with these fields changed.
    pub(crate) fn set_function(&self, fields: &Value) {
        self.control("aws.json", &function("prod", fields).to_string());
    }

    /// Defines one of several functions on AWS, with these fields changed.
    pub(crate) fn set_function_of(&self, name: &str, fields: &Value) {
        fs_err::create_dir_all(self.root().join("aws")).unwrap();
        let file = format!("aws/{name}.json");
        self.control(&file, &function(name, fields).to_string());
    }

    /// The current state of one of several functions on AWS.
    pub(crate) fn function_of(&self, name: &str) -> Value {
        let file = self.root().join("aws").join(format!("{name}.json"));
        serde_json::from_str(&fs_err::read_to_string(file).unwrap()).unwrap()
    }

    /// The current state of the function on AWS.
    pub(crate) fn function_now(&self) -> Value {
        let text = fs_err::read_to_string(self.root().join("aws.json")).unwrap();
        serde_json::from_str(&text).unwrap()
    }

    /// The AWS operations that were called, in order.
    pub(crate) fn operations(&self) -> Vec<String> {
        let calls = self.calls_of("aws ");
        calls.iter().map(|call| call.args()[1].to_owned()).collect()
    }
}

/// A function on AWS, with these fields changed.
fn function(name: &str, fields: &Value) -> Value {
    let mut function = json!({
        "FunctionName": name,
        "FunctionArn": format!("arn:aws:lambda:eu-central-1:123456789012:function:{name}"),
        "Runtime": "provided.al2023", "Handler": "bootstrap", "PackageType": "Zip",
        "Architectures": ["x86_64"], "CodeSha256": "old=", "Version": "$LATEST",
        "MemorySize": 256, "Timeout": 3, "RevisionId": "r", "State": "Active",
        "LastUpdateStatus": "Successful", "changed": true, "aliases": {},
        "Environment": { "Variables": { "KEEP": "s3cr3t" } },
    });
    for (name, value) in fields.as_object().unwrap() {
        function[name] = value.clone();
    }
    function
}
