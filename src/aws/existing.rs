//! Looks for functions and versions that may not exist.

use crate::aws::client::{Aws, AwsResponse, operation};
use crate::aws::error::AwsErrorKind;
use crate::aws::function::FunctionConfiguration;

impl Aws {
    /// The current configuration of a function, or of one of its versions or aliases; `None` if
    /// it does not exist.
    pub(crate) fn find_configuration(
        &self,
        name: &str,
        qualifier: Option<&str>,
    ) -> anyhow::Result<Option<FunctionConfiguration>> {
        let spec = self.configuration_spec(name, qualifier);
        match self.try_request(spec.clone())? {
            AwsResponse::Success(configuration) => Ok(Some(configuration)),
            AwsResponse::Error(error) if error.kind == AwsErrorKind::NotFound => Ok(None),
            AwsResponse::Error(error) => Err(error.into_failure(&operation(&spec)).into()),
        }
    }
}
