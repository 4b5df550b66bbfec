//@ if go
// Excludes this folder from the Go module around it, because go cannot read .go files in
// node_modules (https://github.com/aws/aws-cdk/issues/13971).
module cdk

go 1.22
//@ end
