//! Logs: the reports in them, written and read again.

#![no_main]

use cargo_lambdapack::internals::{FULL, table};
use cargo_lambdapack::internals::{ReportLog, ReportedCall};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut log = ReportLog::default();
    log.read("fuzz", bytes).expect("memory can be read");
    for call in &log.calls {
        let times = [Some(call.duration_ms), call.init_ms, call.restore_ms];
        for ms in times.into_iter().flatten() {
            assert!(ms.is_finite() && ms >= 0.0);
        }
        // A written report is read again, up to two decimal digits. Only JSON has texts that are
        // not words, such as a status that is a label.
        let texts = [&call.status, &call.error_type];
        let are_words = texts.into_iter().flatten().all(|text| is_word(text));
        if are_words && call.request_id.as_ref().is_some_and(|id| is_word(id)) {
            let line = call.to_string();
            let again: ReportedCall = line.parse().expect("we wrote it");
            assert_eq!(again.billed_ms, call.billed_ms, "{line}");
            assert_eq!(again.init_ms.is_some(), call.init_ms.is_some(), "{line}");
        }
    }
    // A table has a row for each invocation, and all of them are read again.
    let text = table(&FULL, &log.calls);
    let again = ReportLog::parse(&text);
    assert_eq!(again.unread_count, 0, "{text}");
    assert_eq!(again.calls.len(), log.calls.len(), "{text}");
    for (call, again) in log.calls.iter().zip(&again.calls) {
        assert_eq!(again.duration_ms, call.duration_ms);
        assert_eq!(again.init_ms, call.init_ms);
    }
});

/// Returns true if the text is one word in a line, and not a label.
fn is_word(text: &str) -> bool {
    let belongs = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
    !text.is_empty() && text.chars().all(belongs)
}
