//! The debug log of the `aws` program, which it writes to stderr with `--debug`.
//!
//! In: stderr. Out: the ID of the request, which the program shows nowhere else, and stderr
//! without the log.

/// The part of each record that comes after its time and its thread.
const RECORD: &str = " - DEBUG - ";

/// The record with the ID, in versions 1 and 2.
///
/// Source: `_remove_request_id` in `awscli/formatter.py` of aws-cli 1.46 and 2.34
const REQUEST_ID: &str = " - awscli.formatter - DEBUG - RequestId: ";

/// The ID of the last request.
pub(super) fn request_id(stderr: &str) -> Option<&str> {
    let mut lines = stderr.lines().rev();
    lines.find_map(|line| Some(line.split_once(REQUEST_ID)?.1.trim()))
}

/// The program's own message. After the last record, there can be a stack trace, whose last line
/// contains the message as well.
pub(super) fn without_records<'a>(stderr: &'a str, start_of_message: &str) -> &'a str {
    let Some(last_record) = stderr.rfind(RECORD) else {
        return stderr;
    };
    let rest = &stderr[last_record..];
    let rest = rest.split_once('\n').map_or("", |(_, rest)| rest);
    match rest.rfind(start_of_message) {
        Some(start) => &rest[start..],
        None => rest.trim_end().lines().next_back().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PREFIX: &str = "An error occurred (";
    /// Shortened output of aws-cli 1.46.
    const FAILED: &str = "\
2026-11-30 03:37:27,974 - MainThread - awscli.clidriver - DEBUG - Exception caught in main()
Traceback (most recent call last):
  File \"awscli/clidriver.py\", line 223, in main
botocore.errorfactory.ResourceNotFoundException: An error occurred (ResourceNotFoundException) \
when calling the Invoke operation: Function not found
2026-11-30 03:37:27,974 - MainThread - awscli.clidriver - DEBUG - Exiting with rc 255

An error occurred (ResourceNotFoundException) when calling the Invoke operation: Function not found
";

    #[test]
    fn the_last_request_id_is_found() {
        let record = |id: &str| {
            format!(
                "2026-11-30 03:37:27,446 - MainThread - awscli.formatter - DEBUG - RequestId: {id}\n"
            )
        };
        let stderr = record("a") + "other\n" + &record("b");
        assert_eq!(request_id(&stderr), Some("b"));
        assert_eq!(request_id(FAILED), None);
    }

    #[test]
    fn only_the_message_remains_of_a_failure() {
        let message = "An error occurred (ResourceNotFoundException) when calling the Invoke \
                       operation: Function not found\n";
        assert_eq!(without_records(FAILED, PREFIX), message);
        // Version 2 writes no record after the stack trace.
        let (trace, _) = FAILED
            .split_once("2026-11-30 03:37:27,974 - MainThread - awscli.clidriver - DEBUG - Exiting")
            .unwrap();
        assert_eq!(
            without_records(&format!("{trace}\n{message}"), PREFIX),
            message
        );
        let local = FAILED.replace(message, "You must specify a region.\n");
        assert_eq!(
            without_records(&local, PREFIX),
            "You must specify a region."
        );
    }

    #[test]
    fn output_without_a_log_is_unchanged() {
        for stderr in ["", "\nAn error occurred (X) when calling Y: Z\n", "a\nb\n"] {
            assert_eq!(without_records(stderr, PREFIX), stderr);
        }
    }
}
