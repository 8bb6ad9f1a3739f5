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

// create writes new files, all of them or none. A file that is there is an error.
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

// reserve makes an empty file. A file that is there is an error: so create does not
// replace what somebody else has written meanwhile.
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

// replace writes a file as a whole or not at all, over one that is there too. The mode
// stays, and a link stays a link.
func replace(file string, text []byte) (err error) {
	if target, err := filepath.EvalSymlinks(file); err == nil {
		file = target
	}
	mode := fs.FileMode(0o644)
	if info, err := os.Stat(file); err == nil {
		mode = info.Mode().Perm()
	}
	f, err := os.CreateTemp(filepath.Dir(file), "."+filepath.Base(file)+"-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	_, err = f.Write(text)
	if err := errors.Join(err, f.Chmod(mode), f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), file)
}

// tryFolder says why [replace] cannot write a file: it makes one beside it, and takes it
// away.
func tryFolder(file string) error {
	target := file
	if path, err := filepath.EvalSymlinks(file); err == nil {
		target = path
	}
	f, err := os.CreateTemp(filepath.Dir(target), "."+filepath.Base(target)+"-*")
	var denied *fs.PathError
	if errors.As(err, &denied) {
		return fmt.Errorf("open %s: %w", file, denied.Err) // a name made up for this says nothing
	}
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// sameFile reports whether two names are of one file, there or not.
func sameFile(a, b string) bool {
	infoA, errA := os.Stat(a)
	infoB, errB := os.Stat(b)
	if errA == nil && errB == nil {
		return os.SameFile(infoA, infoB)
	}
	return errA != nil && errB != nil && resolved(a) == resolved(b)
}

// resolved is the path of a file that is not there, with links followed.
func resolved(file string) string {
	path, err := filepath.Abs(file)
	if err != nil {
		return filepath.Clean(file)
	}
	if target, err := os.Readlink(path); err == nil {
		if !filepath.IsAbs(target) {
			target = filepath.Join(filepath.Dir(path), target)
		}
		path = target
	}
	if folder, err := filepath.EvalSymlinks(filepath.Dir(path)); err == nil {
		return filepath.Join(folder, filepath.Base(path))
	}
	return path
}
