package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/handrail-db/handrail/verify"
	"github.com/handrail-db/handrail/verify/history"
)

// since is the state that a subject had where HEAD left a commit, a branch or a tag: that
// of their merge base. The caller calls closed when that state has been read.
func since(ctx context.Context, s history.Subject, ref string) (_ *verify.Since, closed func() error, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("--since %s: %w", shellWord(ref), err)
		}
	}()
	if strings.HasPrefix(ref, "-") {
		return nil, nil, errors.New("the name of a branch, a tag or a commit cannot begin with -")
	}
	r, err := repositoryOf(ctx, filepath.FromSlash(s.Dir))
	if err != nil {
		return nil, nil, err
	}
	base, err := r.mergeBase(ctx, ref)
	if err != nil {
		return nil, nil, err
	}
	folder, err := r.folder(ctx, base, ref)
	if err != nil {
		return nil, nil, err
	}
	if folder == nil { // it was not there
		return &verify.Since{Ref: ref}, func() error { return nil }, nil
	}
	published, err := s.At(folder)
	if err != nil {
		return nil, nil, errors.Join(err, folder.Close())
	}
	return &verify.Since{Ref: ref, Published: published}, folder.Close, nil
}
