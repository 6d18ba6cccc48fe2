package mbox_test

import (
	"crypto/sha256"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"onrecord/pkg/corpora"
	"onrecord/pkg/mbox"
)

// benchFile gives about 100 MB of real list mail, or, where the corpora are not, of generated mail.
func benchFile(b *testing.B) (file *os.File, size int64) {
	var one []byte
	if os.Getenv("ONRECORD_SHARED") != "" {
		names, err := filepath.Glob(filepath.Join(corpora.Dir(b, "lists"), "*.mbox"))
		require.NoError(b, err)
		require.NotEmpty(b, names)
		one, err = os.ReadFile(names[0])
		require.NoError(b, err)
	} else {
		one = append(one, "From a@sender.example Mon Jan  5 10:00:00 2026\nFrom: a@sender.example\nSubject: generated\n\n"...)
		for range 150 {
			one = append(one, "A line of text that is as long as the lines of mail are, more or less.\n"...)
		}
		one = append(one, '\n')
	}
	file, err := os.CreateTemp(b.TempDir(), "bench")
	require.NoError(b, err)
	b.Cleanup(func() { file.Close() })
	for size < 100<<20 {
		n, err := file.Write(one)
		require.NoError(b, err)
		size += int64(n)
	}
	one = nil
	runtime.GC() // so that the heap is as small as it is in a program that only streams
	b.SetBytes(size)
	return file, size
}

// One core, one digest a message: to be compared with BenchmarkHash and with "openssl dgst -sha256" on the same file.
func BenchmarkSplitHash(b *testing.B) {
	file, size := benchFile(b)
	for b.Loop() {
		for p, err := range mbox.Split(file, size, mbox.MboxRD, mbox.Options{Reuse: true}) {
			require.NoError(b, err)
			sha256.Sum256(p.Raw)
		}
	}
}

func BenchmarkHash(b *testing.B) {
	file, size := benchFile(b)
	h := sha256.New()
	for b.Loop() {
		_, err := io.CopyBuffer(h, struct{ io.Reader }{io.NewSectionReader(file, 0, size)}, make([]byte, 256<<10))
		require.NoError(b, err)
	}
}

func BenchmarkSplit(b *testing.B) {
	file, size := benchFile(b)
	for b.Loop() {
		for _, err := range mbox.Split(file, size, mbox.MboxRD, mbox.Options{}) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
}

func BenchmarkDetect(b *testing.B) {
	file, size := benchFile(b)
	for b.Loop() {
		_, err := mbox.Detect(file, size)
		require.NoError(b, err)
	}
}
