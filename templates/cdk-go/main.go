// The functions, for AWS CDK in Go. Made by `cargo lambdapack init cdk-go`, and yours from
// now on.
//
// cdk.json has cargo lambdapack build the functions before this runs. Here their zips are
// looked up in what the build left, and handed over as they are: CDK copies a zip byte for
// byte, so the function's CodeSha256 is the hash that cargo lambdapack prints.
package main

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"sort"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// settings is what Lambda gives a function.
type settings struct {
	// architecture is what it is built for; `arch` in the configuration of cargo lambdapack
	// says the same.
	architecture string
	// memoryMB decides on CPU, too: 1769 MB is one core.
	memoryMB float64
	seconds  float64
	// variables are its environment.
	variables map[string]string
}

// functions are the functions by name. A new one needs an entry here.
var functions = map[string]settings{
//@ each function
	"__NAME__": {
		architecture: "__ARCH__",
		memoryMB:     128,
		seconds:      3,
	},
//@ end
}

// results is where cargo lambdapack leaves zips, seen from this folder, in which CDK runs.
const results = "../__RESULTS__"

// manifest is what cargo lambdapack leaves in manifest.json, as far as it is used here.
type manifest struct {
	Functions map[string]struct {
		Runtime string `json:"runtime"`
		Handler string `json:"handler"`
		Archs   map[string]struct {
			Zip        string `json:"zip"`
			CodeSha256 string `json:"code_sha256"`
		} `json:"archs"`
	} `json:"functions"`
}

func readManifest() (manifest, error) {
	var read manifest
	text, err := os.ReadFile(filepath.Join(results, "manifest.json"))
	if err != nil {
		return read, fmt.Errorf("run `cargo lambdapack` first: %w", err)
	}
	return read, json.Unmarshal(text, &read)
}

// add adds a function, whose zip has to be the one that was built and checked.
func add(stack awscdk.Stack, built manifest, name string, given settings) error {
	entry := built.Functions[name]
	packed, ok := entry.Archs[given.architecture]
	if !ok {
		return fmt.Errorf("%s is not packed for %s: run `cargo lambdapack` first", name, given.architecture)
	}
	zip := filepath.Join(results, packed.Zip)
	content, err := os.ReadFile(zip)
	if err != nil {
		return err
	}
	hash := sha256.Sum256(content)
	if base64.StdEncoding.EncodeToString(hash[:]) != packed.CodeSha256 {
		return fmt.Errorf("%s is not the one of the manifest: run `cargo lambdapack` again", zip)
	}
	variables := map[string]*string{}
	for key, value := range given.variables {
		variables[key] = jsii.String(value)
	}
	// A scope of its own, so that no function's parts are called like another function.
	scope := constructs.NewConstruct(stack, jsii.String(name))
	made := awslambda.NewFunction(scope, jsii.String("Function"), &awslambda.FunctionProps{
		Runtime:      awslambda.NewRuntime(jsii.String(entry.Runtime), awslambda.RuntimeFamily_OTHER, nil),
		Handler:      jsii.String(entry.Handler),
		Code:         awslambda.Code_FromAsset(jsii.String(zip), nil),
		Architecture: awslambda.Architecture_Custom(jsii.String(given.architecture), nil),
		MemorySize:   jsii.Number(given.memoryMB),
		Timeout:      awscdk.Duration_Seconds(jsii.Number(given.seconds)),
		Environment:  &variables,
		// A log with an end; Lambda's own would have none.
		LogGroup: awslogs.NewLogGroup(scope, jsii.String("Log"), &awslogs.LogGroupProps{
			Retention: awslogs.RetentionDays_ONE_MONTH,
		}),
	})
	awscdk.NewCfnOutput(scope, jsii.String("Arn"), &awscdk.CfnOutputProps{Value: made.FunctionArn()})
	return nil
}

func main() {
	defer jsii.Close()
	built, err := readManifest()
	if err != nil {
		log.Fatal(err)
	}
	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("Functions"), nil)
	names := make([]string, 0, len(functions))
	for name := range functions {
		names = append(names, name)
	}
	// A map has no order, and the template should be the same every time.
	sort.Strings(names)
	for _, name := range names {
		if err := add(stack, built, name, functions[name]); err != nil {
			log.Fatal(err)
		}
	}
	app.Synth(nil)
}
