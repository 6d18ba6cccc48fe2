package pdf

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/digest"
	"onrecord/pkg/dossier"
	"onrecord/pkg/dossier/words"
	"onrecord/pkg/pdfa/rules"
)

// Every document is PDF/A-3u as far as rules of our own and a validator of others tell; veraPDF says so in make conformance.
func TestEveryDocumentIsForArchives(t *testing.T) {
	api.DisableConfigDir()
	check := func(t *testing.T, doc []byte) {
		assert.Empty(t, rules.Check(doc))
		assert.NoError(t, api.Validate(bytes.NewReader(doc), nil))
	}
	for name, build := range dossiers() {
		t.Run(name, func(t *testing.T) {
			files, _ := render(t, build(), volumePages)
			doc, err := os.ReadFile(files[0])
			require.NoError(t, err)
			check(t, doc)
		})
	}
	t.Run("volumes", func(t *testing.T) {
		files, _ := renderWith(t, sample(), holding(sample(), 1<<20), 6)
		for _, f := range files {
			doc, err := os.ReadFile(f)
			require.NoError(t, err)
			check(t, doc)
		}
	})
	t.Run("text", func(t *testing.T) {
		var out bytes.Buffer
		require.NoError(t, Text(&out, "a report", "de", "Prüfbericht\n\x07\ufeff\U0001F600\n", time.Unix(0, 0)))
		check(t, out.Bytes())
	})
}

// held is a directory with the facts and a file of its size for each exhibit.
func held(d *dossier.Dossier) fstest.MapFS {
	files := fstest.MapFS{factsFile: {Data: bytes.Repeat([]byte("facts\n"), 100)}}
	for r, err := range d.Messages {
		if err == nil {
			files[r.File] = &fstest.MapFile{Data: bytes.Repeat([]byte{byte('a' + r.Exhibit)}, int(r.Size))}
		}
	}
	return files
}

func holding(d *dossier.Dossier, embed int64) Options {
	o, files := sampleOptions, held(d)
	o.Embed = embed
	o.Open = func(file string) (io.ReadCloser, error) { return files.Open(file) }
	return o
}

func TestEmbeddedFiles(t *testing.T) {
	tool(t, "pdfdetach")
	d := sample()
	files := held(d)
	var size []int64
	for i := range d.Count {
		info, err := fs.Stat(files, fmt.Sprintf("data/messages/%04d.eml", i+1))
		require.NoError(t, err)
		size = append(size, info.Size())
	}
	require.Equal(t, 7, len(size))
	for name, c := range map[string]struct {
		limit int64
		facts bool
		first int // so many exhibits at least
		says  string
	}{
		"all":   {1 << 40, true, 7, "The files of 7 messages are embedded"},
		"none":  {0, false, 0, "The files of the messages are not embedded"},
		"some":  {600 + size[0] + size[1], true, 2, " out of 7 messages are embedded"},
		"facts": {600, true, 0, "The files of the messages are not embedded"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, limit := range []int{volumePages, 6} {
				volumes, stats := renderWith(t, sample(), holding(d, c.limit), limit)
				dir := t.TempDir()
				output(t, "pdfdetach", "-saveall", "-o", dir, volumes[0])
				_, err := os.Stat(filepath.Join(dir, factsFile))
				assert.Equal(t, c.facts, err == nil)
				entries, err := os.ReadDir(dir)
				require.NoError(t, err)
				var sum int64
				for _, e := range entries {
					got, err := os.ReadFile(filepath.Join(dir, e.Name()))
					require.NoError(t, err)
					where := "data/messages/" + e.Name()
					if e.Name() == factsFile {
						where = factsFile
					}
					assert.Equal(t, string(files[where].Data), string(got))
					sum += int64(len(got))
				}
				assert.LessOrEqual(t, sum, c.limit)
				for i := range c.first {
					assert.FileExists(t, filepath.Join(dir, fmt.Sprintf("%04d.eml", i+1)))
				}
				var all strings.Builder
				for i, v := range volumes {
					all.WriteString(textOf(t, v))
					if i > 0 {
						assert.Contains(t, output(t, "pdfdetach", "-list", v), "0 embedded files")
					}
				}
				holds(t, all.String(), c.says)
				sha, _, err := digest.OfReader(bytes.NewReader(files[factsFile].Data))
				require.NoError(t, err)
				assert.True(t, strings.Contains(strings.ReplaceAll(all.String(), " ", ""), "dossier.json"+sha.String()), "its digest, embedded or not")
				assert.Equal(t, c.limit > 0 && stats.Volumes > 1, strings.Contains(all.String(), "They lie in the first volume."))
			}
		})
	}
}

// A file that is gone is left out, one that cannot be read is an error.
func TestFilesThatAreNotThere(t *testing.T) {
	d := sample()
	files := held(d)
	delete(files, factsFile)
	delete(files, "data/messages/0003.eml")
	o := sampleOptions
	o.Embed = 1 << 20
	o.Open = func(file string) (io.ReadCloser, error) { return files.Open(file) }
	var s shelf
	_, err := Write(s.create, d, o)
	require.NoError(t, err)
	assert.Empty(t, rules.Check(s.volumes[0].Bytes()))
	assert.Equal(t, 6, bytes.Count(s.volumes[0].Bytes(), []byte("/Type /Filespec")))
	o.Open = func(string) (io.ReadCloser, error) { return nil, fs.ErrPermission }
	_, err = Write(new(shelf).create, sample(), o)
	assert.ErrorIs(t, err, fs.ErrPermission)
}

func TestEmbeddedFilesAreToldInEveryLanguage(t *testing.T) {
	tool(t, "pdftotext")
	for lang, says := range map[string]string{"en": "out of 7 messages are embedded", "fr": "sur 7 messages sont incorporés", "de": "der 7 Nachrichten sind eingebettet", "es": "de 7 mensajes están incrustados"} {
		d := sample()
		d.Options.Lang = lang
		files, _ := renderWith(t, d, holding(d, 600+int64(len(held(d)["data/messages/0001.eml"].Data))), volumePages)
		holds(t, textOf(t, files[0]), says)
	}
	assert.Len(t, words.Languages(), 4)
}

func TestParseEmbed(t *testing.T) {
	for in, want := range map[string]int64{"none": 0, "20 MB": 20e6, "20MB": 20e6, "5": 5e6, "0": 0, "all": 1<<63 - 1} {
		got, err := ParseEmbed(in)
		assert.NoError(t, err)
		assert.Equal(t, want, got, in)
	}
	for _, bad := range []string{"", "some", "-1", "1.5 MB", "20 GB", "9999999999999"} {
		_, err := ParseEmbed(bad)
		assert.Error(t, err, bad)
	}
}
