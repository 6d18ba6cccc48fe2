package pdf

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"path"
	"strconv"
	"strings"

	"onrecord/pkg/digest"
	"onrecord/pkg/pdfa"
)

// factsFile is the file that holds what the PDF shows, for a program.
const factsFile = "dossier.json"

// DefaultEmbed is what is embedded where nothing else is asked for.
const DefaultEmbed = "20 MB"

// ParseEmbed reads all, none or N MB (of 1,000,000 bytes) as a number of bytes.
func ParseEmbed(s string) (int64, error) {
	switch s {
	case "all":
		return math.MaxInt64, nil
	case "none":
		return 0, nil
	}
	n, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(s, "MB")), 10, 64)
	if err != nil || n < 0 || n > 1_000_000 {
		return 0, fmt.Errorf("%q is not all, none or a number of megabytes such as 20 MB", s)
	}
	return n * 1_000_000, nil
}

// embedding is which files lie in the first volume.
type embedding struct {
	facts       bool // dossier.json is one of them
	factsSize   int64
	factsDigest digest.Digest // zero where the file is not at hand
	exhibits    []int
	beyond      int // messages that are not embedded
}

// embedding decides once which files are embedded: dossier.json, then the exhibits in their order, each that fits into what is left.
func (b *book) embedding() (*embedding, error) {
	if b.embeds != nil {
		return b.embeds, nil
	}
	e := &embedding{beyond: len(b.v.exhibits)}
	if b.o.Open != nil {
		room := b.o.Embed
		f, err := b.o.Open(factsFile)
		switch {
		case err == nil:
			e.factsDigest, e.factsSize, err = digest.OfReader(f)
			if err = cmp.Or(err, f.Close()); err != nil {
				return nil, err
			}
			if e.facts = room > 0 && e.factsSize <= room; e.facts {
				room -= e.factsSize
			}
		case !errors.Is(err, fs.ErrNotExist):
			return nil, err
		}
		for i := range b.v.exhibits {
			if x := &b.v.exhibits[i]; room > 0 && x.size <= room {
				room -= x.size
				e.exhibits = append(e.exhibits, i)
				e.beyond--
			}
		}
	}
	b.embeds = e
	return e, nil
}

// embed writes the files into the volume. One that has gone since is left out: what says that it is gone is the manifest's business.
func (b *book) embed() error {
	e, err := b.embedding()
	if err != nil {
		return err
	}
	at := b.d.GeneratedAt
	add := func(file string, f pdfa.File) error {
		content, err := b.o.Open(file)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		err = b.volume.Embed(f, content)
		return cmp.Or(err, content.Close())
	}
	if e.facts {
		if err := add(factsFile, pdfa.File{Name: factsFile, Description: b.w.EmbeddedFacts, MediaType: "application/json", Relationship: pdfa.Data, Modified: at}); err != nil {
			return err
		}
	}
	for _, i := range e.exhibits {
		file := b.v.exhibits[i].file
		if err := add(file, pdfa.File{Name: path.Base(file), Description: fmt.Sprintf(b.w.ExhibitN, i+1), MediaType: "message/rfc822", Relationship: pdfa.Source, Modified: at, Mail: b.v.exhibits[i].mail}); err != nil {
			return err
		}
	}
	return nil
}

// embedded says which files lie in the PDF, and where the others are.
func (b *book) embedded() {
	e, err := b.embedding()
	if err != nil {
		b.err = cmp.Or(b.err, err)
		return
	}
	w := b.w
	b.heading(w.EmbeddedTitle, 40)
	if e.facts {
		b.para(text(w.FactsEmbedded))
	} else {
		b.para(text(w.FactsBeside))
	}
	if !e.factsDigest.IsZero() {
		b.para(code(factsFile + "  " + e.factsDigest.String()))
	}
	all := len(b.v.exhibits)
	says := w.NoneEmbedded
	switch n := len(e.exhibits); {
	case n == all && n > 0:
		says = fmt.Sprintf(w.AllEmbedded, w.of(w.Messages, n))
	case n > 0:
		says = fmt.Sprintf(w.SomeEmbedded, w.say.Int(n), w.of(w.Messages, all), b.say.Bytes(b.o.Embed))
	}
	if len(e.exhibits) > 0 || e.facts {
		says += " " + w.ReadersShow
		if b.stats.Volumes > 1 {
			says += " " + w.FirstVolume
		}
	}
	b.para(text(says))
}
