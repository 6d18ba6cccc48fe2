package main

import (
	"context"
	"io/fs"

	"onrecord/pkg/verify"
)

func verifyLoose(ctx context.Context, e *env, fsys fs.FS, args []string) (*verify.Report, error) {
	return nil, usage("not yet")
}
