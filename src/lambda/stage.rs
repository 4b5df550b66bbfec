//! The stages of APIs.

use crate::lambda::PayloadFormat;
use crate::ui::failure::Problem;

/// The stage of HTTP APIs whose name is not a part of paths.
pub(crate) const DEFAULT_STAGE: &str = "$default";

/// The maximum length of a stage's name.
///
/// Source: <https://docs.aws.amazon.com/apigateway/latest/api/API_Stage.html>
const MAX_NAME: usize = 128;

/// Checks the stage of a route with this payload.
pub(crate) fn check_stage(stage: &str, payload: PayloadFormat) -> Result<(), Problem> {
    let is_http_api = matches!(payload, PayloadFormat::HttpApi2 | PayloadFormat::HttpApi1);
    if !is_http_api && payload != PayloadFormat::RestApi {
        let what = format!("`stage` cannot be combined with the payload `{payload}`");
        return Err(Problem::new(what).help("remove `stage`"));
    }
    if stage == DEFAULT_STAGE {
        return if is_http_api {
            Ok(())
        } else {
            let what = "a REST API has no stage `$default`";
            Err(Problem::new(what).help("name the stage, for example `prod`"))
        };
    }
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c);
    if (1..=MAX_NAME).contains(&stage.len()) && stage.chars().all(is_allowed) {
        return Ok(());
    }
    let what = format!("`{}` is not a valid stage name", stage.escape_debug());
    Err(Problem::new(what).help("use up to 128 letters, digits, `-`, and `_`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_depend_on_the_kind_of_api() {
        let problem = |stage: &str, payload| check_stage(stage, payload).unwrap_err().what;
        assert!(check_stage("$default", PayloadFormat::HttpApi1).is_ok());
        assert!(check_stage("v1_a-B", PayloadFormat::RestApi).is_ok());
        assert_eq!(
            problem("$default", PayloadFormat::RestApi),
            "a REST API has no stage `$default`"
        );
        for stage in ["", "a/b", &"a".repeat(129)] {
            assert_eq!(
                problem(stage, PayloadFormat::HttpApi2),
                format!("`{stage}` is not a valid stage name")
            );
        }
        assert_eq!(
            problem("prod", PayloadFormat::Alb),
            "`stage` cannot be combined with the payload `alb`"
        );
    }
}
