use super::*;
use crate::metrics::report_log::table;

#[test]
fn written_tables_can_be_parsed_again() {
    let named = ReportedCall {
        name: Some("hello-node".to_owned()),
        ..cold()
    };
    let warm = ReportedCall {
        init_ms: None,
        ..named.clone()
    };
    assert_eq!(
        table::table(&table::PUBLISHED, [&named, &warm]),
        "Name;Memory;Init;Cold;Billed\nhello-node;2048;166.76;2.72;3\nhello-node;2048;;2.72;3\n"
    );
    let all = ReportedCall {
        name: Some("a;\"b\"".to_owned()),
        source: MeasurementSource::Local,
        time: Timestamp::from_unix_millis(1_682_935_872_123),
        arch: Some(crate::lambda::Arch::Arm64),
        restore_ms: Some(1.5),
        billed_restore_ms: Some(2),
        status: Some("error".to_owned()),
        error_type: Some("Runtime.ExitError".to_owned()),
        ..cold()
    };
    let other = ReportedCall {
        request_id: Some("4".to_owned()),
        ..warm
    };
    let text = table::table(&table::FULL, [&all, &other]);
    let log = ReportLog::parse(&text);
    assert_eq!(log.calls, [all, other], "{text}");
}

#[test]
fn an_init_of_0_in_old_tables_is_warm_and_damaged_rows_are_unread() {
    let log = ReportLog::parse(
        "Name;Memory;Init;Cold;Billed\r\na;128;0;1.5;2\r\n\r\na;128;9\r\na;x;1;1;1\r\n",
    );
    assert_eq!(log.calls.len(), 1);
    assert_eq!(log.calls[0].init_ms, None);
    assert_eq!(log.calls[0].name.as_deref(), Some("a"));
    let lines: Vec<_> = log.unread.iter().map(|unread| unread.line).collect();
    assert_eq!(lines, [4, 5]);
}

#[test]
fn a_repeated_block_of_rows_is_kept_with_a_warning() {
    let block = "a;128;50.1;1.2;52\na;128;49.1;1.3;52\n";
    let log = ReportLog::parse(&format!("Name;Memory;Init;Cold;Billed\n{block}{block}"));
    assert_eq!(log.calls.len(), 4);
    assert!(log.warnings[0].contains("2 rows of a (128 MB)"), "{log:?}");
    let log = ReportLog::parse(&format!("Name;Memory;Init;Cold;Billed\n{block}"));
    assert!(log.warnings.is_empty());
}
