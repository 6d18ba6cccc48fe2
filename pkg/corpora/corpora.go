// Package corpora finds, for tests only, the real mail that lies outside this repository (ONRECORD_SHARED); a test that needs it is skipped, and says so, where it is not there.
package corpora

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
)

// Shared returns the folder that ONRECORD_SHARED names, or skips the test with the reason.
func Shared(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("ONRECORD_SHARED")
	if dir == "" {
		t.Skip("ONRECORD_SHARED is not set: the corpora of real mail are not here, this test did not run")
	}
	return dir
}

// Dir returns the folder of one unpacked pack ("lists", "dkim", "fixtures" …). It is unpacked once a machine and user, into the temporary folder.
func Dir(t testing.TB, pack string) string {
	t.Helper()
	archive := filepath.Join(Shared(t), "corpora", pack+".tar.xz")
	info, err := os.Stat(archive)
	if err != nil {
		t.Skipf("no corpus %s: %v", pack, err)
	}
	// The size stands in the name so that a new version of a pack is not mistaken for the old one.
	root := filepath.Join(os.TempDir(), "onrecord-corpora-"+strconv.Itoa(os.Getuid()), pack+"-"+strconv.FormatInt(info.Size(), 10))
	dir := filepath.Join(root, pack)
	if _, err := os.Stat(dir); err == nil {
		return dir
	}
	if err := os.MkdirAll(filepath.Dir(root), 0o700); err != nil {
		t.Fatal(err)
	}
	tmp, err := os.MkdirTemp(filepath.Dir(root), "unpack-")
	if err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("tar", "-xJf", archive, "-C", tmp).CombinedOutput(); err != nil {
		t.Fatalf("unpack %s: %v\n%s(tar and xz-utils are needed: make test installs them)", archive, err, out)
	}
	// Two test processes may unpack at once: the first rename wins, the other's copy is thrown away.
	if err := os.Rename(tmp, root); err != nil {
		os.RemoveAll(tmp)
	}
	if _, err := os.Stat(dir); err != nil {
		t.Fatalf("%s holds no folder %s", archive, pack)
	}
	return dir
}
