package html_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const unfoldAll = `(unfold(document), document.querySelectorAll("details").forEach((d) => { d.open = true; }), true)`

// WCAG 2.2 SC 2.4.3 and 2.4.11: the focus goes in the order of the text, and whatever has it is in view and not below the filter that stays at the top.
func TestFocusInChromium(t *testing.T) {
	d := story(0)
	d.Options.Lang = "de" // whose words are long: the filter takes two lines
	page := write(t, d)
	for _, width := range []int64{360, 1200, 1440} {
		t.Run(fmt.Sprint(width), func(t *testing.T) {
			b := browse(t, page, view{width: width})
			ask[bool](b, unfoldAll)
			b.frames()
			assert.Empty(t, ask[[]string](b, `[...document.querySelectorAll("[tabindex]")].filter((e) => e.tabIndex > 0).map((e) => e.outerHTML.slice(0, 80))`), "no element asks for a place of its own in the order")
			for _, way := range []string{"", ".reverse()"} {
				lost := ask[[]string](b, `(() => {
					const all = [...document.querySelectorAll("a[href], button, input, select, summary, [tabindex='0']")].filter((e) => e.checkVisibility() && !e.closest(".card, [hidden]") && e.tabIndex === 0 && !e.disabled)`+way+`;
					const out = [];
					for (const e of all) {
						e.focus();
						if (document.activeElement !== e) { out.push("takes no focus: " + e.outerHTML.slice(0, 90)); continue; }
						const r = [...e.getClientRects()].find((r) => r.width > 0 && r.bottom > 0 && r.top < innerHeight);
						if (!r) { out.push("out of view: " + e.outerHTML.slice(0, 90)); continue; }
						const bar = document.getElementById("filter").getBoundingClientRect();
						if (!e.closest("#filter, .toc, header, .skip") && getComputedStyle(document.getElementById("filter")).position === "sticky" && r.bottom <= bar.bottom) out.push("below the filter: " + e.outerHTML.slice(0, 90));
					}
					return out;
				})()`)
				assert.Empty(t, lost, "in the order of the text%s", way)
			}
		})
	}
}

// SC 1.4.12: with the spacing that a reader may set, no text is cut off and nothing needs to be scrolled sideways.
func TestTextSpacingInChromium(t *testing.T) {
	page := write(t, story(0))
	for _, width := range []int64{320, 1440} {
		t.Run(fmt.Sprint(width), func(t *testing.T) {
			b := browse(t, page, view{width: width})
			ask[bool](b, unfoldAll)
			ask[bool](b, `(() => {
				const s = new CSSStyleSheet();
				s.replaceSync("* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important; } p { margin-block-end: 2em !important; } .x, .rows, .thread, .draw { content-visibility: visible !important; }");
				document.adoptedStyleSheets = [s];
				return true;
			})()`)
			b.frames()
			assert.LessOrEqual(t, ask[int64](b, `document.documentElement.scrollWidth`), width)
			assert.Empty(t, ask[[]string](b, `[...document.querySelectorAll("td, th, dd, dt, p, li, h1, h2, h3, h4, summary, button, .st, .leg")]
				.filter((e) => e.checkVisibility() && !e.closest(".scroll, thead, .raw") && e.clientWidth > 0 && e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== "inline").map((e) => e.outerHTML.slice(0, 120))`), "nothing flows out of its box")
		})
	}
}

// SC 2.3.3 and what readers set in their system: nothing moves by itself, so there is nothing to be switched off.
func TestNothingMoves(t *testing.T) {
	for _, file := range []string{"style.css", "script.js", "drawing.js", "check.js", "unfold.js"} {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, word := range []string{"animation", "transition", "@keyframes", "smooth", "setInterval"} {
			assert.NotContains(t, string(text), word, file)
		}
	}
}
