package notice

import (
	"encoding/binary"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// FuzzWording: what is kept of a text is what its words and quotations are, in number, place and hash.
func FuzzWording(f *testing.F) {
	f.Add("Noted.\n\nAda Ash wrote:\n> The gate – 58 mm … of *play*\n> > will open\n> [...]\n\nNo.\n")
	f.Add("JS> one two <ada@dam.example> http://x.example/ www.x.example :-)\n")
	f.Add("---------- Forwarded message ---------\nFrom: Ada\nDate: today\n\nab\u00a0cd \xff\xfe ‘e’\n")
	f.Fuzz(func(t *testing.T, text string) {
		r := new(reading)
		zones := r.zones(text)
		w, err := decodeWording(r.wording(text, zones))
		require.NoError(t, err)
		assert.Equal(t, hashesOf(ownWords(nil, text, zones)), w.own)
		blocks := quotedBlocks(zones)
		require.Len(t, w.blocks, len(blocks))
		for i, b := range blocks {
			got, all := w.blocks[i], ""
			for _, s := range got.stretches {
				all += s
			}
			assert.Equal(t, hashesOf(b.words(text)), all)
			assert.Equal(t, len(b.words(text)), got.words)
			from, to := b.zones[0][0], b.zones[len(b.zones)-1][1]
			assert.Equal(t, [2]int{utf8.RuneCountInString(text[:from]), utf8.RuneCountInString(text[:from]) + utf8.RuneCountInString(text[from:to])}, got.span)
			assert.Equal(t, b.forwarded, got.forwarded)
		}
	})
}

func hashesOf(words []word) string {
	var out []byte
	for i := range words {
		out = binary.LittleEndian.AppendUint32(out, uint32(words[i].hash))
	}
	return string(out)
}

// What was written by another hand is refused, not believed.
func TestWordingThatIsBroken(t *testing.T) {
	r := new(reading)
	text := "Noted.\n\nAda Ash wrote:\n> The gate will open by itself.\n"
	whole := r.wording(text, r.zones(text))
	for n := range len(whole) - 1 {
		_, err := decodeWording(whole[:n])
		if n != 1+4 { // the own words alone are a whole
			assert.Error(t, err, n)
		}
	}
	_, err := decodeWording([]byte{0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01})
	assert.Error(t, err)
}
