package pdf

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestText(t *testing.T) {
	text := "DRAFT – § 1746, Größe, numéro\n\n" + strings.Repeat("word ", 60) + "\n" + strings.Repeat("x", 300) + "\n\tindented \U0001F600 \x1b[2J\n" + strings.Repeat("line\n", 150) + "the end"
	var one, two bytes.Buffer
	at := time.Date(2026, 3, 9, 8, 0, 0, 0, time.UTC)
	require.NoError(t, Text(&one, "a draft", "en", text, at))
	require.NoError(t, Text(&two, "a draft", "en", text, at))
	assert.True(t, bytes.Equal(one.Bytes(), two.Bytes()))
	name := filepath.Join(t.TempDir(), "a.pdf")
	require.NoError(t, os.WriteFile(name, one.Bytes(), 0o666))
	if _, err := exec.LookPath("pdftotext"); err != nil {
		t.Skip("no pdftotext here")
	}
	out, err := exec.Command("pdftotext", "-layout", name, "-").Output()
	require.NoError(t, err)
	for _, says := range []string{"DRAFT – § 1746, Größe, numéro", "[U+1F600]", "[U+001B]", "the end", "a draft · 3"} {
		assert.Contains(t, strings.Join(strings.Fields(string(out)), " "), says)
	}
	assert.Equal(t, 300, strings.Count(string(out), "x"), "nothing is cut off")
	require.NoError(t, Text(&bytes.Buffer{}, "", "", "", at))
}
