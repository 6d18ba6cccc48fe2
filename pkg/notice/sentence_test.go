package notice

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func sentencesOf(text string) []string {
	var list []string
	for _, s := range splitSentences(text, 0, len(text)) {
		list = append(list, text[s[0]:s[1]])
	}
	return list
}

func TestSentences(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"plain":         {"The mast is loose. It sways! Do you see?", []string{"The mast is loose.", "It sways!", "Do you see?"}},
		"abbreviations": {"Ask Dr. Lee, e.g. about Nr. 4. Then call.", []string{"Ask Dr. Lee, e.g. about Nr. 4.", "Then call."}},
		"German": {"Das gilt z. B. am 15. Mai, ca. 3,5 m hoch. Herr Dr. Lang weiß es. Der Lauf am 1. Oktober bleibt.",
			[]string{"Das gilt z. B. am 15. Mai, ca. 3,5 m hoch.", "Herr Dr. Lang weiß es.", "Der Lauf am 1. Oktober bleibt."}},
		"French":            {"Voir p. ex. M. Roux. Il sait.", []string{"Voir p. ex. M. Roux.", "Il sait."}},
		"Spanish":           {"El Sr. Vega viene. ¿Y la Sra. Ruiz? ¡No!", []string{"El Sr. Vega viene.", "¿Y la Sra. Ruiz?", "¡No!"}},
		"decimals and urls": {"It weighs 3.5 t, see https://yard.example/a.b?c=1. Write to ann.lee@boat.example. Bye.", []string{"It weighs 3.5 t, see https://yard.example/a.b?c=1.", "Write to ann.lee@boat.example.", "Bye."}},
		"ellipsis":          {"Well... maybe. Or not.", []string{"Well... maybe.", "Or not."}},
		"list":              {"We need\n- a rope\n- a new mast\n1. Order it.\n", []string{"We need", "a rope", "a new mast", "Order it."}},
		"wrapped": {"The mast of the old boat has been loose since the winter, and nobody\nhas looked at it although we wrote about it three times. It will come\ndown in the first storm.\n",
			[]string{"The mast of the old boat has been loose since the winter, and nobody\nhas looked at it although we wrote about it three times.", "It will come\ndown in the first storm."}},
		"short lines": {"the mast is loose\nthe keel is fine\n", []string{"the mast is loose", "the keel is fine"}},
		"greeting":    {"Dear Ann,\n\nthe mast is loose.\n", []string{"the mast is loose."}},
		"quoted end":  {`He said "stop." Then he left.`, []string{`He said "stop."`, "Then he left."}},
	} {
		t.Run(name, func(t *testing.T) { assert.Equal(t, c.want, sentencesOf(c.text)) })
	}
}

func TestFingerprintsDoNotSeeTheWrapping(t *testing.T) {
	assert.Equal(t, fingerprint("The mast is\nloose, Ann!"), fingerprint("the MAST is loose Ann"))
	assert.NotEqual(t, fingerprint("The mast is loose."), fingerprint("The mast is not loose."))
	assert.NotEqual(t, fingerprint("The mast has 3 cracks."), fingerprint("The mast has 4 cracks."))
	assert.Zero(t, fingerprint("Yes, Ann."))
	warning := "The mast of the old boat has been loose since the winter, and nobody has looked at it."
	found := NewFinder().Find(Text{Body: "Fine.\n\n> The mast of the old boat has been loose since the\n> winter, and nobody has looked at it.\n"})
	assert.Contains(t, found.Quotes, fingerprint(warning))
}
