package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/handrail-db/handrail/verify"
)

// create writes new files, all of them or none, and none over one that is there.
func create(files []verify.Draft) (err error) {
	var made []string
	defer func() {
		if err == nil {
			return
		}
		for _, name := range slices.Backward(made) {
			err = errors.Join(err, os.Remove(name))
		}
	}()
	for _, f := range files {
		name := filepath.FromSlash(f.File)
		if err := reserve(name); err != nil {
			return err
		}
		made = append(made, name)
		if err := replace(name, f.Text); err != nil {
			return err
		}
	}
	return nil
}

// reserve makes an empty file where none is, so that nobody else's is replaced.
func reserve(name string) error {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o666)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is there already: nothing is written", name)
	}
	if err != nil {
		return err
	}
	return f.Close()
}
