//! YAML: templates and services, as `migrate` reads and edits them. The proof of the edits must
//! hold for every input that can be read.

#![no_main]

use cargo_lambdapack::internals::ReaderOptions;
use cargo_lambdapack::internals::groups;
use cargo_lambdapack::internals::{CandidateFile, MarkupFormat};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let file = CandidateFile {
        path: "template.yaml".into(),
        form: MarkupFormat::Yaml,
        text: text.to_owned(),
    };
    for group in groups(&[file]) {
        if let Err(error) = group.verified_edits(ReaderOptions::default()) {
            panic!("{error:#}");
        }
    }
});
