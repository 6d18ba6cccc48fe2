package html_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// browse opens a page in Chromium and returns the document that results, what Chromium said, and the hosts that it asked for.
func browse(t *testing.T, page string, args ...string) (dom, said string, hosts []string) {
	t.Helper()
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("no chromium here: the page is not tried in a browser")
	}
	var mu sync.Mutex
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		hosts = append(hosts, r.Host)
		http.Error(w, "nothing goes out", http.StatusForbidden)
	}))
	defer proxy.Close()
	dir := t.TempDir()
	file := filepath.Join(dir, "page.html")
	require.NoError(t, os.WriteFile(file, []byte(page), 0o644))
	hash := ""
	if i := len(args) - 1; i >= 0 && strings.HasPrefix(args[i], "#") {
		hash, args = args[i], args[:i]
	}
	args = append([]string{
		"--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--no-first-run", "--enable-logging=stderr",
		"--user-data-dir=" + filepath.Join(dir, "profile"), "--proxy-server=" + proxy.URL, "--virtual-time-budget=3000",
	}, args...)
	cmd := exec.CommandContext(t.Context(), chromium, append(args, "file://"+file+hash)...)
	cmd.WaitDelay = 5 * time.Second
	var out, errs strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &errs
	require.NoError(t, cmd.Run(), errs.String())
	mu.Lock()
	defer mu.Unlock()
	return out.String(), errs.String(), hosts
}

// The hostile page in a real browser: nothing from mail runs, nothing is asked for, the policy does not stand in the way of our own style and script.
func TestInChromium(t *testing.T) {
	d, _ := attacked(t, strings.TrimRight(hostile, "A"), true) // without the long tokens: their layout takes seconds
	dom, said, hosts := browse(t, write(t, d), "--dump-dom", "#x1")
	for line := range strings.Lines(said) {
		assert.NotContains(t, line, "CONSOLE", "no message on the console, of the policy or of a script")
	}
	for _, h := range hosts {
		assert.NotContains(t, h, "tracker.example")
	}
	assert.Contains(t, dom, `<search id="filter" class="filter" aria-label="Filter">`, "our script has run and shows the filter")
	assert.NotContains(t, dom, "<img")
}

// driver works the filter as a reader would and writes what it sees into the title.
const driver = `<script>
const pick = (id, v, type) => { const e = document.getElementById(id); e.value = v; e.dispatchEvent(new Event(type)); };
const shown = () => [...document.querySelectorAll("article.x")].filter((e) => !e.hidden).map((e) => e.id).join(",");
const rows = () => document.querySelectorAll("#timeline tbody tr:not([hidden])").length;
const seen = [];
seen.push("all " + shown());
pick("f-act", "denial", "change"); seen.push("denial " + shown() + " " + document.getElementById("f-count").textContent);
location.hash = "#x1-s1";
addEventListener("hashchange", () => {
  seen.push("link " + shown() + " " + document.querySelector(":target").textContent);
  pick("f-person", "p4", "change"); seen.push("p4 " + shown());
  document.getElementById("f-clear").click();
  pick("f-from", "2025-04-01", "change"); pick("f-to", "2025-05-01", "change"); seen.push("april " + shown() + " rows " + rows());
  document.getElementById("f-clear").click();
  pick("f-text", "GLOVE", "input");
  setTimeout(() => {
    seen.push("glove " + shown());
    document.getElementById("open-all").click();
    seen.push("open " + document.querySelectorAll("details.raw[open]").length);
    document.title = "SEEN " + seen.join("; ") + " END";
  }, 500);
}, { once: true });
</script></body>`

func TestFiltersInChromium(t *testing.T) {
	page := write(t, story(0))
	start := strings.Index(page, `<meta http-equiv=`)
	end := start + strings.Index(page[start:], ">") + 1
	page = strings.Replace(page[:start]+page[end:], "</body>", driver, 1) // the driver is a script that the policy would forbid
	dom, _, _ := browse(t, page, "--dump-dom")
	_, seen, _ := strings.Cut(dom, "<title>SEEN ")
	seen, _, found := strings.Cut(seen, " END</title>")
	require.True(t, found, "the driver came to its end")
	assert.Equal(t, []string{
		"all x1,x2,x3,x4,x5,x6,x7,x8",
		"denial x7 1 of 8 exhibits shown. Filtered: this is not the whole dossier.",
		"link x1,x2,x3,x4,x5,x6,x7,x8 Without it the ram can close on an operator’s hand.",
		"p4 x1,x7",
		"april x5,x6 rows 4",
		"glove x5,x6",
		"open 9",
	}, strings.Split(seen, "; "))
}

// The printed page has what the screen has, folded headers included.
func TestPrintInChromium(t *testing.T) {
	if _, err := exec.LookPath("pdftotext"); err != nil {
		t.Skip("no pdftotext here: the print is not read")
	}
	pdf := filepath.Join(t.TempDir(), "page.pdf")
	browse(t, write(t, story(0)), "--print-to-pdf="+pdf, "--no-pdf-header-footer")
	text, err := exec.CommandContext(t.Context(), "pdftotext", "-raw", pdf, "-").Output()
	require.NoError(t, err)
	printed := strings.Join(strings.Fields(string(text)), " ")
	for _, want := range []string{
		"Press 4: the removed light curtain", evidenceDigest[:20], "Every piece of evidence with its reason", "the sentence stands quoted in exhibit 2",
		"Received: from out.stamping.example", "canonical: every line ending CRLF", "old._domainkey.lists.example", "X-Old: caf[0xE9]", "sha256sum -c manifest-sha256.txt",
	} {
		assert.Contains(t, printed, want)
	}
	assert.Equal(t, 9, strings.Count(printed, "Message-ID: <"), "the header of each message, the enclosed one included")
}
