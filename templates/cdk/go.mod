//@ if go
// For Go this folder is none of the module around it: node_modules has .go files that go
// cannot read (https://github.com/aws/aws-cdk/issues/13971).
module cdk

go 1.22
//@ end
