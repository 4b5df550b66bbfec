// Prints what Go's archive/zip sees in a zip: one line for each file.
package main

import (
	"archive/zip"
	"fmt"
	"io"
	"os"
	"time"
)

func main() {
	reader, err := zip.OpenReader(os.Args[1])
	if err != nil {
		panic(err)
	}
	for _, file := range reader.File {
		content, err := file.Open()
		if err != nil {
			panic(err)
		}
		// Reading to the end compares the checksum.
		if _, err := io.Copy(io.Discard, content); err != nil {
			panic(err)
		}
		fmt.Println(file.Name, file.Mode(), file.Modified.Format(time.DateOnly))
	}
}
