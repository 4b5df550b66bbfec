//! Files that are understood together: a template alone, Terraform by folder.
//!
//! In: files. Out: groups, what there is to do in each, and the proof that doing it
//! changes nothing else. Absent: writing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::rc::Rc;

use anyhow::{Context, bail, ensure};

use crate::commands::migrate::cloudformation;
use crate::commands::migrate::cloudformation::CodeFolders;
use crate::commands::migrate::edit::{ValueOutline, apply, in_order, prove};
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
    /// Cannot be read, though it may have functions: why is said, and no more.
    Unread,
}

/// Files of one kind.
#[derive(Debug)]
pub struct FileGroup {
    pub kind: FileKind,
    pub sources: Vec<SourceFile>,
    /// The byte order mark of each, or nothing.
    pub marks: Vec<&'static str>,
    /// Why it is not read.
    why: String,
    /// The folders of code that were listed so far, shared by all groups.
    folders: Rc<CodeFolders>,
}

/// A study, and the texts with all of its edits made.
#[derive(Debug)]
pub struct VerifiedEdits {
    /// What there is to do.
    pub study: Analysis,
    /// As the files would be.
    pub texts: Vec<String>,
}

/// The mark that some editors on Windows put before text.
const MARK: &str = "\u{feff}";

/// Whether a text has a word that is worth reading it for.
pub(crate) fn has_word(text: &str) -> bool {
    text.contains("go1.x") || text.contains("provided")
}

/// Everything that has functions.
pub fn groups(files: &[CandidateFile]) -> Vec<FileGroup> {
    let folders = Rc::new(CodeFolders::default());
    let mut groups = Vec::new();
    for file in files.iter().filter(|file| has_word(&file.text)) {
        match file.form {
            MarkupFormat::Yaml => groups.extend(one(file, Syntax::Yaml, &folders)),
            MarkupFormat::Json => groups.extend(one(file, Syntax::Json, &folders)),
            MarkupFormat::Terraform | MarkupFormat::Text => {}
        }
    }
    let terraform = || {
        files
            .iter()
            .filter(|file| file.form == MarkupFormat::Terraform)
    };
    let is_tofu = |path: &Path| path.extension().is_some_and(|ending| ending == "tofu");
    // OpenTofu reads `main.tofu` in place of `main.tf`, and Terraform reads only the latter.
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
            groups.extend(folder(&files));
        }
    }
    groups
}

/// One file that cannot be read may use what the others say: then none is edited.
fn folder(files: &[&CandidateFile]) -> Vec<FileGroup> {
    let (sources, marks): (Vec<_>, Vec<_>) = files
        .iter()
        .map(|file| source(&file.path, &file.text))
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
    let old = { sources.into_iter().zip(marks) }
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

fn one(file: &CandidateFile, syntax: Syntax, folders: &Rc<CodeFolders>) -> Option<FileGroup> {
    let source = source(&file.path, &file.text);
    // JSON is YAML, too, but what is written into it is not to end that.
    let is_json = source.0.text.trim_start().starts_with('{') && json::read(&source.0.text).is_ok();
    let syntax = if is_json { Syntax::Json } else { syntax };
    let (kind, why) = match read(syntax, &source.0.text) {
        Ok(tree) if tree.documents.len() > 1 => {
            let why = "has several documents, of which no template and no service is made";
            kind(&tree).filter(|_| old_runtime::first_old_runtime(&file.text).is_some())?;
            (FileKind::Unread, why.to_owned())
        }
        Ok(tree) => (kind(&tree)?, String::new()),
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

fn source(path: &Path, text: &str) -> (SourceFile, &'static str) {
    let (text, mark) = match text.strip_prefix(MARK) {
        Some(text) => (text, MARK),
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

fn kind(tree: &Tree) -> Option<FileKind> {
    match tree.syntax {
        _ if cloudformation::is_template(tree) => Some(FileKind::Template(tree.syntax)),
        Syntax::Yaml if serverless::is_service(tree) => Some(FileKind::Serverless),
        _ => None,
    }
}

/// What there is to do in texts of a kind.
pub(crate) fn study(
    kind: FileKind,
    sources: &[SourceFile],
    folders: &CodeFolders,
    wish: ReaderOptions,
) -> anyhow::Result<Analysis> {
    let first = sources.first().context("there is no file")?;
    let mut study = match kind {
        FileKind::Template(syntax) => {
            cloudformation::study(first, &read(syntax, &first.text)?, folders, wish)
        }
        FileKind::Serverless => serverless::study(first, &yaml::read(&first.text)?, wish),
        FileKind::Terraform => terraform::study(sources, wish)?,
        FileKind::Unread => Analysis::default(),
    };
    study.edits = study.edits.into_iter().map(in_order).collect();
    study.edits.resize(sources.len(), Vec::new());
    Ok(study)
}

/// All values of a text by where they stand.
fn outline(kind: FileKind, text: &str) -> anyhow::Result<ValueOutline> {
    match kind {
        FileKind::Template(syntax) => Ok(read(syntax, text)?.outline()),
        FileKind::Serverless => Ok(yaml::read(text)?.outline()),
        FileKind::Terraform => hcl::outline(text),
        FileKind::Unread => bail!("it cannot be read"),
    }
}

impl FileGroup {
    /// What there is to do, done to the texts, with the proof that nothing else changes
    /// and that nothing is left to edit.
    pub fn proven(&self, wish: ReaderOptions) -> anyhow::Result<VerifiedEdits> {
        let mut study = study(self.kind, &self.sources, &self.folders, wish)?;
        if self.kind == FileKind::Unread {
            let text = self.sources.first().map_or("", |source| &source.text);
            study.remarks.push(unread(text, &self.why));
        }
        let mut texts = Vec::new();
        let mut after = self.sources.clone();
        for (index, source) in self.sources.iter().enumerate() {
            let edits = study.edits.get(index).map_or(&[][..], Vec::as_slice);
            if edits.is_empty() {
                texts.push(source.text.clone());
                continue;
            }
            let (text, places) = apply(&source.text, edits)?;
            let outline = |text: &str| outline(self.kind, text);
            prove((&source.text, &text), edits, &places, outline)?;
            after[index].text.clone_from(&text);
            texts.push(text);
        }
        if study.edits.iter().any(|edits| !edits.is_empty()) {
            let again = self::study(self.kind, &after, &self.folders, wish)?;
            let left = again.edits.iter().flatten().next();
            ensure!(
                left.is_none(),
                "a second run would edit again: {}",
                left.map_or("", |edit| &edit.why)
            );
        }
        Ok(VerifiedEdits { study, texts })
    }
}

fn unread(text: &str, why: &str) -> Remark {
    Remark::todo(
        old_runtime::first_old_runtime(text).map_or(0, |(at, _)| at),
        format!("cannot be read: {why}"),
        "where it is made from a template of its own, migrate that by hand: runtime \
         provided.al2023, handler bootstrap, architecture x86_64",
    )
}
