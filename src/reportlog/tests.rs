use super::*;

const COLD: &str = "REPORT RequestId: 3f1d\tDuration: 2.72 ms\tBilled Duration: 3 ms\t\
                    Memory Size: 2048 MB\tMax Memory Used: 64 MB\tInit Duration: 166.76 ms\t";

/// The one call of a log that says nothing else.
#[track_caller]
fn one(text: &str) -> Call {
    let log = Log::of_text(text);
    assert!(log.unread.is_empty(), "{:?}", log.unread);
    assert_eq!(log.calls.len(), 1, "{log:?}");
    log.calls[0].clone()
}

fn cold() -> Call {
    Call {
        request_id: Some("3f1d".to_owned()),
        memory_mb: Some(2048),
        duration_ms: 2.72,
        billed_ms: Some(3),
        max_memory_mb: Some(64),
        init_ms: Some(166.76),
        ..Call::default()
    }
}

#[test]
fn a_line_is_read_and_written_as_lambda_writes_it() {
    assert_eq!(one(COLD), cold());
    assert_eq!(cold().to_string(), COLD);
    assert_eq!(Call::of_line(COLD), Ok(cold()));
}

#[test]
fn pasted_lines_and_other_orders_say_the_same() {
    assert_eq!(one(&COLD.replace('\t', " ")), cold());
    assert_eq!(one(&COLD.replace('\t', "    ")), cold());
    assert_eq!(one(&format!("{COLD}\r\n")), cold());
    // As the local emulator orders them.
    let first = "REPORT RequestId: 3f1d\tInit Duration: 166.76 ms\tDuration: 2.72 ms\t\
                 Billed Duration: 3 ms\tMemory Size: 2048 MB\tMax Memory Used: 64 MB\t";
    assert_eq!(one(first), cold());
    let traced = format!("{COLD}\nXRAY TraceId: 1-5e\tSegmentId: 6f\tSampled: true\t\n");
    assert_eq!(one(&traced), cold());
    assert_eq!(one(&traced.replacen('\n', "", 1)), cold());
}

#[test]
fn a_warm_call_has_no_init_and_a_restored_one_has_its_own_numbers() {
    let warm = one(COLD.split("Init").next().unwrap());
    assert_eq!(warm.init_ms, None);
    assert!(!warm.is_cold());
    let line = "REPORT RequestId: a\tDuration: 1.00 ms\tBilled Duration: 2 ms\t\
                Memory Size: 128 MB\tMax Memory Used: 155 MB\tRestore Duration: 511.25 ms\t\
                Billed Restore Duration: 303 ms\t";
    let restored = one(line);
    assert_eq!(restored.restore_ms, Some(511.25));
    assert_eq!(restored.billed_restore_ms, Some(303));
    assert_eq!((restored.duration_ms, restored.billed_ms), (1.0, Some(2)));
    assert_eq!(restored.to_string(), line);
}

#[test]
fn failures_keep_their_status_and_type() {
    let failed = one(&format!(
        "{COLD}Status: error\tError Type: Runtime.ExitError"
    ));
    assert_eq!(failed.status.as_deref(), Some("error"));
    assert_eq!(failed.error_type.as_deref(), Some("Runtime.ExitError"));
    assert!(failed.has_failed());
    assert_eq!(failed.init_ms, Some(166.76));
    assert!(!cold().has_failed());
}

#[test]
fn an_init_report_is_no_call() {
    let log = Log::of_text(
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
fn what_functions_print_is_no_report_and_what_looks_like_one_is_told() {
    let log = Log::of_text(
        "START RequestId: 1 Version: $LATEST\nREPORT of the day\nmy REPORT: 1\n[INFO] {\n}\n\
         {\n  foo: 'bar'\n}\nEND RequestId: 1\n",
    );
    assert_eq!((log.calls.len(), log.unread_count), (0, 0), "{log:?}");
    for (line, why) in [
        ("REPORT RequestId: 1", "no Duration"),
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
        let log = Log::of_text(&format!("first\n{line}\n"));
        assert_eq!(log.unread_count, 1, "{line}: {log:?}");
        assert_eq!(log.unread[0].line, 2, "{line}");
        assert!(log.unread[0].why.contains(why), "{:?}", log.unread);
        assert!(log.calls.is_empty(), "{line}");
    }
}

#[test]
fn what_tools_put_before_a_line_is_understood() {
    let when = Time::read("2023-05-01T10:11:12.123Z");
    for before in [
        "2023-05-01T10:11:12.123000+00:00 2023/05/01/[$LATEST]0f1e2d ",
        "2023/05/01/[$LATEST]0f1e2d 2023-05-01T10:11:12.123000 ",
        "2023-05-01T12:11:12.123+02:00\t",
        "▶ 2023-05-01T10:11:12.123Z ",
        "1682935872123\t",
        "2023-05-01 10:11:12.123,\"",
    ] {
        let call = one(&format!("{before}{COLD}"));
        assert_eq!(call.time, when, "{before}");
        assert_eq!(Call { time: None, ..call }, cold(), "{before}");
    }
    for before in [
        "/aws/lambda/orders 2023/05/01/[$LATEST]0f1e2d ",
        "2023/05/01/orders[$LATEST]0f1e2d ",
    ] {
        let call = one(&format!("{before}{COLD}"));
        assert_eq!(call.name.as_deref(), Some("orders"), "{before}");
    }
}

const RECORD: &str = r#"{"time":"2023-05-01T10:11:12.123Z","type":"platform.report","record":
  {"requestId":"3f1d","status":"success","metrics":{"durationMs":2.72,"billedDurationMs":3,
   "memorySizeMB":2048,"maxMemoryUsedMB":64,"initDurationMs":166.76}}}"#;

#[test]
fn json_says_the_same_in_lines_arrays_and_over_lines() {
    let expected = Call {
        time: Time::read("2023-05-01T10:11:12.123Z"),
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
        assert_eq!(one(&text), expected, "{text}");
    }
    // And no more is wanted behind the last brace.
    assert_eq!(Log::of_text(&format!("{RECORD}\n{COLD}")).repeated, 1);
}

#[test]
fn fields_that_are_absent_stay_absent() {
    let warm = RECORD.replace(",\"initDurationMs\":166.76", "");
    assert_eq!(one(&warm).init_ms, None);
    let log = Log::of_text(&RECORD.replace("\"durationMs\":2.72,", ""));
    assert!(log.unread[0].why.contains("no durationMs"), "{log:?}");
    let failed = RECORD.replace("success", "timeout");
    assert!(one(&failed).has_failed());
}

#[test]
fn answers_of_cloudwatch_are_read_whole_and_over_lines() {
    let message = serde_json::to_string(&format!("{COLD}\n")).unwrap();
    let event = format!(
        r#"{{"logStreamName":"2023/05/01/[$LATEST]0f","timestamp":1682935872123,"message":{message}}}"#
    );
    let when = Time::read("2023-05-01T10:11:12.123Z");
    for text in [
        format!(r#"{{"events":[{event}],"searchedLogStreams":[]}}"#),
        format!("{{\n\"searchedLogStreams\": [],\n\"events\": [\n{event}\n]\n}}\n"),
        format!("{{\"messageType\":\"DATA_MESSAGE\",\n\"logEvents\":[{event}]}}"),
    ] {
        let call = one(&text);
        assert_eq!(call.time, when, "{text}");
        assert_eq!(Call { time: None, ..call }, cold(), "{text}");
    }
    let group = format!("{{\"logGroup\":\"/aws/lambda/orders\",\n\"logEvents\":[{event}]}}");
    assert_eq!(one(&group).name.as_deref(), Some("orders"));
}

#[test]
fn answers_of_insights_are_read_by_message_and_by_field() {
    let message = serde_json::to_string(COLD).unwrap();
    let row = format!(
        r#"[{{"field":"@timestamp","value":"2023-05-01 10:11:12.123"}},
            {{"field":"@log","value":"123456789012:/aws/lambda/orders"}},
            {{"field":"@message","value":{message}}}]"#
    );
    let call = one(&format!(
        "{{\"results\":[{row}],\n\"status\":\"Complete\"}}"
    ));
    assert_eq!(call.name.as_deref(), Some("orders"));
    assert_eq!(call.time, Time::read("2023-05-01T10:11:12.123Z"));
    assert_eq!(call.init_ms, Some(166.76));
    let fields = r#"{"results":[[{"field":"@type","value":"REPORT"},
        {"field":"@requestId","value":"3f1d"},{"field":"@duration","value":"2.72"},
        {"field":"@billedDuration","value":"3.0"},{"field":"@memorySize","value":"2.048E9"},
        {"field":"@maxMemoryUsed","value":"6.4E7"},{"field":"@initDuration","value":"166.76"}]]}"#;
    assert_eq!(one(fields), cold());
}

#[test]
fn a_log_result_is_read_alone_and_in_the_answer_of_invoke() {
    use base64::Engine;
    let tail = format!("…cut\nEND RequestId: 3f1d\n{COLD}\n");
    let base64 = base64::engine::general_purpose::STANDARD.encode(tail);
    let log = Log::of_log_result(&base64).unwrap();
    assert_eq!(log.calls, [cold()]);
    assert_eq!(one(&base64), cold());
    let answer =
        format!("{{\n  \"StatusCode\": 200,\n  \"LogResult\": \"{base64}\",\n  \"x\": 1\n}}\n");
    assert_eq!(one(&answer), cold());
    assert!(Log::of_log_result("not base64").is_err());
    let log = Log::of_text(r#"{"StatusCode":200,"LogResult":"%"}"#);
    assert_eq!(log.unread_count, 1);
}

#[test]
fn a_call_that_is_read_twice_counts_once_and_a_retry_is_another() {
    let again = COLD.replace("2.72", "3.10");
    let log = Log::of_text(&format!("{COLD}\n{COLD}\n{again}\n"));
    assert_eq!((log.calls.len(), log.repeated), (2, 1));
}

#[test]
fn damaged_json_is_told_and_what_stands_behind_it_is_read() {
    let text = format!("[\n{RECORD},\noops\n{}\n", COLD.replace("3f1d", "b"));
    let log = Log::of_text(&text);
    assert_eq!(log.calls.len(), 2, "{log:?}");
    assert!(
        log.warnings[0].contains("line 1 is damaged on line"),
        "{log:?}"
    );
    let log = Log::of_text("{\n\"events\": [\n");
    assert_eq!(log.warnings.len(), 1, "{log:?}");
    // What a function prints may begin like JSON.
    let log = Log::of_text(&format!("{{\n{COLD}\n[1,\n{}\n", COLD.replace("3f1d", "b")));
    assert_eq!(log.calls.len(), 2, "{log:?}");
}

#[test]
fn lines_of_any_length_are_passed_over() {
    let long = "x".repeat(5 << 20);
    let log = Log::of_text(&format!(
        "{long}\n{COLD}\n{{\"a\":\"{long}\"}}\nREPORT RequestId: x\n"
    ));
    assert_eq!(log.calls.len(), 1);
    assert_eq!(log.unread[0].line, 4);
    // JSON on one line, however long, is read as a stream.
    let padding = format!(r#"{{"message":"{}"}},"#, "y".repeat(1000)).repeat(4000);
    let record = RECORD.replace('\n', "");
    assert_eq!(
        one(&format!("{{\"events\":[{padding}{record}]}}")).init_ms,
        Some(166.76)
    );
}

#[test]
fn files_that_are_no_text_are_told() {
    for bytes in [&b"\xff\xfeR\0E\0"[..], b"\x1f\x8b\x08"] {
        let mut log = Log::default();
        log.read("file", bytes).unwrap();
        assert_eq!(log.unread_count, 1);
    }
    assert_eq!(one(&format!("\u{feff}{COLD}")), cold());
}

#[test]
fn tables_are_written_and_read_again() {
    let named = Call {
        name: Some("hello-node".to_owned()),
        ..cold()
    };
    let warm = Call {
        init_ms: None,
        ..named.clone()
    };
    assert_eq!(
        table::table(&table::PUBLISHED, [&named, &warm]),
        "Name;Memory;Init;Cold;Billed\nhello-node;2048;166.76;2.72;3\nhello-node;2048;;2.72;3\n"
    );
    let all = Call {
        name: Some("a;\"b\"".to_owned()),
        source: Source::Local,
        time: Some(Time(1_682_935_872_123)),
        arch: Some(crate::lambda::Arch::Arm64),
        restore_ms: Some(1.5),
        billed_restore_ms: Some(2),
        status: Some("error".to_owned()),
        error_type: Some("Runtime.ExitError".to_owned()),
        ..cold()
    };
    let other = Call {
        request_id: Some("4".to_owned()),
        ..warm
    };
    let text = table::table(&table::FULL, [&all, &other]);
    let log = Log::of_text(&text);
    assert_eq!(log.calls, [all, other], "{text}");
}

#[test]
fn in_old_tables_an_init_of_0_is_a_warm_call_and_damaged_rows_are_told() {
    let log = Log::of_text(
        "Name;Memory;Init;Cold;Billed\r\na;128;0;1.5;2\r\n\r\na;128;9\r\na;x;1;1;1\r\n",
    );
    assert_eq!(log.calls.len(), 1);
    assert_eq!(log.calls[0].init_ms, None);
    assert_eq!(log.calls[0].name.as_deref(), Some("a"));
    let lines: Vec<_> = log.unread.iter().map(|unread| unread.line).collect();
    assert_eq!(lines, [4, 5]);
}

#[test]
fn a_block_of_rows_that_stands_there_twice_is_told_and_kept() {
    let block = "a;128;50.1;1.2;52\na;128;49.1;1.3;52\n";
    let log = Log::of_text(&format!("Name;Memory;Init;Cold;Billed\n{block}{block}"));
    assert_eq!(log.calls.len(), 4);
    assert!(log.warnings[0].contains("2 rows of a (128 MB)"), "{log:?}");
    let log = Log::of_text(&format!("Name;Memory;Init;Cold;Billed\n{block}"));
    assert!(log.warnings.is_empty());
}
