package html_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/digest"
	"onrecord/pkg/dossier/html"
)

// real gives the story files: each exhibit, the source and the manifests in a directory, and the page that lists their digests.
func real(t *testing.T) (dir, page string) {
	t.Helper()
	d := story(0)
	records := messages(t, d)
	dir = filepath.Join(t.TempDir(), "press4.dossier")
	put := func(name, text string) string {
		file := filepath.Join(dir, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, []byte(text), 0o644))
		return hex.EncodeToString(sum([]byte(text))) + "  " + name + "\n"
	}
	list := ""
	for i, r := range records {
		head, body := fmt.Sprintf("From: a@stamping.example\nMessage-ID: %s\nSubject: %s\n", r.MessageID, r.Subject), fmt.Sprintf("Message %d, grüße.\n\nEnd of it.\n", i+1)
		raw := head + "\n" + body
		r.Digests.Message, r.Digests.Raw = digest.Of([]byte(raw)), digest.Of([]byte(raw))
		r.Digests.Canonical = digest.Of([]byte(strings.ReplaceAll(raw, "\n", "\r\n")))
		r.Digests.Header, r.Digests.Body = digest.Of([]byte(head)), digest.Of([]byte(body))
		list += put(r.File, raw)
	}
	evidence := "sha256:" + hex.EncodeToString(sum([]byte(list)))
	d.Sources[0].SHA256 = digest.Of([]byte("the whole export"))
	manifest := list + put("data/sources/press4.mbox", "the whole export")
	var b bytes.Buffer
	require.NoError(t, html.Write(&b, d, html.Options{EvidenceDigest: evidence}))
	tags := put("manifest-sha256.txt", manifest) + put("dossier.json", "{}") + put("bagit.txt", "BagIt-Version: 1.0\n")
	put("tagmanifest-sha256.txt", tags)
	return dir, b.String()
}

func sum(b []byte) []byte { s := sha256.Sum256(b); return s[:] }

// checked hands files to the page and gives the sentence, and the result for each file by its name.
func (b *tab) checked(hand func()) (says string, results map[string]string, notes []string) {
	b.t.Helper()
	ask[bool](b, `(delete document.getElementById("check").dataset.state, true)`)
	hand()
	b.until(`document.getElementById("check").dataset.state === "done"`)
	results = map[string]string{}
	for _, r := range ask[[][2]string](b, `[...document.querySelectorAll("#check-result tbody tr")].map((r) => [r.cells[0].textContent.split("/").pop(), r.cells[1].textContent])`) {
		results[r[0]] = r[1]
	}
	notes = ask[[]string](b, `[...document.querySelectorAll("#check-result > p")].map((p) => p.textContent)`)
	return ask[string](b, `document.getElementById("check-says").textContent`), results, notes
}

func (b *tab) choose(files ...string) func() {
	return func() { b.do(chromedp.SetUploadFiles("#pick-files", files)) }
}

// drop lets files fall onto the page, as a hand would.
func (b *tab) drop(files ...string) func() {
	return func() {
		for _, step := range []input.DispatchDragEventType{input.DispatchDragEventTypeDragEnter, input.DispatchDragEventTypeDragOver, input.DispatchDragEventTypeDrop} {
			_, err := chromedp.Call(b.ctx, input.DispatchDragEvent, input.DispatchDragEventParams{Type: step, X: 400, Y: 300, Data: &input.DragData{Items: []*input.DragDataItem{}, Files: files, DragOperationsMask: 1}})
			require.NoError(b.t, err)
		}
	}
}

func TestCheckFilesInChromium(t *testing.T) {
	dir, page := real(t)
	b := browse(t, page, view{})
	at := func(name string) string { return filepath.Join(dir, filepath.FromSlash(name)) }
	loose := func(name, text string) string {
		file := filepath.Join(t.TempDir(), name)
		require.NoError(t, os.WriteFile(file, []byte(text), 0o644))
		return file
	}
	third, err := os.ReadFile(at("data/messages/0003.eml"))
	require.NoError(t, err)

	says, results, notes := b.checked(b.drop(at("data/messages/0003.eml")))
	assert.Equal(t, "1 checked: every one is as this page says.", says)
	assert.Equal(t, map[string]string{"0003.eml": "identical with exhibit 3"}, results)
	assert.Equal(t, []string{"Computed by the browser (WebCrypto)."}, notes)

	for name, c := range map[string]struct{ file, want string }{
		"one byte of the body": {loose("0003.eml", strings.Replace(string(third), "End", "Emd", 1)), "carries the Message-ID of exhibit 3, and is NOT its bytes; the header is the same, the body differs"},
		"another header":       {loose("mail.eml", "X-Added: yes\n"+string(third)), "carries the Message-ID of exhibit 3, and is NOT its bytes; the body is the same, the header differs"},
		"without Message-ID":   {loose("0003.eml", "Subject: x\n\nanother\n"), "NOT the bytes of exhibit 3"},
	} {
		says, results, _ := b.checked(b.drop(c.file))
		assert.Equal(t, "1 checked: 1 NOT as this page says.", says, name)
		assert.Equal(t, map[string]string{filepath.Base(c.file): c.want}, results, name)
		assert.Equal(t, "v bad", ask[string](b, `document.getElementById("check-says").className`))
	}
	for name, c := range map[string]struct{ file, want string }{
		"line endings": {loose("saved.eml", strings.ReplaceAll(string(third), "\n", "\r\n")), "exhibit 3 with other line endings: the same mail, not the same bytes"},
		"a stranger":   {loose("holiday.eml", "Subject: x\n\nsun\n"), "not in this dossier"},
		"another name": {loose("copy of it.eml", string(third)), "identical with exhibit 3"},
		"the source":   {loose("old export", "the whole export"), "identical with the source data/sources/press4.mbox"},
	} {
		_, results, _ := b.checked(b.choose(c.file))
		assert.Equal(t, map[string]string{filepath.Base(c.file): c.want}, results, name)
	}

	// The whole folder.
	folder := func() { b.do(chromedp.SetUploadFiles("#pick-folder", []string{dir})) }
	says, results, notes = b.checked(folder)
	assert.Equal(t, "13 checked: 12 as this page says, 1 not part of its evidence.", says) // the tag manifest is in no list
	assert.Equal(t, "All exhibits are there and give the evidence digest of this page.", notes[0])
	assert.Equal(t, "as listed in tagmanifest-sha256.txt", results["dossier.json"])
	assert.Equal(t, "identical with the source data/sources/press4.mbox", results["press4.mbox"])

	require.NoError(t, os.WriteFile(at("data/messages/0005.eml"), []byte("something else"), 0o644))
	require.NoError(t, os.Remove(at("data/messages/0006.eml")))
	require.NoError(t, os.WriteFile(at("dossier.json"), []byte("[]"), 0o644))
	says, results, notes = b.checked(folder)
	assert.Equal(t, "12 checked: 2 NOT as this page says.", says)
	assert.Equal(t, "NOT the bytes of exhibit 5", results["0005.eml"])
	assert.Equal(t, "NOT as listed in tagmanifest-sha256.txt", results["dossier.json"])
	assert.Equal(t, "Not among what was dropped: 6", notes[0])

	// Where the browser has no WebCrypto for a page from a disk.
	ask[bool](b, `(Object.defineProperty(Crypto.prototype, "subtle", { get: () => undefined }), true)`)
	_, results, notes = b.checked(b.drop(at("data/messages/0003.eml")))
	assert.Equal(t, map[string]string{"0003.eml": "identical with exhibit 3"}, results)
	assert.Equal(t, []string{"Computed by this page’s own SHA-256: the browser offers none here."}, notes)
}

// A manifest that does not list what the page lists is told.
func TestCheckManifestInChromium(t *testing.T) {
	dir, page := real(t)
	b := browse(t, page, view{})
	file := filepath.Join(dir, "manifest-sha256.txt")
	_, results, _ := b.checked(b.drop(file))
	assert.Equal(t, "lists the digests that stand in this page", results["manifest-sha256.txt"])
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, append([]byte("0000"), text[4:]...), 0o644))
	_, results, _ = b.checked(b.drop(file))
	assert.Equal(t, "does NOT list the digests that stand in this page: data/messages/0001.eml", results["manifest-sha256.txt"])
}

// The page's own SHA-256 is that of everybody else, at every length around the edges of its blocks and in whatever pieces.
func TestOwnSHA256InChromium(t *testing.T) {
	b := browse(t, write(t, story(0)), view{})
	got := ask[[]string](b, `[...Array(200).keys(), 1000003].map((n) => {
		const bytes = Uint8Array.from({ length: n }, (_, i) => (i * 31 + n) & 255), h = sha256();
		for (let at = 0, step = 1; at < n; at += step, step = (step * 7) % 97 + 1) h.update(bytes.subarray(at, Math.min(n, at + step)));
		return h.hex();
	})`)
	require.Len(t, got, 201)
	for i, hexed := range got {
		n := i
		if i == 200 {
			n = 1000003
		}
		text := make([]byte, n)
		for j := range text {
			text[j] = byte(j*31 + n)
		}
		require.Equal(t, hex.EncodeToString(sum(text)), hexed, "%d bytes", n)
	}
}
