# What the Makefile does, for Windows: .\build.ps1 [build|test|check|verify|deploy|clean]
# Made by `cargo lambdapack init makefile`, and yours from now on.
param(
    [ValidateSet("build", "test", "check", "verify", "deploy", "clean")]
    [string] $Goal = "build",
    # On AWS the functions are called so and their name: -Stage prod-
    [string] $Stage = ""
)

Set-StrictMode -Version Latest
$ErrorActionPreference = "Stop"
Set-Location $PSScriptRoot

$Results = "__RESULTS__"

# The functions and their zips. A new function needs a line here.
$Zips = [ordered]@{
#@ each function
    "__NAME__" = "$Results/__ZIP__"
#@ end
}

# Programs tell failure by their exit code, which PowerShell does not look at.
function Invoke-Step([string] $Program, [string[]] $Words) {
    & $Program @Words
    if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
}

function Build { Invoke-Step cargo @("lambdapack") }
function Check { Build; Invoke-Step cargo (@("lambdapack", "check") + @($Zips.Values)) }

switch ($Goal) {
    "build" { Build }
    "test" {
#@ each unit
        Invoke-Step __PROGRAM__ "__WORDS__".Split(" ")
#@ end
    }
    "check" { Check }
    "verify" { Build; Invoke-Step cargo (@("lambdapack", "verify") + @($Zips.Values)) }
    "deploy" {
        Check
        foreach ($Name in $Zips.Keys) {
            Invoke-Step cargo @("lambdapack", "deploy", $Zips[$Name], "--function", "$Stage$Name")
        }
    }
    "clean" { if (Test-Path $Results) { Remove-Item -Recurse -Force $Results } }
}
