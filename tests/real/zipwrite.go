// Makes zips as programs in Go do: `zipwrite plain|header OUT FILE`.
package main

import (
	"archive/zip"
	"io"
	"os"
)

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func main() {
	content, err := os.ReadFile(os.Args[3])
	check(err)
	file, err := os.Create(os.Args[2])
	check(err)
	writer := zip.NewWriter(file)
	var entry io.Writer
	if os.Args[1] == "plain" {
		entry, err = writer.Create("bootstrap")
	} else {
		header := &zip.FileHeader{Name: "bootstrap", Method: zip.Deflate}
		header.SetMode(0o755)
		entry, err = writer.CreateHeader(header)
	}
	check(err)
	_, err = entry.Write(content)
	check(err)
	check(writer.Close())
	check(file.Close())
}
