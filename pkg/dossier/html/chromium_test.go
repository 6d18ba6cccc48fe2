package html_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// tab is a page in a real browser, opened from a file as a reader would. It notes what the console says and every address that is asked for.
type tab struct {
	t   *testing.T
	ctx context.Context

	mu    sync.Mutex
	said  []string
	asked []string
}

type view struct {
	width    int64
	dark     bool
	noScript bool
	hash     string
}

// browse opens a page in Chromium. At the end of the test nothing may have been said on the console and nothing asked for but the page itself.
func browse(t *testing.T, page string, v view) *tab {
	t.Helper()
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("no chromium here: the page is not tried in a browser")
	}
	file := filepath.Join(t.TempDir(), "page.html")
	require.NoError(t, os.WriteFile(file, []byte(page), 0o644))
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(chromium), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.ProxyServer("http://127.0.0.1:9")) // the discard port: whatever asks for the network fails, and is noted
	if v.noScript {
		options = append(options, chromedp.Flag("blink-settings", "scriptEnabled=false"))
	}
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, 2*time.Minute)
	t.Cleanup(cancel)
	b := &tab{t: t, ctx: ctx}
	require.NoError(t, chromedp.Listen(ctx, b.hear))
	for _, enable := range []func() error{
		func() error { _, err := chromedp.Call(ctx, network.Enable, network.EnableParams{}); return err },
		func() error { _, err := chromedp.Call(ctx, log.Enable, cdp.Empty{}); return err },
	} {
		require.NoError(t, enable())
	}
	_, err = chromedp.Call(ctx, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	require.NoError(t, err)
	scheme := "light"
	if v.dark {
		scheme = "dark"
	}
	_, err = chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
	require.NoError(t, err)
	if v.width == 0 {
		v.width = 1440
	}
	require.NoError(t, chromedp.Do(ctx, chromedp.EmulateViewport(v.width, 900), chromedp.Navigate("file://"+file+v.hash)))
	t.Cleanup(func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		assert.Empty(t, b.said, "nothing on the console, of the policy or of a script")
		for _, url := range b.asked {
			assert.True(t, strings.HasPrefix(url, "data:") || strings.TrimSuffix(url, v.hash) == "file://"+file || strings.HasPrefix(url, "file://"+file), "asked for %s", url)
		}
		assert.NotEmpty(t, b.asked, "requests are noted")
	})
	return b
}

func (b *tab) hear(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		b.asked = append(b.asked, e.Request.URL)
	case *runtime.EventConsoleAPICalled:
		b.said = append(b.said, fmt.Sprintf("%s %v", e.Type, e.Args))
	case *runtime.EventExceptionThrown:
		b.said = append(b.said, "exception: "+e.ExceptionDetails.Text)
	case *log.EventEntryAdded:
		b.said = append(b.said, string(e.Entry.Source)+": "+e.Entry.Text)
	}
}

// do runs steps; they must work.
func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	require.NoError(b.t, chromedp.Do(b.ctx, steps...))
}

// ask evaluates an expression in the page; a promise is waited for.
func ask[T any](b *tab, expression string) T {
	b.t.Helper()
	raw, err := chromedp.Run(b.ctx, chromedp.Evaluate[json.RawMessage](expression, chromedp.EvalAwaitPromise))
	require.NoError(b.t, err, expression)
	var v T
	require.NoError(b.t, json.Unmarshal(raw, &v), "%s: %s", expression, raw)
	return v
}

// until waits until an expression is true.
func (b *tab) until(expression string) {
	b.t.Helper()
	for end := time.Now().Add(30 * time.Second); !ask[bool](b, "Boolean("+expression+")"); time.Sleep(30 * time.Millisecond) {
		require.True(b.t, time.Now().Before(end), "never: %s", expression)
	}
}

// frames waits until the page has been drawn a few times.
func (b *tab) frames() {
	b.t.Helper()
	ask[bool](b, `new Promise((done) => { let n = 30; const f = () => n-- ? requestAnimationFrame(f) : done(true); f(); })`)
}

// hostileWithoutLongTokens leaves out the long tokens: their layout takes seconds.
var hostileWithoutLongTokens = strings.TrimRight(hostile, "A")

// The hostile page in a real browser: nothing from mail runs, nothing is asked for, the policy does not stand in the way of our own style and scripts.
func TestHostileInChromium(t *testing.T) {
	d, _ := attacked(t, hostileWithoutLongTokens, true)
	b := browse(t, write(t, d), view{hash: "#x1"})
	assert.False(t, ask[bool](b, `document.getElementById("filter").hidden`), "our script has run and shows the filter")
	ask[bool](b, `(unfold(document), true)`)
	assert.Zero(t, ask[int](b, `document.querySelectorAll("img, iframe, object, form, main script").length`))
	assert.Contains(t, ask[string](b, `document.querySelector("#x1 .raw pre").textContent`), "<script>alert(1)</script>", "what was unfolded is text as well")
	b.frames()
}

// Filters work as a reader would use them; a link goes where it leads whatever a filter hides.
func TestFiltersInChromium(t *testing.T) {
	b := browse(t, write(t, story(0)), view{})
	pick := func(id, value, event string) {
		ask[bool](b, fmt.Sprintf(`(() => { const e = document.getElementById(%q); e.value = %q; e.dispatchEvent(new Event(%q)); return true; })()`, id, value, event))
	}
	shown := func() string {
		return ask[string](b, `[...document.querySelectorAll("article.x")].filter((e) => !e.hidden).map((e) => e.id).join(",")`)
	}
	rows := func(section string) int {
		return ask[int](b, `document.querySelectorAll("#`+section+` tbody tr:not([hidden])").length`)
	}
	clearAll := func() { b.do(chromedp.Evaluate[chromedp.Void](`document.getElementById("f-clear").click()`)) }
	const all = "x1,x2,x3,x4,x5,x6,x7,x8"
	assert.Equal(t, all, shown())

	pick("f-act", "denial", "change")
	assert.Equal(t, "x7", shown())
	assert.Equal(t, "1 of 8 exhibits shown. Filtered: this is not the whole dossier.", ask[string](b, `document.getElementById("f-count").textContent`))
	assert.Equal(t, 1, ask[int](b, `document.querySelectorAll(".mk[data-s]:not(.dim)").length`), "the drawing shows it too")
	assert.True(t, ask[bool](b, `location.hash = "#x1-s1", true`))
	b.until(`document.querySelector("article.x").hidden === false`)
	assert.Equal(t, all, shown(), "a link to what a filter hides takes the filter away")

	pick("f-person", "p4", "change")
	assert.Equal(t, "x1,x7", shown())
	assert.Equal(t, 0, rows("silence"), "nothing there is about that person")
	clearAll()
	pick("f-from", "2025-04-01", "change")
	pick("f-to", "2025-05-01", "change")
	assert.Equal(t, "x5,x6", shown())
	assert.Equal(t, 4, rows("timeline"))
	clearAll()
	assert.Equal(t, all, shown())
	pick("f-text", "GLOVE", "input")
	b.until(`document.getElementById("f-count").textContent`)
	assert.Equal(t, "x5,x6", shown())
	clearAll()
	pick("f-text", `x-old: caf`, "input") // in a header that may not be unfolded yet
	b.until(`document.getElementById("f-count").textContent`)
	assert.Equal(t, "x7", shown())
	clearAll()
	b.do(chromedp.Evaluate[chromedp.Void](`document.getElementById("open-all").click()`))
	assert.Equal(t, 9, ask[int](b, `document.querySelectorAll("details.raw[open]").length`))
}

// A link to a sentence, an exhibit, a section ends with its target in view, from the address bar and from a click, also in a long page.
func TestDeepLinksInChromium(t *testing.T) {
	page := write(t, story(300))
	for _, width := range []int64{360, 1440} {
		for _, first := range []string{"#x8-s13", "#x287"} {
			t.Run(fmt.Sprint(width, " ", first[1:]), func(t *testing.T) {
				b := browse(t, page, view{width: width, hash: first})
				for i, hash := range []string{first, "#verify", "#x150", "#m-m1", "#tl-s5", "#x1-s1", "#gaps", "#c-1"} {
					if i > 0 {
						ask[bool](b, fmt.Sprintf(`(location.hash = %q, true)`, hash))
					}
					inView := fmt.Sprintf(`(() => { const r = document.querySelector(%q).getBoundingClientRect(); return r.bottom > 0 && r.top < innerHeight; })()`, hash)
					b.until(inView)
					b.frames()
					assert.True(t, ask[bool](b, inView), "%s, and stays there", hash)
				}
			})
		}
	}
}

// The drawing answers to keyboard, pointer and finger, and its card says what the table says.
func TestDrawingInChromium(t *testing.T) {
	b := browse(t, write(t, story(0)), view{})
	card := func() string {
		return ask[string](b, `(() => { const c = document.getElementById("mark-card"); return c.hidden ? "" : c.textContent; })()`)
	}
	key := func(name string) {
		ask[bool](b, fmt.Sprintf(`(document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key: %q, bubbles: true, cancelable: true })), true)`, name))
	}
	assert.Empty(t, card())
	assert.Equal(t, 1, ask[int](b, `document.querySelectorAll('.draw .mk[tabindex="0"]').length`), "one stop for the tabulator")
	ask[bool](b, `(document.querySelector(".mk").focus(), true)`)
	assert.Contains(t, card(), "Without it the ram can close on an operator’s hand.")
	assert.Contains(t, card(), "confirmed")
	key("ArrowRight")
	assert.Contains(t, card(), "Please do not run the press until the curtain is back.")
	key("ArrowDown")
	assert.Contains(t, card(), "Mara, I have read this.")
	key("End")
	assert.Contains(t, card(), "Maintenance failed to report it.")
	key("Escape")
	assert.Empty(t, card())

	width := func() int {
		return ask[int](b, `Math.round(document.querySelector(".draw .lanes").getBoundingClientRect().width)`)
	}
	before := width()
	key("+")
	key("+")
	assert.InDelta(t, 2*before, width(), 2)
	assert.True(t, ask[bool](b, `document.querySelector(".scroll").scrollWidth > document.querySelector(".scroll").clientWidth`))
	key("0")
	assert.Equal(t, before, width())

	ask[bool](b, `(() => { const m = document.querySelector("[data-s=s5]");
		m.dispatchEvent(new PointerEvent("pointerdown", { pointerType: "touch", bubbles: true }));
		m.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true })); return true; })()`)
	assert.Contains(t, card(), "I warn you again in writing", "a tap shows the card")
	assert.Empty(t, ask[string](b, `location.hash`), "and does not jump")
	b.do(chromedp.Evaluate[chromedp.Void](`document.querySelector("#mark-card a[href='#x3-s5']").click()`))
	b.until(`location.hash === "#x3-s5"`)
	b.until(`document.getElementById("mark-card").hidden`)
}

// Without script everything stands there to be read, and nothing that needs a script.
func TestWithoutScriptInChromium(t *testing.T) {
	b := browse(t, write(t, story(0)), view{noScript: true})
	ask[bool](b, `(document.querySelectorAll(".x, .rows, .thread, .draw").forEach((e) => { e.style.contentVisibility = "visible"; }), document.querySelectorAll("details").forEach((d) => { d.open = true; }), true)`)
	seen := ask[string](b, `document.body.innerText`)
	for _, want := range []string{
		"Without it the ram can close on an operator’s hand.", "Results of authentication as written in the message", "desk-12.stamping.example", "Header, verbatim (5 fields)", "sha256sum -c manifest-sha256.txt",
		"108 days before", "no answer held", "hole in the thread",
	} {
		assert.Contains(t, seen, want)
	}
	for _, id := range []string{"filter", "zoom", "check", "tools"} {
		assert.True(t, ask[bool](b, fmt.Sprintf(`document.getElementById(%q).getClientRects().length === 0`, id)), "%s needs a script", id)
	}
	assert.Equal(t, 9, ask[int](b, `document.querySelectorAll(".x .path").length`), "the technical parts are parts of the page")
}

// Nothing reaches beyond the screen, on a telephone as on a desk; what is wide scrolls in a place of its own.
func TestWidthsInChromium(t *testing.T) {
	d, _ := attacked(t, hostileWithoutLongTokens, true)
	pages := map[string]string{"story": write(t, story(0)), "hostile": write(t, d)}
	for name, page := range pages {
		for _, width := range []int64{320, 360, 768, 1440} {
			t.Run(fmt.Sprint(name, width), func(t *testing.T) {
				b := browse(t, page, view{width: width})
				ask[bool](b, `(unfold(document), document.querySelectorAll("details").forEach((d) => { d.open = true; }), true)`)
				b.frames()
				assert.LessOrEqual(t, ask[int64](b, `document.documentElement.scrollWidth`), width)
			})
		}
	}
}

// The rules of WCAG 2.2 A and AA that a program can check, in both sizes and both colour schemes.
func TestAccessibilityInChromium(t *testing.T) {
	file := os.Getenv("ONRECORD_AXE")
	if file == "" {
		cache, err := os.UserCacheDir()
		require.NoError(t, err)
		file = filepath.Join(cache, "onrecord-tools", "node_modules", "axe-core", "axe.min.js")
	}
	axe, err := os.ReadFile(file)
	if err != nil {
		t.Skip("no axe-core here (make tools fetches it with npm): accessibility is not checked in a browser")
	}
	page := write(t, story(0))
	for _, v := range []view{{width: 360}, {width: 1440}, {width: 360, dark: true}, {width: 1440, dark: true}} {
		t.Run(fmt.Sprintf("%d dark=%t", v.width, v.dark), func(t *testing.T) {
			b := browse(t, page, v)
			ask[bool](b, `(unfold(document), document.querySelectorAll("details").forEach((d) => { d.open = true; }), true)`)
			// All that is laid out later is laid out now, for axe sees only that.
			ask[bool](b, `(document.querySelectorAll(".x, .rows, .thread, .draw").forEach((e) => { e.style.contentVisibility = "visible"; }), true)`)
			ask[bool](b, `(document.querySelector(".mk").focus(), true)`) // with the card
			b.do(chromedp.Evaluate[chromedp.Void](string(axe)))
			found := ask[[]struct {
				ID, Help string
				Nodes    []struct{ HTML, FailureSummary string }
			}](b, `axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], resultTypes: ["violations"] }).then((r) => r.violations)`)
			for _, f := range found {
				for i, n := range f.Nodes {
					if i < 3 {
						t.Errorf("%s: %s (%d)\n%.200s\n%s", f.ID, f.Help, len(f.Nodes), n.HTML, n.FailureSummary)
					}
				}
			}
			assert.NotZero(t, ask[int](b, `axe.getRules(["wcag22aa"]).length`), "axe knows the rules of 2.2")
		})
	}
}

// 2,000 messages open quickly: the figure is logged, for what is right for a time depends on the machine; that only a little is laid out is a fact of the page.
func TestManyMessagesInChromium(t *testing.T) {
	b := browse(t, write(t, story(2000)), view{})
	took := ask[float64](b, `performance.getEntriesByType("navigation")[0].loadEventEnd`)
	t.Logf("2,000 messages open in %.0f ms", took)
	assert.Less(t, took, 20_000.0)
	assert.Greater(t, ask[int](b, `document.querySelectorAll("noscript.more").length`), 1000, "most is not laid out when the page opens")
	frame := ask[float64](b, `new Promise((done) => {
		let n = 120, last = performance.now(), long = [];
		const step = () => {
			const now = performance.now();
			long.push(now - last);
			last = now;
			scrollBy({ top: 700, behavior: "instant" });
			if (n--) requestAnimationFrame(step); else done(long.sort((a, b) => a - b)[Math.floor(long.length / 2)]);
		};
		requestAnimationFrame(step);
	})`)
	t.Logf("scrolling 700 px a frame: median frame %.0f ms", frame)
	assert.Less(t, frame, 500.0)
	b.until(`document.querySelectorAll("noscript.more").length === 0`) // the rest comes while the reader reads

	// What is still folded is reached by a link, found by the filter, and whole.
	b = browse(t, write(t, story(4000)), view{})
	assert.True(t, ask[bool](b, `document.getElementById("x3999") && !document.querySelector("#x3999 .body")`), "of a later exhibit only the head is laid out")
	assert.Equal(t, "x3990-s5", ask[string](b, `(() => { const n = document.querySelector("#x3990 noscript.more"); n.textContent = n.textContent.replace("<pre", "<pre id=\"x3990-s5\""); location.hash = "#x3990-s5"; return reach("x3990-s5").id; })()`))
	assert.Equal(t, 4000, ask[int](b, `(() => { const e = document.getElementById("f-person"); e.value = "p1"; e.dispatchEvent(new Event("change")); return document.querySelectorAll("#list tbody tr").length; })()`), "the filter looks at every row")
	assert.NotEmpty(t, ask[string](b, `document.getElementById("f-count").textContent`))
}

// The printed page has what the screen has, folded headers and what is laid out later included.
func TestPrintInChromium(t *testing.T) {
	if _, err := exec.LookPath("pdftotext"); err != nil {
		t.Skip("no pdftotext here: the print is not read")
	}
	b := browse(t, write(t, story(0)), view{})
	pdf, err := chromedp.Run(b.ctx, chromedp.PrintToPDF())
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "page.pdf")
	require.NoError(t, os.WriteFile(file, pdf, 0o644))
	text, err := exec.CommandContext(t.Context(), "pdftotext", "-raw", file, "-").Output()
	require.NoError(t, err)
	printed := strings.Join(strings.Fields(string(text)), " ")
	for _, want := range []string{
		"Press 4: the removed light curtain", evidenceDigest[:20], "Every piece of evidence with its reason", "the sentence stands quoted in exhibit 2",
		"Received: from out.stamping.example", "canonical: every line ending CRLF", "old._domainkey.lists.example", "X-Old: caf[0xE9]", "sha256sum -c manifest-sha256.txt",
		"Each hop in full", "3 h 10 min after the limit of 72 h", "108 days before", "nothing is stated",
	} {
		assert.Contains(t, printed, want)
	}
	assert.Equal(t, 9, strings.Count(printed, "Message-ID: <"), "the header of each message, the enclosed one included")
	assert.NotContains(t, printed, "Choose files")
}
