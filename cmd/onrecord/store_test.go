package main

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"onrecord/pkg/seal"
)

// Short builds end before a goroutine that was just started has run: each of them must still find its files in their places.
func TestFilesArePlacedHoweverShortTheBuild(t *testing.T) {
	dir := t.TempDir()
	for range 50 {
		bag, err := seal.Create(filepath.Join(dir, "out"), true)
		require.NoError(t, err)
		store, err := newBagStore(bag, true, context.Background().Err)
		require.NoError(t, err)
		require.NoError(t, store.AddMessage(0, strings.NewReader("Subject: one\n\nbody\n")))
		name, _, err := store.Place(0, 1, 1)
		require.NoError(t, err)
		require.NoError(t, store.finish())
		require.FileExists(t, filepath.Join(bag.Dir(), filepath.FromSlash(name)))
		store.close()
		bag.Abort()
	}
}
