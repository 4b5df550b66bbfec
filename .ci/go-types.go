// Reports type errors in Go packages without compiling what they import.
//
//	go run .ci/go-types.go FOLDER...
//
// `go vet` of an app for AWS CDK compiles all of CDK first, which takes minutes and more
// memory than a small machine has. The app itself only needs the declarations of the few
// packages that it names: those are read from source, and what they in turn import stands
// empty. A value of a type from there fits everywhere, so that no error is invented; an error
// that needs one of them is not seen.
package main

import (
	"fmt"
	"go/ast"
	"go/build"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strconv"
	"strings"
)

// declarations imports packages: named ones from their folders, the standard library, and
// all others empty.
type declarations struct {
	files    *token.FileSet
	folders  map[string]string
	known    map[string]*types.Package
	standard types.Importer
}

func isStandard(name string) bool {
	first, _, _ := strings.Cut(name, "/")
	return !strings.Contains(first, ".")
}

// Import is what types.Config asks for.
func (d *declarations) Import(name string) (*types.Package, error) {
	if isStandard(name) {
		return d.standard.Import(name)
	}
	if known := d.known[name]; known != nil {
		return known, nil
	}
	folder, named := d.folders[name]
	if !named {
		empty := types.NewPackage(name, path.Base(name))
		empty.MarkComplete()
		d.known[name] = empty
		return empty, nil
	}
	files, err := d.parse(folder)
	if err != nil {
		return nil, err
	}
	// Its errors are those of the empty packages behind it.
	config := types.Config{Importer: d, IgnoreFuncBodies: true, Error: func(error) {}}
	made, _ := config.Check(name, d.files, files, nil)
	d.known[name] = made
	return made, nil
}

func (d *declarations) parse(folder string) ([]*ast.File, error) {
	found, err := build.ImportDir(folder, 0)
	if err != nil {
		return nil, err
	}
	var files []*ast.File
	for _, name := range found.GoFiles {
		file, err := parser.ParseFile(d.files, filepath.Join(folder, name), nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	return files, nil
}

// find asks go where the packages are that the files of a folder name.
func (d *declarations) find(folder string, files []*ast.File) error {
	for _, file := range files {
		for _, one := range file.Imports {
			name, err := strconv.Unquote(one.Path.Value)
			if err != nil {
				return err
			}
			if isStandard(name) || d.folders[name] != "" {
				continue
			}
			list := exec.Command("go", "list", "-mod=readonly", "-find", "-f", "{{.Dir}}", name)
			list.Dir, list.Stderr = folder, os.Stderr
			found, err := list.Output()
			if err != nil {
				return fmt.Errorf("%s: %s: %w", folder, name, err)
			}
			d.folders[name] = strings.TrimSpace(string(found))
		}
	}
	return nil
}

func main() {
	files := token.NewFileSet()
	read := &declarations{
		files:    files,
		folders:  map[string]string{},
		known:    map[string]*types.Package{},
		standard: importer.ForCompiler(files, "source", nil),
	}
	wrong := len(os.Args) < 2
	for _, folder := range os.Args[1:] {
		parsed, err := read.parse(folder)
		if err == nil {
			err = read.find(folder, parsed)
		}
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		config := types.Config{Importer: read, Error: func(err error) {
			wrong = true
			fmt.Println(err)
		}}
		// Each error has been told above.
		_, _ = config.Check(folder, files, parsed, nil)
	}
	if wrong {
		os.Exit(1)
	}
}
