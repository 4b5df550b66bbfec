//! YAML: templates and services, as `migrate` reads and edits them. Whatever is read, the proof of
//! its edits holds.

#![no_main]

use cargo_lambdapack::commands::migrate::find::{Form, Found};
use cargo_lambdapack::commands::migrate::group::groups;
use cargo_lambdapack::commands::migrate::old_runtime::Wish;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let file = Found {
        path: "template.yaml".into(),
        form: Form::Yaml,
        text: text.to_owned(),
    };
    for group in groups(&[file]) {
        if let Err(error) = group.proven(Wish::default()) {
            panic!("{error:#}");
        }
    }
});
