//! Groups files that must be understood together: a template alone, Terraform by folder.
//!
//! In: files. Out: groups, and for each group its edits, its remarks, and the proof that the edits
//! change nothing else. Left to others: writing files.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::rc::Rc;

use anyhow::{Context, bail, ensure};

use crate::commands::migrate::cloudformation;
use crate::commands::migrate::cloudformation::CodeFolders;
use crate::commands::migrate::edit::{ValueOutline, apply, in_order, verify_edits};
use crate::commands::migrate::find::{CandidateFile, MarkupFormat};
use crate::commands::migrate::node::{Syntax, Tree};
use crate::commands::migrate::old_runtime;
use crate::commands::migrate::old_runtime::ReaderOptions;
use crate::commands::migrate::old_runtime::{Analysis, Remark, SourceFile};
use crate::commands::migrate::{hcl, json, serverless, terraform, yaml};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    Template(Syntax),
    Serverless,
    /// Terraform: all files of a folder.
    Terraform,
    /// Cannot be parsed although it may contain functions. The reason is reported.
    Unread,
}

/// Files of one kind.
#[derive(Debug)]
pub struct FileGroup {
    pub kind: FileKind,
    pub sources: Vec<SourceFile>,
    /// The byte order mark of each file, or an empty string.
    pub marks: Vec<&'static str>,
    /// Why it cannot be parsed.
    why: String,
    /// The folders of code that were listed so far, shared by all groups.
    folders: Rc<CodeFolders>,
}

/// An analysis, and the texts with all of its edits applied.
#[derive(Debug)]
pub struct VerifiedEdits {
    pub analysis: Analysis,
    /// The new contents of the files.
    pub texts: Vec<String>,
}

/// The byte order mark that some editors on Windows write.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// Returns true if a text contains a word that makes parsing worthwhile.
pub(crate) fn has_word(text: &str) -> bool {
    text.contains("go1.x") || text.contains("provided")
}

/// Groups all files with functions.
pub fn groups(files: &[CandidateFile]) -> Vec<FileGroup> {
    let folders = Rc::new(CodeFolders::default());
    let mut groups = Vec::new();
    for file in files.iter().filter(|file| has_word(&file.text)) {
        match file.form {
            MarkupFormat::Yaml => groups.extend(template_group(file, Syntax::Yaml, &folders)),
            MarkupFormat::Json => groups.extend(template_group(file, Syntax::Json, &folders)),
            MarkupFormat::Terraform | MarkupFormat::Text => {}
        }
    }
    let terraform = || {
        files
            .iter()
            .filter(|file| file.form == MarkupFormat::Terraform)
    };
    let is_tofu = |path: &Path| path.extension().is_some_and(|ending| ending == "tofu");
    // OpenTofu reads `main.tofu` instead of `main.tf`. Terraform reads only the latter.
    let replaced: BTreeSet<_> = terraform()
        .filter(|file| is_tofu(&file.path))
        .map(|file| file.path.with_extension("tf"))
        .collect();
    let mut folders: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for file in terraform() {
        let group = (file.path.parent(), replaced.contains(&file.path));
        folders.entry(group).or_default().push(file);
    }
    for files in folders.into_values() {
        if files.iter().any(|file| has_word(&file.text)) {
            groups.extend(terraform_groups(&files));
        }
    }
    groups
}

/// Groups the Terraform files of a folder. If one of them cannot be parsed, none is edited, because
/// that file may use what the others define.
fn terraform_groups(files: &[&CandidateFile]) -> Vec<FileGroup> {
    let (sources, marks): (Vec<_>, Vec<_>) = files
        .iter()
        .map(|file| split_byte_order_mark(&file.path, &file.text))
        .unzip();
    let wrong = sources.iter().find_map(|source| {
        let error = hcl::outline(&source.text).err()?;
        let name = source.path.file_name().unwrap_or_default();
        Some(format!("{}: {error}", name.display()))
    });
    let Some(why) = wrong else {
        return vec![FileGroup {
            kind: FileKind::Terraform,
            sources,
            marks,
            why: String::new(),
            folders: Rc::default(),
        }];
    };
    let old = sources
        .into_iter()
        .zip(marks)
        .filter(|(source, _)| old_runtime::first_old_runtime(&source.text).is_some());
    old.map(|(source, mark)| FileGroup {
        kind: FileKind::Unread,
        sources: vec![source],
        marks: vec![mark],
        why: why.clone(),
        folders: Rc::default(),
    })
    .collect()
}

fn template_group(
    file: &CandidateFile,
    syntax: Syntax,
    folders: &Rc<CodeFolders>,
) -> Option<FileGroup> {
    let source = split_byte_order_mark(&file.path, &file.text);
    // Most JSON is also YAML, but an edit must keep it JSON.
    let is_json = source.0.text.trim_start().starts_with('{') && json::read(&source.0.text).is_ok();
    let syntax = if is_json { Syntax::Json } else { syntax };
    let (kind, why) = match read(syntax, &source.0.text) {
        Ok(tree) if tree.documents.len() > 1 => {
            let why = "it has several YAML documents, but a template or a service has only one";
            file_kind(&tree).filter(|_| old_runtime::first_old_runtime(&file.text).is_some())?;
            (FileKind::Unread, why.to_owned())
        }
        Ok(tree) => (file_kind(&tree)?, String::new()),
        Err(error) => {
            let text = &file.text;
            let is_likely = [
                "AWS::Serverless::Function",
                "AWS::Lambda::Function",
                "\nfunctions:",
            ];
            let is_old = old_runtime::first_old_runtime(text).is_some();
            let is_likely = is_likely.iter().any(|word| text.contains(word));
            (is_likely && is_old).then_some((FileKind::Unread, error.to_string()))?
        }
    };
    Some(FileGroup {
        kind,
        sources: vec![source.0],
        marks: vec![source.1],
        why,
        folders: Rc::clone(folders),
    })
}

fn split_byte_order_mark(path: &Path, text: &str) -> (SourceFile, &'static str) {
    let (text, mark) = match text.strip_prefix(BYTE_ORDER_MARK) {
        Some(text) => (text, BYTE_ORDER_MARK),
        None => (text, ""),
    };
    let source = SourceFile {
        path: path.to_owned(),
        text: text.to_owned(),
    };
    (source, mark)
}

fn read(syntax: Syntax, text: &str) -> anyhow::Result<Tree> {
    match syntax {
        Syntax::Yaml => yaml::read(text),
        Syntax::Json => json::read(text),
    }
}

fn file_kind(tree: &Tree) -> Option<FileKind> {
    match tree.syntax {
        _ if cloudformation::is_template(tree) => Some(FileKind::Template(tree.syntax)),
        Syntax::Yaml if serverless::is_service(tree) => Some(FileKind::Serverless),
        _ => None,
    }
}

/// Analyzes the files of a group.
pub(crate) fn analyze(
    kind: FileKind,
    sources: &[SourceFile],
    folders: &CodeFolders,
    options: ReaderOptions,
) -> anyhow::Result<Analysis> {
    let first = sources.first().context("there is no file")?;
    let mut analysis = match kind {
        FileKind::Template(syntax) => {
            cloudformation::analyze(first, &read(syntax, &first.text)?, folders, options)
        }
        FileKind::Serverless => serverless::analyze(first, &yaml::read(&first.text)?, options),
        FileKind::Terraform => terraform::analyze(sources, options)?,
        FileKind::Unread => Analysis::default(),
    };
    analysis.edits = analysis.edits.into_iter().map(in_order).collect();
    analysis.edits.resize(sources.len(), Vec::new());
    Ok(analysis)
}

/// All values of a text by their place.
fn outline(kind: FileKind, text: &str) -> anyhow::Result<ValueOutline> {
    match kind {
        FileKind::Template(syntax) => Ok(read(syntax, text)?.outline()),
        FileKind::Serverless => Ok(yaml::read(text)?.outline()),
        FileKind::Terraform => hcl::outline(text),
        FileKind::Unread => bail!("it cannot be parsed"),
    }
}

impl FileGroup {
    /// Analyzes the files, applies the edits, and verifies that nothing else changes and that a
    /// second run would edit nothing.
    pub fn verified_edits(&self, options: ReaderOptions) -> anyhow::Result<VerifiedEdits> {
        let mut analysis = analyze(self.kind, &self.sources, &self.folders, options)?;
        if self.kind == FileKind::Unread {
            let text = self.sources.first().map_or("", |source| &source.text);
            analysis.remarks.push(unreadable_remark(text, &self.why));
        }
        let mut texts = Vec::new();
        let mut after = self.sources.clone();
        for (index, source) in self.sources.iter().enumerate() {
            let edits = analysis.edits.get(index).map_or(&[][..], Vec::as_slice);
            if edits.is_empty() {
                texts.push(source.text.clone());
                continue;
            }
            let (text, places) = apply(&source.text, edits)?;
            let outline = |text: &str| outline(self.kind, text);
            verify_edits((&source.text, &text), edits, &places, outline)?;
            after[index].text.clone_from(&text);
            texts.push(text);
        }
        // If a second run would edit again, an edit did not have its intended effect.
        if analysis.edits.iter().any(|edits| !edits.is_empty()) {
            let again = self::analyze(self.kind, &after, &self.folders, options)?;
            let left = again.edits.iter().flatten().next();
            ensure!(
                left.is_none(),
                "a second run would edit again: {}",
                left.map_or("", |edit| &edit.why)
            );
        }
        Ok(VerifiedEdits { analysis, texts })
    }
}

fn unreadable_remark(text: &str, why: &str) -> Remark {
    Remark::todo(
        old_runtime::first_old_runtime(text).map_or(0, |(at, _)| at),
        format!("cannot be parsed: {why}"),
        "edit it, or the template that generates it, by hand: runtime `provided.al2023`, handler \
         `bootstrap`, architecture `x86_64`",
    )
}
