#!/usr/bin/env python3
"""Writes what package managers want to know of a release: Homebrew, Scoop, winget.

    release/manifests.py OWNER/REPOSITORY VERSION ARCHIVES OUT

In: the folder with the archives of a release, whose checksums are taken from the archives
themselves. Out: Formula/cargo-lambdapack.rb, scoop/cargo-lambdapack.json and winget/*.yaml.
Absent: sending them anywhere. Nothing but Python's own library is needed.
"""

import hashlib
import json
import re
import sys
from pathlib import Path

NAME = "cargo-lambdapack"
ABOUT = "Packs Rust and Go functions for AWS Lambda"
LICENSE = "MIT OR Apache-2.0"
TARGETS = {
    "macos arm": "aarch64-apple-darwin.tar.gz",
    "macos intel": "x86_64-apple-darwin.tar.gz",
    "linux arm": "aarch64-unknown-linux-musl.tar.gz",
    "linux intel": "x86_64-unknown-linux-musl.tar.gz",
    "windows": "x86_64-pc-windows-msvc.zip",
}

# Installers of people without cargo: the second name is a link.
FORMULA = """\
class CargoLambdapack < Formula
  desc "{about}"
  homepage "https://github.com/{repository}"
  version "{version}"
  license any_of: ["MIT", "Apache-2.0"]

  on_macos do
    on_arm do
      url "{url[macos arm]}"
      sha256 "{sha256[macos arm]}"
    end
    on_intel do
      url "{url[macos intel]}"
      sha256 "{sha256[macos intel]}"
    end
  end

  on_linux do
    on_arm do
      url "{url[linux arm]}"
      sha256 "{sha256[linux arm]}"
    end
    on_intel do
      url "{url[linux intel]}"
      sha256 "{sha256[linux intel]}"
    end
  end

  def install
    bin.install "cargo-lambdapack"
    bin.install_symlink "cargo-lambdapack" => "lambdapack"
    man1.install Dir["man/*.1"]
    zsh_completion.install "completions/_cargo-lambdapack"
    bash_completion.install "completions/lambdapack.bash" => "cargo-lambdapack"
    bash_completion.install_symlink bash_completion/"cargo-lambdapack" => "lambdapack"
    fish_completion.install "completions/cargo-lambdapack.fish"
    fish_completion.install_symlink fish_completion/"cargo-lambdapack.fish" => "lambdapack.fish"
  end

  test do
    assert_match version.to_s, shell_output("#{{bin}}/lambdapack --version")
  end
end
"""

# Fields: https://github.com/microsoft/winget-cli/tree/master/schemas/JSON/manifests/v1.4.0
WINGET_VERSION = """\
PackageIdentifier: {identifier}
PackageVersion: {version}
DefaultLocale: en-US
ManifestType: version
ManifestVersion: 1.4.0
"""
WINGET_LOCALE = """\
PackageIdentifier: {identifier}
PackageVersion: {version}
PackageLocale: en-US
Publisher: {owner}
PackageName: cargo-lambdapack
PackageUrl: https://github.com/{repository}
License: {license}
ShortDescription: {about}
Moniker: lambdapack
ManifestType: defaultLocale
ManifestVersion: 1.4.0
"""
WINGET_INSTALLER = """\
PackageIdentifier: {identifier}
PackageVersion: {version}
InstallerType: zip
NestedInstallerType: portable
NestedInstallerFiles:
  - RelativeFilePath: {folder}\\cargo-lambdapack.exe
    PortableCommandAlias: lambdapack
Installers:
  - Architecture: x64
    InstallerUrl: {url[windows]}
    InstallerSha256: {upper}
ManifestType: installer
ManifestVersion: 1.4.0
"""


def main(words: list[str]) -> int:
    if len(words) != 4:
        print(__doc__, file=sys.stderr)
        return 2
    repository, version, archives, out = words[0], words[1], Path(words[2]), Path(words[3])
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", repository):
        print(f"error: `{repository}` is not OWNER/REPOSITORY", file=sys.stderr)
        return 2
    if not re.fullmatch(r"\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?", version):
        print(f"error: `{version}` is not a version", file=sys.stderr)
        return 2
    files = {what: f"{NAME}-v{version}-{end}" for what, end in TARGETS.items()}
    missing = [file for file in files.values() if not (archives / file).is_file()]
    if missing:
        for file in missing:
            print(f"error: there is no {archives / file}", file=sys.stderr)
        return 1
    base = f"https://github.com/{repository}/releases/download/v{version}"
    owner = repository.split("/")[0]
    known = {
        "about": ABOUT,
        "folder": f"{NAME}-v{version}-x86_64-pc-windows-msvc",
        "identifier": f"{owner}.{NAME}",
        "license": LICENSE,
        "owner": owner,
        "repository": repository,
        "sha256": {
            what: hashlib.sha256((archives / file).read_bytes()).hexdigest()
            for what, file in files.items()
        },
        "url": {what: f"{base}/{file}" for what, file in files.items()},
        "version": version,
    }
    known["upper"] = known["sha256"]["windows"].upper()
    scoop = {
        "version": version,
        "description": ABOUT,
        "homepage": f"https://github.com/{repository}",
        "license": "MIT|Apache-2.0",
        "architecture": {
            "64bit": {
                "url": known["url"]["windows"],
                "hash": known["sha256"]["windows"],
                "extract_dir": known["folder"],
            }
        },
        "bin": ["cargo-lambdapack.exe", ["cargo-lambdapack.exe", "lambdapack"]],
        "checkver": "github",
        "autoupdate": {
            "architecture": {
                "64bit": {
                    "url": known["url"]["windows"].replace(version, "$version"),
                    "extract_dir": known["folder"].replace(version, "$version"),
                }
            }
        },
    }
    texts = {
        f"Formula/{NAME}.rb": FORMULA.format(**known),
        f"scoop/{NAME}.json": json.dumps(scoop, indent=4) + "\n",
        f"winget/{known['identifier']}.yaml": WINGET_VERSION.format(**known),
        f"winget/{known['identifier']}.locale.en-US.yaml": WINGET_LOCALE.format(**known),
        f"winget/{known['identifier']}.installer.yaml": WINGET_INSTALLER.format(**known),
    }
    for name, text in texts.items():
        file = out / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="\n")
        print(file)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
