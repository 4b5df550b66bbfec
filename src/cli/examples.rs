//! The examples at the start of each help page.
//!
//! They fit into 80 columns, which a test checks, because wrapped examples are hard to read.

pub(super) const ALL: &str = "Examples:
  cargo lambdapack --arch arm64         build and package every function
  cargo lambdapack --bin orders         only this function
  cargo lambdapack services/            the functions in a folder
  cargo lambdapack list                 print the functions
  cargo lambdapack doctor --arch arm64  find missing tools
  cargo lambdapack pack -o a.zip main   package a prebuilt program
  cargo lambdapack collect parts/*      join the results of several machines
  cargo lambdapack check orders.zip     check whether Lambda would run a zip
  cargo lambdapack verify               rebuild and compare the bytes
  cargo lambdapack watch                serve functions here while you edit them
  cargo lambdapack invoke orders        invoke a packaged function here
  cargo lambdapack coldstart orders     measure its cold starts
  cargo lambdapack report orders.log    summarize a Lambda log
  cargo lambdapack deploy orders --function orders-prod
  cargo lambdapack new mail --lang go   create a function
  cargo lambdapack init terraform sam   generate deployment files
  cargo lambdapack migrate              leave go1.x and provided.al2";

pub(super) const BUILD: &str = "Examples:
  cargo lambdapack build                          every function
  cargo lambdapack build --arch arm64 --bin orders
  cargo lambdapack build --partition slice:1/4    the first of four parts
  cargo lambdapack build services/ -- --verbose   pass arguments to the compiler
  cargo lambdapack build --include 'assets/**' --print hash";

pub(super) const LIST: &str = "Examples:
  cargo lambdapack list
  cargo lambdapack list services/ --message-format json";

pub(super) const DOCTOR: &str = "Examples:
  cargo lambdapack doctor
  cargo lambdapack doctor --arch arm64 --linker zig";

pub(super) const PACK: &str = "Examples:
  cargo lambdapack pack main                          writes main.zip
  cargo lambdapack pack -o orders.zip main config.json
  cargo lambdapack pack main --include assets=static --print hash";

pub(super) const COLLECT: &str = "Examples:
  cargo lambdapack collect parts/*                    into target/lambdapack
  cargo lambdapack collect parts/1 parts/2 --out-dir dist";

pub(super) const CHECK: &str = "Examples:
  cargo lambdapack check orders.zip
  cargo lambdapack check target/lambdapack/arm64/*.zip --message-format json";

pub(super) const VERIFY: &str = "Examples:
  cargo lambdapack verify
  cargo lambdapack verify target/lambdapack/arm64/orders.zip";

pub(super) const INVOKE: &str = "Examples:
  cargo lambdapack invoke orders -d '{\"id\": 1}'
  cargo lambdapack invoke orders --event sqs -e TABLE=orders
  cargo lambdapack invoke orders.zip -d @event.json --times 3
  cargo lambdapack invoke --function orders-prod --qualifier live
  cargo lambdapack invoke --event sqs --print-event > event.json";

pub(super) const WATCH: &str = "Examples:
  cargo lambdapack watch
  cargo lambdapack watch services/ --port 0
  cargo lambdapack watch --bin orders -e TABLE=orders --pass-env 'AWS_*'
  cargo lambdapack watch --message-format json > events.jsonl";

pub(super) const COLDSTART: &str = "Examples:
  cargo lambdapack coldstart orders
  cargo lambdapack coldstart before.zip after.zip --svg cold-starts.svg
  cargo lambdapack coldstart orders --json baseline.json
  cargo lambdapack coldstart orders --baseline baseline.json --max-ratio 1.5
  cargo lambdapack coldstart --function orders-prod --memory 128,1024";

pub(super) const REPORT: &str = "Examples:
  aws logs tail /aws/lambda/orders --since 1d | cargo lambdapack report
  cargo lambdapack report x86.log --arch x86_64 --csv x86.csv --columns full
  cargo lambdapack report x86.csv arm.csv --svg cold-starts.svg";

pub(super) const DEPLOY: &str = "Examples:
  cargo lambdapack deploy orders --function orders-prod
  cargo lambdapack deploy orders --function orders-prod --alias live
  cargo lambdapack deploy orders.zip --function orders-prod --dry-run
  cargo lambdapack deploy --all --map 'prod-{name}'
  cargo lambdapack deploy --rollback --alias live --function orders-prod";

pub(super) const INIT: &str = "Examples:
  cargo lambdapack init terraform github
  cargo lambdapack init sam services/ --arch arm64
  cargo lambdapack init makefile --stdout  print the file";

pub(super) const NEW: &str = "Examples:
  cargo lambdapack new orders --lang rust
  cargo lambdapack new mail --lang go --event sqs
  cargo lambdapack new shop --lang rust --event http    a web service with axum
  cargo lambdapack new counter --lang go --extension";

pub(super) const MIGRATE: &str = "Examples:
  cargo lambdapack migrate                   print the changes as a diff
  cargo lambdapack migrate infra --write     write them
  cargo lambdapack migrate template.yaml --arch arm64";

pub(super) const COMPLETIONS: &str = "Examples:
  cargo lambdapack completions bash >> ~/.bashrc
  cargo lambdapack completions zsh > ~/.zfunc/_cargo-lambdapack
  cargo lambdapack completions fish > cargo-lambdapack.fish";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Cli;

    /// The words of a line as a shell splits them. Text after two spaces is a comment.
    fn words(line: &str) -> Vec<String> {
        let line = line.trim_start().split("  ").next().unwrap();
        let mut words = Vec::new();
        for (place, part) in line.split('\'').enumerate() {
            match place % 2 {
                0 => words.extend(part.split_whitespace().map(str::to_owned)),
                _ => words.push(part.to_owned()),
            }
        }
        words
    }

    #[test]
    fn examples_parse() {
        let commands = crate::cli::command();
        let helps: Vec<_> = { commands.get_subcommands() }
            .chain([&commands])
            .filter(|command| command.get_name() != "help")
            .map(|command| command.get_before_help().unwrap().to_string())
            .collect();
        assert!(helps.contains(&ALL.to_owned()));
        for help in helps {
            let lines: Vec<_> = help.lines().skip(1).collect();
            assert!(lines.len() >= 2, "{help}");
            for line in lines {
                let line = line.split(" | ").last().unwrap();
                let line = line.split(" > ").next().unwrap();
                let line = line.split(" >> ").next().unwrap();
                let words = words(line);
                assert_eq!(words[..2], ["cargo", "lambdapack"], "{line}");
                let words = words.into_iter().skip(1).map(Into::into);
                if let Err(error) = Cli::parse_args(words) {
                    panic!("{line}: {error}");
                }
            }
        }
    }
}
