use super::*;

const RECORD: &str = r#"{"time":"2023-05-01T10:11:12.123Z","type":"platform.report","record":
  {"requestId":"3f1d","status":"success","metrics":{"durationMs":2.72,"billedDurationMs":3,
   "memorySizeMB":2048,"maxMemoryUsedMB":64,"initDurationMs":166.76}}}"#;

#[test]
fn json_records_are_parsed_in_lines_arrays_and_over_several_lines() {
    let expected = ReportedCall {
        time: Timestamp::parse("2023-05-01T10:11:12.123Z"),
        status: Some("success".to_owned()),
        ..cold()
    };
    let line = RECORD.replace('\n', "");
    let start = r#"{"time":"2023-05-01T10:11:12.000Z","type":"platform.start","record":{}}"#;
    for text in [
        line.clone(),
        RECORD.to_owned(),
        format!("[{start},{line}]"),
        format!("[\n{start},\n{RECORD}\n]\n"),
        format!("{start}\nnot JSON\n{line}\n"),
        format!("{start}{line}"),
        format!("2023-05-01T10:11:11.000000+00:00 2023/05/01/[$LATEST]0f1e2d {line}\n"),
        format!("2023-05-01T10:11:11+00:00 2023/05/01/[$LATEST]0f1e2d {RECORD}\nmore\n"),
        format!("2023-05-01 10:11:12.123,\"{}\"", line.replace('"', "\"\"")),
    ] {
        assert_eq!(single_call(&text), expected, "{text}");
    }
    // And no more is wanted behind the last brace.
    assert_eq!(ReportLog::parse(&format!("{RECORD}\n{COLD}")).repeated, 1);
}

#[test]
fn the_function_name_comes_from_the_init_start_record() {
    let start = |name: &str, stream: &str| {
        format!(
            "{stream}{{\"time\":\"2023-05-01T10:11:11.000Z\",\"type\":\"platform.initStart\",\
             \"record\":{{\"phase\":\"init\",\"functionName\":\"{name}\"}}}}\n"
        )
    };
    let (a, b) = ("2023/05/01/[$LATEST]0a ", "2023/05/01/[$LATEST]0b ");
    let names = |text: &str| -> Vec<_> {
        let calls = ReportLog::parse(text).calls.into_iter();
        calls.map(|call| call.name.unwrap_or_default()).collect()
    };
    let record = RECORD.replace('\n', "");
    let other = COLD.replace("3f1d", "b");
    let text = format!("{other}\n{}{record}\n", start("orders", ""));
    assert_eq!(names(&text), ["orders", "orders"]);
    let both = start("orders", a) + &start("users", b);
    let text = format!(
        "{both}{a}{record}\n{b}{other}\n{}\n",
        COLD.replace("3f1d", "c")
    );
    assert_eq!(names(&text), ["orders", "users", ""]);
    // The name in a message takes precedence.
    let text = format!("{}/aws/lambda/users {COLD}\n", start("orders", ""));
    assert_eq!(names(&text), ["users"]);
}

#[test]
fn missing_fields_are_none() {
    let warm = RECORD.replace(",\"initDurationMs\":166.76", "");
    assert_eq!(single_call(&warm).init_ms, None);
    let log = ReportLog::parse(&RECORD.replace("\"durationMs\":2.72,", ""));
    assert!(log.unread[0].why.contains("no `durationMs`"), "{log:?}");
    let failed = RECORD.replace("success", "timeout");
    assert!(single_call(&failed).has_failed());
}

#[test]
fn cloudwatch_responses_are_parsed_on_one_and_several_lines() {
    let message = serde_json::to_string(&format!("{COLD}\n")).unwrap();
    let event = format!(
        r#"{{"logStreamName":"2023/05/01/[$LATEST]0f","timestamp":1682935872123,"message":{message}}}"#
    );
    let when = Timestamp::parse("2023-05-01T10:11:12.123Z");
    for text in [
        format!(r#"{{"events":[{event}],"searchedLogStreams":[]}}"#),
        format!("{{\n\"searchedLogStreams\": [],\n\"events\": [\n{event}\n]\n}}\n"),
        format!("{{\"messageType\":\"DATA_MESSAGE\",\n\"logEvents\":[{event}]}}"),
    ] {
        let call = single_call(&text);
        assert_eq!(call.time, when, "{text}");
        assert_eq!(ReportedCall { time: None, ..call }, cold(), "{text}");
    }
    let group = format!("{{\"logGroup\":\"/aws/lambda/orders\",\n\"logEvents\":[{event}]}}");
    assert_eq!(single_call(&group).name.as_deref(), Some("orders"));
}

#[test]
fn insights_responses_are_parsed_by_message_and_by_field() {
    let message = serde_json::to_string(COLD).unwrap();
    let row = format!(
        r#"[{{"field":"@timestamp","value":"2023-05-01 10:11:12.123"}},
            {{"field":"@log","value":"123456789012:/aws/lambda/orders"}},
            {{"field":"@message","value":{message}}}]"#
    );
    let call = single_call(&format!(
        "{{\"results\":[{row}],\n\"status\":\"Complete\"}}"
    ));
    assert_eq!(call.name.as_deref(), Some("orders"));
    assert_eq!(call.time, Timestamp::parse("2023-05-01T10:11:12.123Z"));
    assert_eq!(call.init_ms, Some(166.76));
    let fields = r#"{"results":[[{"field":"@type","value":"REPORT"},
        {"field":"@requestId","value":"3f1d"},{"field":"@duration","value":"2.72"},
        {"field":"@billedDuration","value":"3.0"},{"field":"@memorySize","value":"2.048E9"},
        {"field":"@maxMemoryUsed","value":"6.4E7"},{"field":"@initDuration","value":"166.76"}]]}"#;
    assert_eq!(single_call(fields), cold());
}

#[test]
fn a_log_result_is_parsed_alone_and_in_an_invoke_response() {
    use base64::Engine;
    let tail = format!("…cut\nEND RequestId: 3f1d\n{COLD}\n");
    let base64 = base64::engine::general_purpose::STANDARD.encode(tail);
    let log = ReportLog::from_log_result(&base64).unwrap();
    assert_eq!(log.calls, [cold()]);
    assert_eq!(single_call(&base64), cold());
    let answer =
        format!("{{\n  \"StatusCode\": 200,\n  \"LogResult\": \"{base64}\",\n  \"x\": 1\n}}\n");
    assert_eq!(single_call(&answer), cold());
    assert!(ReportLog::from_log_result("not base64").is_err());
    let log = ReportLog::parse(r#"{"StatusCode":200,"LogResult":"%"}"#);
    assert_eq!(log.unread_count, 1);
}

#[test]
fn damaged_json_is_reported_and_the_rest_of_the_file_is_read() {
    let text = format!("[\n{RECORD},\noops\n{}\n", COLD.replace("3f1d", "b"));
    let log = ReportLog::parse(&text);
    assert_eq!(log.calls.len(), 2, "{log:?}");
    assert!(
        log.warnings[0].contains("line 1 is invalid on line"),
        "{log:?}"
    );
    let log = ReportLog::parse("{\n\"events\": [\n");
    assert_eq!(log.warnings.len(), 1, "{log:?}");
    // The output of a function may begin like JSON.
    let log = ReportLog::parse(&format!("{{\n{COLD}\n[1,\n{}\n", COLD.replace("3f1d", "b")));
    assert_eq!(log.calls.len(), 2, "{log:?}");
}

#[test]
fn lines_of_any_length_are_skipped() {
    let long = "x".repeat(3 << 20);
    let log = ReportLog::parse(&format!(
        "{long}\n{COLD}\n{{\"a\":\"{long}\"}}\nREPORT RequestId: x\n"
    ));
    assert_eq!(log.calls.len(), 1);
    assert_eq!(log.unread[0].line, 4);
    // JSON on one line, however long, is read as a stream.
    let padding = format!(r#"{{"message":"{}"}},"#, "y".repeat(1000)).repeat(2200);
    let record = RECORD.replace('\n', "");
    assert_eq!(
        single_call(&format!("{{\"events\":[{padding}{record}]}}")).init_ms,
        Some(166.76)
    );
}
