package notice

import (
	"math/bits"

	"onrecord/pkg/notice/model"
)

// Lay reads the sentences of one mail, already cut, into a reader of the sentence model, with the cues that the rules give. It is Find's way to the model, for
// the program that trains it.
func (f *Finder) Lay(to *model.Reader, sentences []string, about model.Circumstances) {
	r := &reading{voc: f.voc}
	var body []byte
	for _, s := range sentences {
		r.add(s, 0, len(s))
		if n := len(r.sents); n > 0 {
			r.sents[n-1].start, r.sents[n-1].end = len(body), len(body)+len(s)
		}
		body = append(append(body, s...), '\n')
	}
	in := Text{Body: string(body)}
	r.lookUp(in.Body)
	to.Begin(about)
	for i := range r.sents {
		r.cuesOf(in, &r.sents[i])
		to.Add(in.Body[r.sents[i].start:r.sents[i].end], r.numbers)
	}
}

// cuesOf finds the rules that hold for a sentence, and the numbers by which the model knows them and the classes of its words.
func (r *reading) cuesOf(in Text, s *sentence) {
	r.begin(s)
	r.circumstances(in, s)
	r.cues(s)
	g := &r.voc.lang[s.lang]
	r.numbers = r.numbers[:0]
	for _, i := range s.fired {
		r.numbers = append(r.numbers, g.ruleCue[i])
	}
	for word, left := range r.present {
		for ; left != 0; left &= left - 1 {
			if n := g.classCue[word*64+bits.TrailingZeros64(left)]; n != 0 {
				r.numbers = append(r.numbers, n)
			}
		}
	}
}

// number names rules and classes for the model: the same number for the same name in every language.
func (b *builder) number() {
	for l := range b.voc.lang {
		g := &b.voc.lang[l]
		for i := range g.rules {
			g.ruleCue = append(g.ruleCue, uint32(model.Hash("rule "+g.rules[i].rule.ID))|1)
		}
		g.classCue = make([]uint32, maskBits)
		for i, name := range g.names[:min(len(g.names), maskBits)] {
			if name[0] == '@' && name != "@function" {
				g.classCue[i] = uint32(model.Hash("class "+name)) | 1
			}
		}
	}
}

// Scored is a sentence with the scores that the model gives each act, in the order of the constants, less what the mail as a whole takes off.
type Scored struct {
	Text   string
	Scores [model.Acts]int32
}

// Score gives the scores of every sentence of a message: for the programs that choose and measure thresholds.
func (f *Finder) Score(in Text) []Scored {
	if in.Automatic {
		return nil
	}
	r := &reading{voc: f.voc, trained: f.trained()}
	r.zones(in.Body)
	r.sentences(in.Body)
	r.judge(in)
	warning, other := r.raise(in)
	all := make([]Scored, len(r.sents))
	for i := range r.sents {
		all[i] = Scored{Text: in.Body[r.sents[i].start:r.sents[i].end], Scores: *r.model.Scores(i)}
		all[i].Scores[0] -= warning
		for a := range all[i].Scores[1:] {
			all[i].Scores[a+1] -= other
		}
	}
	return all
}

// Threshold is the score that an act needs in a short mail to a few.
func (f *Finder) Threshold(act int) int32 { return f.trained().Threshold(act) }
