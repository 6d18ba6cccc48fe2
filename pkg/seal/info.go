package seal

import (
	"cmp"
	"fmt"
	"strings"
	"time"
	"unicode"

	"onrecord/pkg/dossier"
)

// Info is what bag-info.txt says.
type Info struct {
	Date        time.Time
	Agent       string // program and version
	Description string
	Identifier  string // the matter's reference; "" if none
}

// InfoOf is what the bag of a dossier says of itself.
func InfoOf(d *dossier.Dossier) Info {
	return Info{Date: d.GeneratedAt, Agent: d.Tool.Name + " " + d.Tool.Version, Description: cmp.Or(d.Case.Title, "E-mail evidence dossier"), Identifier: d.Case.Reference}
}

// Text writes the labels of RFC 8493 §2.2.2. A value is one line: what a case file says is folded into it, without what a terminal would act on.
func (i Info) Text(octets, files int64) []byte {
	var s strings.Builder
	label := func(name, value string) {
		value = strings.Map(func(r rune) rune {
			if unicode.IsSpace(r) {
				return ' '
			}
			if !unicode.IsPrint(r) {
				return -1
			}
			return r
		}, value)
		if value = strings.Join(strings.Fields(value), " "); value != "" {
			fmt.Fprintf(&s, "%s: %s\n", name, value)
		}
	}
	label("Bag-Software-Agent", i.Agent)
	label("Bagging-Date", i.Date.UTC().Format(time.DateOnly))
	label("External-Description", i.Description)
	label("External-Identifier", i.Identifier)
	label("Payload-Oxum", fmt.Sprintf("%d.%d", octets, files))
	return []byte(s.String())
}
