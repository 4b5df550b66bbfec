//! Keeps SAM building a function as Go after its runtime no longer says so.

use std::collections::BTreeSet;

use crate::commands::migrate::cloudformation::code;
use crate::commands::migrate::cloudformation::code::FunctionCode;
use crate::commands::migrate::cloudformation::document::TemplateDocument;
use crate::commands::migrate::cloudformation::value_sources::ValueSources;
use crate::commands::migrate::insert;
use crate::commands::migrate::insert::NewValue;
use crate::commands::migrate::old_runtime;
use crate::commands::migrate::old_runtime::OldRuntime;
use crate::lambda::BOOTSTRAP;

impl TemplateDocument<'_> {
    /// If SAM builds the handler's folder, makes that folder part of `CodeUri`.
    pub(super) fn set_package_folder(&mut self, index: usize, sources: &ValueSources<'_>) {
        let function = &self.functions[index];
        let package = code::handler_package(function, self.source, self.folders);
        let package = package.filter(|_| function.old == Some(OldRuntime::Go));
        let (Some(package), Some(found)) = (package, &function.code) else {
            return;
        };
        let why = format!("{}: SAM builds {package}", function.name);
        let is_literal = found.value.literal().is_some();
        if is_literal && sources.may_change(found, &BTreeSet::from([index])) {
            let edit = insert::replace_value(&self.source.text, found.value, &package, why);
            self.edits.push(edit);
        } else {
            self.add_property(index, ("CodeUri", NewValue::Text(&package)), &why, sources);
        }
    }

    /// Sets the build method for SAM, or reports how the program must be built.
    pub(super) fn set_build_method(
        &mut self,
        index: usize,
        code: &FunctionCode,
        sources: &ValueSources<'_>,
    ) {
        let function = &self.functions[index];
        if function.old != Some(OldRuntime::Go) || function.is_built() {
            return;
        }
        let handler = function.handler_text().unwrap_or(BOOTSTRAP);
        let new = NewValue::Text("go1.x");
        match code {
            FunctionCode::Go(_) => {
                let why = format!("{}: SAM builds it as Go", function.name);
                match function.metadata {
                    Some(map) => {
                        self.add_key(map, &[], ("BuildMethod", new), &why, index, sources);
                    }
                    None => {
                        let pair = ("Metadata", NewValue::Pair("BuildMethod", "go1.x"));
                        self.add_key(function.resource, &["Type"], pair, &why, index, sources);
                    }
                }
            }
            FunctionCode::Unknown => {}
            _ if handler == BOOTSTRAP => {}
            _ => {
                let mut remark = old_runtime::built_elsewhere(
                    function.at(),
                    function.name,
                    handler,
                    &code.shown(),
                );
                if matches!(code, FunctionCode::Folder(_)) && function.is_serverless {
                    remark.help +=
                        "; if SAM builds it, add `Metadata: {BuildMethod: go1.x}` instead";
                }
                self.remarks.push(remark);
            }
        }
    }
}
