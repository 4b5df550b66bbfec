//! Base images and build images of old runtimes.
//!
//! Sources: <https://gallery.ecr.aws/lambda/provided>, <https://gallery.ecr.aws/lambda/go>,
//! <https://gallery.ecr.aws/sam/build-go1.x>, <https://hub.docker.com/r/lambci/lambda>

use crate::commands::migrate::mention::types::{Mention, MentionForm};

/// The meaning of an image's tags.
#[derive(Clone, Copy)]
enum ImageTags {
    /// The tag is the version of Amazon Linux.
    System,
    /// Every tag belongs to an old runtime.
    Old,
    /// The tag names the runtime.
    Runtime,
}

/// Names of images, each with its replacement. A name that contains another name comes first.
const IMAGES: [(&str, &str, ImageTags); 11] = [
    (
        "lambci/lambda",
        "public.ecr.aws/lambda/provided",
        ImageTags::Runtime,
    ),
    ("lambda/provided", "lambda/provided", ImageTags::System),
    ("lambda/go", "lambda/provided", ImageTags::Old),
    (
        "amazon/aws-lambda-provided",
        "amazon/aws-lambda-provided",
        ImageTags::System,
    ),
    (
        "amazon/aws-lambda-go",
        "amazon/aws-lambda-provided",
        ImageTags::Old,
    ),
    (
        "build-provided.al2",
        "build-provided.al2023",
        ImageTags::Old,
    ),
    ("build-provided", "build-provided.al2023", ImageTags::Old),
    ("build-go1.x", "build-provided.al2023", ImageTags::Old),
    (
        "build-image-provided.al2",
        "build-image-provided.al2023",
        ImageTags::Old,
    ),
    (
        "build-image-go1.x",
        "build-image-provided.al2023",
        ImageTags::Old,
    ),
    (
        "emulation-image-go1.x",
        "emulation-image-provided.al2023",
        ImageTags::Old,
    ),
];

/// The images of a line.
pub(super) fn images(line: &str) -> Vec<Mention<'_>> {
    let mut found: Vec<Mention<'_>> = Vec::new();
    for (name, new, tags) in IMAGES {
        for (at, _) in line.match_indices(name) {
            let is_new = !found.iter().any(|other| other.range.contains(&at));
            if let Some(mention) = image(line, at, (name, new, tags)).filter(|_| is_new) {
                found.push(mention);
            }
        }
    }
    found
}

fn image<'a>(
    line: &'a str,
    at: usize,
    (name, new, tags): (&str, &str, ImageTags),
) -> Option<Mention<'a>> {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    let before = &line[..at];
    let rest = &line[at + name.len()..];
    if before.ends_with(is_part) || rest.starts_with(|c: char| is_part(c) || c == '/') {
        return None;
    }
    // Folders of programs are also called `lambda/go`.
    let is_image = before.ends_with("public.ecr.aws/")
        || before
            .trim_start()
            .to_ascii_uppercase()
            .starts_with("FROM ")
        || before.to_ascii_lowercase().contains("image");
    let tag = match rest.strip_prefix(':') {
        Some(rest) => {
            let end = rest.find(|c: char| !is_part(c)).unwrap_or(rest.len());
            &rest[..end]
        }
        None => "",
    };
    let computed = rest.starts_with(":$") || rest.starts_with(":{") || rest.starts_with('@');
    let mut end = at + name.len();
    if !tag.is_empty() {
        end += 1 + tag.len();
    }
    let (form, new) = match tags {
        ImageTags::System => {
            let old = tag
                .strip_prefix("al2")
                .is_some_and(|rest| !rest.starts_with("023"));
            let form = if old || tag.starts_with("alami") {
                MentionForm::Image
            } else if is_image && (computed || ["", "latest"].contains(&tag)) {
                MentionForm::UnknownImage
            } else {
                return None;
            };
            (form, format!("{new}:al2023"))
        }
        // The tags of SAM's images are versions of SAM or `latest`.
        ImageTags::Old if new.contains("build") || new.contains("emulation") => {
            let rest = if tag.is_empty() {
                String::new()
            } else {
                format!(":{tag}")
            };
            let is_sam = is_image || before.contains("sam");
            (
                is_sam.then_some(MentionForm::Image)?,
                format!("{new}{rest}"),
            )
        }
        ImageTags::Old => {
            let is_go = is_image || tag.starts_with('1') || tag == "latest" || computed;
            (
                is_go.then_some(MentionForm::Image)?,
                format!("{new}:al2023"),
            )
        }
        ImageTags::Runtime => {
            let runtime = tag.strip_prefix("build-").unwrap_or(tag);
            if !["go1.x", "provided", "provided.al2"].contains(&runtime) {
                return None;
            }
            let new = if tag.starts_with("build-") {
                "public.ecr.aws/sam/build-provided.al2023"
            } else {
                "public.ecr.aws/lambda/provided:al2023"
            };
            (MentionForm::Image, new.to_owned())
        }
    };
    let range = at..end;
    Some(Mention {
        text: &line[range.clone()],
        range,
        form,
        new,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(line: &str) -> Vec<(MentionForm, String)> {
        let all = images(line).into_iter();
        all.map(|mention| (mention.form, format!("{} -> {}", mention.text, mention.new)))
            .collect()
    }

    #[test]
    fn pinned_images_are_also_old() {
        for (line, expected) in [
            (
                "FROM public.ecr.aws/lambda/provided:al2 AS run",
                "lambda/provided:al2 -> lambda/provided:al2023",
            ),
            (
                "FROM public.ecr.aws/lambda/provided:al2.2024.01.01.00",
                "lambda/provided:al2.2024.01.01.00 -> lambda/provided:al2023",
            ),
            (
                "FROM public.ecr.aws/lambda/go:1 AS b",
                "lambda/go:1 -> lambda/provided:al2023",
            ),
            (
                "image: amazon/aws-lambda-provided:al2-arm64",
                "amazon/aws-lambda-provided:al2-arm64 -> amazon/aws-lambda-provided:al2023",
            ),
            (
                "FROM lambci/lambda:build-go1.x",
                "lambci/lambda:build-go1.x -> public.ecr.aws/sam/build-provided.al2023",
            ),
            (
                "FROM public.ecr.aws/sam/build-go1.x:latest",
                "build-go1.x:latest -> build-provided.al2023:latest",
            ),
            (
                "FROM public.ecr.aws/sam/build-provided.al2",
                "build-provided.al2 -> build-provided.al2023",
            ),
        ] {
            assert_eq!(
                found(line),
                [(MentionForm::Image, expected.to_owned())],
                "{line}"
            );
        }
        for line in [
            "FROM public.ecr.aws/lambda/provided",
            "FROM public.ecr.aws/lambda/provided:latest",
            "FROM public.ecr.aws/lambda/provided:${TAG}",
            "FROM public.ecr.aws/lambda/provided@sha256:0123",
        ] {
            assert_eq!(found(line)[0].0, MentionForm::UnknownImage, "{line}");
        }
    }

    #[test]
    fn new_images_and_other_paths_are_not_old() {
        for line in [
            "FROM public.ecr.aws/lambda/provided:al2023",
            "FROM public.ecr.aws/lambda/provided:al2023.2024.01.01.00-arm64",
            "FROM public.ecr.aws/sam/build-provided.al2023:latest",
            "FROM lambci/lambda:build-python3.8",
            "github.com/aws/aws-lambda-go v1.54.0",
            "go build ./lambda/go/main.go && zip lambda/go.zip",
            "cd cmd/lambda/go; make",
        ] {
            assert!(found(line).is_empty(), "{line}");
        }
    }
}
