mod insights;
mod json;
mod tables;

use super::*;

const COLD: &str = "REPORT RequestId: 3f1d\tDuration: 2.72 ms\tBilled Duration: 3 ms\t\
                    Memory Size: 2048 MB\tMax Memory Used: 64 MB\tInit Duration: 166.76 ms\t";

/// The single call of a log without anything unreadable.
#[track_caller]
fn single_call(text: &str) -> ReportedCall {
    let log = ReportLog::parse(text);
    assert!(log.unread.is_empty(), "{:?}", log.unread);
    assert_eq!(log.calls.len(), 1, "{log:?}");
    log.calls[0].clone()
}

fn cold() -> ReportedCall {
    ReportedCall {
        request_id: Some("3f1d".to_owned()),
        memory_mb: Some(2048),
        duration_ms: 2.72,
        billed_ms: Some(3),
        max_memory_mb: Some(64),
        init_ms: Some(166.76),
        ..ReportedCall::default()
    }
}

#[test]
fn a_report_line_is_parsed_and_written_like_lambda() {
    assert_eq!(single_call(COLD), cold());
    assert_eq!(cold().to_string(), COLD);
    assert_eq!(COLD.parse::<ReportedCall>(), Ok(cold()));
}

#[test]
fn pasted_lines_are_parsed_like_original_ones() {
    assert_eq!(single_call(&COLD.replace('\t', " ")), cold());
    assert_eq!(single_call(&COLD.replace('\t', "    ")), cold());
    assert_eq!(single_call(&format!("{COLD}\r\n")), cold());
    let traced = format!("{COLD}\nXRAY TraceId: 1-5e\tSegmentId: 6f\tSampled: true\t\n");
    assert_eq!(single_call(&traced), cold());
    assert_eq!(single_call(&traced.replacen('\n', "", 1)), cold());
}

#[test]
fn reports_of_the_local_emulator_are_marked_as_local() {
    let first = "REPORT RequestId: a\tInit Duration: 0.04 ms\tDuration: 2.16 ms\t\
                 Billed Duration: 3 ms\tMemory Size: 128 MB\tMax Memory Used: 128 MB\t\n";
    let second = first
        .replace("Init Duration: 0.04 ms\t", "")
        .replace(": a", ": b");
    let log = ReportLog::parse(&format!("{first}{second}{COLD}"));
    let sources: Vec<_> = log.calls.iter().map(|call| call.source).collect();
    assert_eq!(
        sources,
        [
            MeasurementSource::Local,
            MeasurementSource::Local,
            MeasurementSource::Aws
        ]
    );
    assert_eq!(
        (log.calls[0].init_ms, log.calls[0].duration_ms),
        (Some(0.04), 2.16)
    );
    assert!(log.warnings[0].contains("local emulator"), "{log:?}");
    assert!(ReportLog::parse(COLD).warnings.is_empty());
}

#[test]
fn unknown_labels_are_skipped_with_their_values() {
    let added = COLD
        .replace(
            "\tBilled",
            "\tRuntime Duration: 2.00 ms\tPost Runtime Duration: 0.72 ms\tBilled",
        )
        .replace("\tMax", "\tQueue Depth: 7\tMax")
        .replace("\tInit", "\tShown To: another user\tInit");
    assert_eq!(single_call(&added), cold());
    let pasted = COLD
        .replace(
            "\tBilled",
            " Runtime Duration: 2.00 ms Post Runtime Duration: 0.72 ms Billed",
        )
        .replace("\tMax", " Queue Depth: 7 Max");
    assert_eq!(single_call(&pasted.replace('\t', " ")), cold());
    let log = ReportLog::parse("REPORT RequestId: 1\tRuntime Duration: 2.00 ms\t\n");
    assert!(log.unread[0].why.contains("no `Duration`"), "{log:?}");
}

#[test]
fn colors_and_byte_order_marks_are_ignored_in_lines_and_in_json() {
    let colored = format!(
        "\x1b[36m2023/05/01/[$LATEST]0f\x1b[0m \x1b[33m2023-05-01T10:11:12.123000\x1b[0m {COLD}"
    );
    let call = single_call(&colored);
    assert_eq!(call.time, Timestamp::parse("2023-05-01T10:11:12.123Z"));
    assert_eq!(ReportedCall { time: None, ..call }, cold());
    let inside = COLD.replace("Duration", "\x1b[1mDuration\x1b[0m");
    assert_eq!(single_call(&format!("a\n\u{feff}{inside}")), cold());
    let json = "\u{feff}\x1b[1;39m{\n  \x1b[0;34m\"message\"\x1b[0m: \x1b[0;32m\"REPORT RequestId: \
                1 Duration: 1 ms\"\x1b[0m\n}\x1b[0m\n";
    assert_eq!(single_call(json).duration_ms, 1.0);
}

#[test]
fn warm_calls_have_no_init_and_restored_calls_have_restore_times() {
    let warm = single_call(COLD.split("Init").next().unwrap());
    assert_eq!(warm.init_ms, None);
    assert!(!warm.is_cold());
    let line = "REPORT RequestId: a\tDuration: 1.00 ms\tBilled Duration: 2 ms\t\
                Memory Size: 128 MB\tMax Memory Used: 155 MB\tRestore Duration: 511.25 ms\t\
                Billed Restore Duration: 303 ms\t";
    let restored = single_call(line);
    assert_eq!(restored.restore_ms, Some(511.25));
    assert_eq!(restored.billed_restore_ms, Some(303));
    assert_eq!((restored.duration_ms, restored.billed_ms), (1.0, Some(2)));
    assert_eq!(restored.to_string(), line);
}

#[test]
fn failures_keep_their_status_and_type() {
    let failed = single_call(&format!(
        "{COLD}Status: error\tError Type: Runtime.ExitError"
    ));
    assert_eq!(failed.status.as_deref(), Some("error"));
    assert_eq!(failed.error_type.as_deref(), Some("Runtime.ExitError"));
    assert!(failed.has_failed());
    assert_eq!(failed.init_ms, Some(166.76));
    assert!(!cold().has_failed());
}

#[test]
fn an_init_report_is_not_a_call() {
    let log = ReportLog::parse(
        "INIT_REPORT Init Duration: 10007.33 ms\tPhase: init\tStatus: timeout\n\
         INIT_REPORT Init Duration: 0.27 ms\tPhase: invoke\tStatus: error\t\
         Error Type: Runtime.InvalidEntrypoint\n",
    );
    assert!(log.calls.is_empty());
    assert_eq!(log.inits.len(), 2);
    assert_eq!(log.inits[0].init_ms, 10007.33);
    assert_eq!(log.inits[0].status.as_deref(), Some("timeout"));
    assert_eq!(
        log.inits[1].error_type.as_deref(),
        Some("Runtime.InvalidEntrypoint")
    );
}

#[test]
fn output_of_functions_is_ignored_and_damaged_reports_are_unread() {
    let log = ReportLog::parse(
        "START RequestId: 1 Version: $LATEST\nREPORT of the day\nmy REPORT: 1\n[INFO] {\n}\n\
         {\n  foo: 'bar'\n}\nEND RequestId: 1\n",
    );
    assert_eq!((log.calls.len(), log.unread_count), (0, 0), "{log:?}");
    for (line, why) in [
        ("REPORT RequestId: 1", "no `Duration`"),
        (
            "REPORT RequestId: 1\tDuration: x ms",
            "`Duration:` is `x ms`",
        ),
        ("REPORT RequestId: 1\tDuration: 1 s", "`1 s`"),
        ("REPORT RequestId: 1\tDuration: inf ms", "`inf ms`"),
        (
            "REPORT RequestId: 1 Duration: 1 ms Duration: 2 ms",
            "`Duration:` twice",
        ),
        ("saw REPORT RequestId: 1\tDuration: 1 ms", "before `REPORT`"),
        ("INIT_REPORT Init Duration: -1 ms", "`-1 ms`"),
    ] {
        let log = ReportLog::parse(&format!("first\n{line}\n"));
        assert_eq!(log.unread_count, 1, "{line}: {log:?}");
        assert_eq!(log.unread[0].line, 2, "{line}");
        assert!(log.unread[0].why.contains(why), "{:?}", log.unread);
        assert!(log.calls.is_empty(), "{line}");
    }
}

#[test]
fn prefixes_of_tools_are_parsed() {
    let when = Timestamp::parse("2023-05-01T10:11:12.123Z");
    for before in [
        "2023-05-01T10:11:12.123000+00:00 2023/05/01/[$LATEST]0f1e2d ",
        "2023/05/01/[$LATEST]0f1e2d 2023-05-01T10:11:12.123000 ",
        "2023-05-01T12:11:12.123+02:00\t",
        "▶ 2023-05-01T10:11:12.123Z ",
        "1682935872123\t",
        "2023-05-01 10:11:12.123,\"",
        "EVENTS\t37218490182736450918273645091827364509182736450918273\t1682935872123\t\
         2023/05/01/[$LATEST]0f1e2d\t",
    ] {
        let call = single_call(&format!("{before}{COLD}"));
        assert_eq!(call.time, when, "{before}");
        assert_eq!(ReportedCall { time: None, ..call }, cold(), "{before}");
    }
    // As a table.
    assert_eq!(
        single_call(&format!("||  message        |  {COLD}  ||")),
        cold()
    );
    for before in [
        "/aws/lambda/orders 2023/05/01/[$LATEST]0f1e2d ",
        "2023/05/01/orders[$LATEST]0f1e2d ",
    ] {
        let call = single_call(&format!("{before}{COLD}"));
        assert_eq!(call.name.as_deref(), Some("orders"), "{before}");
    }
}

#[test]
fn a_repeated_call_counts_once_and_a_retry_counts_separately() {
    let again = COLD.replace("2.72", "3.10");
    let log = ReportLog::parse(&format!("{COLD}\n{COLD}\n{again}\n"));
    assert_eq!((log.calls.len(), log.repeated), (2, 1));
}

#[test]
fn files_that_are_not_text_are_unread() {
    for bytes in [&b"\xff\xfeR\0E\0"[..], b"\x1f\x8b\x08", b"PK\x03\x04\x14"] {
        let mut log = ReportLog::default();
        log.read("file", bytes).unwrap();
        assert_eq!(log.unread_count, 1);
    }
    assert_eq!(single_call(&format!("\u{feff}{COLD}")), cold());
}
