//! The versions of layers.

use serde::Deserialize;

use crate::aws::client::Aws;
use crate::system::command::CommandSpec;

/// A version of a layer.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/api/API_GetLayerVersion.html>
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct LayerVersion {
    pub version: u64,
    /// The ARN, which ends with the version.
    pub layer_version_arn: String,
    pub content: LayerContent,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct LayerContent {
    /// The SHA-256 hash of the zip in base64.
    pub code_sha256: String,
}

/// The response of ListLayerVersions.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListedVersions {
    #[serde(default)]
    layer_versions: Vec<ListedVersion>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListedVersion {
    version: u64,
}

impl Aws {
    /// The newest version of a layer, or `None` if there is no version.
    pub(crate) fn newest_layer_version(&self, layer: &str) -> anyhow::Result<Option<LayerVersion>> {
        let spec = self.spec(["lambda", "list-layer-versions", "--layer-name", layer]);
        let listed: ListedVersions = self.request_if_found(spec)?.unwrap_or_default();
        let versions = listed.layer_versions.iter().map(|listed| listed.version);
        let Some(newest) = versions.max() else {
            return Ok(None);
        };
        let spec = self.spec(["lambda", "get-layer-version", "--layer-name", layer]);
        let version = self.request(spec.args(["--version-number", &newest.to_string()]))?;
        Ok(Some(version))
    }

    /// Publishes a version of a layer.
    pub(crate) fn publish_layer(&self, spec: &CommandSpec) -> anyhow::Result<LayerVersion> {
        self.request(spec.clone())
    }
}
