//! JSON: templates, as `migrate` reads and edits them. Whatever is read, the proof of
//! its edits holds.

#![no_main]

use cargo_lambdapack::commands::migrate::find::{MarkupFormat, CandidateFile};
use cargo_lambdapack::commands::migrate::group::groups;
use cargo_lambdapack::commands::migrate::old_runtime::ReaderOptions;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let file = CandidateFile {
        path: "template.json".into(),
        form: MarkupFormat::Json,
        text: text.to_owned(),
    };
    for group in groups(&[file]) {
        if let Err(error) = group.proven(ReaderOptions::default()) {
            panic!("{error:#}");
        }
    }
});
