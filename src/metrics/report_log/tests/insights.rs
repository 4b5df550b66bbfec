use super::*;

/// The fields of a cold call in Logs Insights.
const FIELDS: [(&str, &str); 7] = [
    ("@timestamp", "2023-05-01 10:11:12.123"),
    ("@requestId", "3f1d"),
    ("@duration", "2.72"),
    ("@billedDuration", "3"),
    ("@memorySize", "2048000000"),
    ("@maxMemoryUsed", "64000000"),
    ("@initDuration", "166.76"),
];

fn call() -> ReportedCall {
    ReportedCall {
        time: Timestamp::parse("2023-05-01T10:11:12.123Z"),
        ..cold()
    }
}

/// The header and the row of a table.
fn table(separator: &str) -> (String, String) {
    let names = FIELDS.map(|(name, _)| name).join(separator);
    (names, FIELDS.map(|(_, value)| value).join(separator))
}

#[test]
fn tables_with_fields_are_parsed_from_csv_markdown_and_copies() {
    let (header, row) = table(",");
    assert_eq!(single_call(&format!("{header}\n{row}\n")), call());
    let quoted = row.replace("2.72", "\"2.72\"");
    assert_eq!(
        single_call(&format!("\u{feff}{header}\r\n{quoted}\r\n")),
        call()
    );
    let (header, row) = table("\t");
    assert_eq!(single_call(&format!("{header}\n{row}\n")), call());
    assert_eq!(single_call(&format!("#\t{header}\n1\t{row}\n")), call());
    assert_eq!(single_call(&format!("{header}\n1\t{row}\n")), call());
    let (header, row) = table(" | ");
    let markdown = format!(
        "**CloudWatch Logs Insights**    \nregion: us-east-1    \nlog-group-names: \
         /aws/lambda/orders    \nquery-string:\n  ```\n  fields @timestamp, @requestId,\n\
         @duration, @initDuration\n| filter @type = \"REPORT\"\n| sort @timestamp desc\n  ```\n\
         ---\n| {header} | @type |\n{}\n| {row} |  |\n---\n",
        "| --- ".repeat(8) + "|"
    );
    assert_eq!(single_call(&markdown), call());
}

#[test]
fn tables_with_messages_are_parsed_with_any_other_columns() {
    let csv = format!(
        "@requestId,@message,@timestamp\n1,\"START, \"\"1\"\"\n\",2023-05-01 10:11:11.000\n\
         3f1d,\"{COLD}\n\",2023-05-01 10:11:12.123\n"
    );
    assert_eq!(single_call(&csv), call());
    let markdown = format!(
        "| @timestamp | @message | @type |\n| --- | --- | --- |\n\
         | 2023-05-01 10:11:11.000 | a | b |\nc | d |\n\
         | 2023-05-01 10:11:12.123 | {COLD} | REPORT |\n"
    );
    assert_eq!(single_call(&markdown), call());
}

#[test]
fn output_of_the_aws_tool_has_one_line_per_field() {
    let second = |text: String| text.replace("3f1d", "4a2e");
    let lines = |line: &dyn Fn(&str, &str) -> String| -> String {
        let fields = FIELDS.map(|(name, value)| line(name, value)).concat();
        fields + &line("@ptr", "CmYK")
    };
    let text = lines(&|name, value| format!("RESULTS\t{name}\t{value}\n"));
    let table = lines(&|name, value| format!("||  {name:<16}|  {value:<24}||\n"));
    let yaml = lines(&|name, value| format!("  - field: '{name}'\n    value: '{value}'\n"));
    let yaml = yaml.replacen("  - field", "- - field", 1);
    for (row, before, after) in [
        (text, "Complete\n", "STATISTICS\t10.0\t2.0\t2.0\n"),
        (
            table,
            "|+---+---+|\n||    field   |   value   ||\n|+---+---+|\n",
            "|+---+---+|\n",
        ),
        (yaml, "results:\n", "status: Complete\n"),
    ] {
        let log = ReportLog::parse(&format!("{before}{row}{}{after}", second(row.clone())));
        assert_eq!(log.calls.len(), 2, "{row}: {log:?}");
        assert_eq!(log.calls[0], call(), "{row}");
        assert_eq!(log.calls[1].request_id.as_deref(), Some("4a2e"), "{row}");
    }
    let message =
        format!("RESULTS\t@timestamp\t2023-05-01 10:11:12.123\nRESULTS\t@message\t{COLD}\n\n");
    assert_eq!(single_call(&message), call());
    let message =
        format!("||  @timestamp|  2023-05-01 10:11:12.123 ||\n||  @message  |  {COLD}\n   ||\n");
    assert_eq!(single_call(&message), call());
}

#[test]
fn columns_of_the_lambda_console_are_converted() {
    let csv = "Timestamp,RequestId,LogStream,DurationInMS,BilledDurationInMS,MemorySetInMB,\
               MemoryUsedInMB\n2023-05-01 10:11:12.123,3f1d,2023/05/01/[$LATEST]0f1e2d,2.72,3,\
               2048,64\n";
    let warm = ReportedCall {
        init_ms: None,
        ..call()
    };
    assert_eq!(single_call(csv), warm);
    let log = ReportLog::parse(csv);
    assert!(log.warnings[0].contains("no `@initDuration`"), "{log:?}");
}

#[test]
fn rows_of_other_types_are_ignored() {
    let csv = "@type,@duration,@initDuration,@billedDuration,@memorySize\nSTART,,,,\n\
               REPORT,1.5,,2,128000000\n";
    assert_eq!(single_call(csv).duration_ms, 1.5);
    let log = ReportLog::parse(csv);
    assert!(log.warnings.is_empty(), "{log:?}");
}

#[test]
fn a_table_without_durations_is_reported_with_the_missing_field() {
    for text in [
        "@timestamp,@requestId,@billedDuration\n2023-05-01 10:11:12.123,3f1d,3\n",
        "| @requestId | @maxMemoryUsed |\n| --- | --- |\n| 3f1d | 64000000 |\n",
        "bin(5m),avg(@duration)\n2023-05-01 10:10:00.000,2.72\n",
        "RESULTS\t@requestId\t3f1d\nRESULTS\t@ptr\tCmYK\n",
        r#"[{"@requestId":"3f1d","@billedDuration":"3"}]"#,
        r#"{"results":[[{"field":"max(@duration)","value":"2.72"}]]}"#,
    ] {
        let log = ReportLog::parse(text);
        assert!(log.calls.is_empty(), "{text}: {log:?}");
        assert_eq!(log.unread_count, 1, "{text}: {log:?}");
        let why = &log.unread[0].why;
        assert!(why.contains("fields @requestId, @duration"), "{why}");
    }
    // Other programs use such names as well, and another row can have the missing field.
    for text in [
        "{\"@timestamp\":\"2023-05-01T10:11:12.123Z\",\"@version\":\"1\"}\n".to_owned(),
        "mail to ada@example.com, and to bob@example.com\n@requestId\n".to_owned(),
        format!("[{{\"@requestId\":\"1\"}},{{\"@message\":{COLD:?}}}]"),
    ] {
        let log = ReportLog::parse(&text);
        assert_eq!(log.unread_count, 0, "{text}: {log:?}");
    }
}

#[test]
fn a_table_header_does_not_hide_the_following_log_lines() {
    let (header, row) = table(",");
    let other = COLD.replace("3f1d", "b");
    let log = ReportLog::parse(&format!("{header}\n{row}\nSTART,\"x\n{other}\nEND\n"));
    assert_eq!(log.calls.len(), 2, "{log:?}");
    let log = ReportLog::parse(&format!("@duration\n\"{COLD}\"\n"));
    assert_eq!(log.calls, [cold()], "{log:?}");
}
