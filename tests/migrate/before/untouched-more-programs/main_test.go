package main

var expected = function{Runtime: "go1.x"}
