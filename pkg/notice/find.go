package notice

import (
	"sync"
	"unicode/utf8"

	"onrecord/pkg/notice/model"
)

// Text is what one message says, as the finder reads it.
type Text struct {
	Body      string // decoded body: Record.Text
	Subject   string // decoded, used for topics only
	Automatic bool   // written by a program: Auto-Submitted other than "no" (RFC 3834), an empty Return-Path, mailer-daemon; nothing in it is a statement
	Bulk      bool   // sent to many: Precedence bulk, list or junk, List-Id or List-Unsubscribe (RFC 2919, RFC 2369); weighs against every act
}

// Findings are what one message says and what it quotes.
type Findings struct {
	Statements []Statement // in order of place; Acts, Text, Span, Language, Topic, Rule, Why, Confidence and Origin are set, the rest is not
	Own        [][2]int    // the author's own words: byte offsets into Body
	Quotes     []uint64    // fingerprints of the sentences quoted from others, sorted, at most MaxQuotes
	Wording    []byte      // what it says and quotes, word for word, as hashes: for Input.Wording
}

// Bounds on what one message can yield.
const (
	MaxQuotes     = 200
	maxStatements = 2000
	maxOwnBytes   = 4 << 20 // of own text that is searched
	keepScratch   = 1 << 20
)

// Finder finds statements. It is built once and safe for concurrent use; Find is pure.
type Finder struct {
	voc     *vocabulary
	mu      sync.Mutex
	held    *model.Model // read when first needed
	scratch sync.Pool
}

// NewFinder reads the rules that are part of the program.
func NewFinder() *Finder {
	f := &Finder{voc: newVocabulary(ruleFiles())}
	f.scratch.New = func() any { return &reading{voc: f.voc} }
	return f
}

func (f *Finder) trained() *model.Model {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.held == nil {
		f.held = model.Load()
	}
	return f.held
}

// Release lets go of the trained model, many megabytes, once no Find works with it any more; the next Find reads it again.
func (f *Finder) Release() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.held = nil
}

// Find reads one message.
func (f *Finder) Find(in Text) Findings {
	r := f.scratch.Get().(*reading)
	r.trained = f.trained()
	defer func() {
		if cap(r.lines)+cap(r.tokens)+(cap(r.hashes)+cap(r.kept))/4 < keepScratch && cap(r.buf) < keepScratch { // one huge message shall not be remembered
			f.scratch.Put(r)
		}
	}()
	var out Findings
	zones := r.zones(in.Body)
	out.Quotes, out.Wording = r.quotes(in.Body, zones), r.wording(in.Body, zones)
	if in.Automatic {
		return out // an auto-reply has no words of its own
	}
	for _, z := range zones {
		if z.Kind == ZoneOwn {
			out.Own = append(out.Own, [2]int{z.Start, z.End})
		}
	}
	r.sentences(in.Body)
	r.judge(in)
	place, runes := 0, 0
	for i := range r.sents {
		s := &r.sents[i]
		if len(s.verdict.acts) == 0 {
			continue
		}
		if len(out.Statements) == maxStatements {
			break
		}
		runes += utf8.RuneCountInString(in.Body[place:s.start])
		length := utf8.RuneCountInString(in.Body[s.start:s.end])
		out.Statements = append(out.Statements, Statement{
			Acts: s.verdict.acts, Text: in.Body[s.start:s.end], Span: [2]int{runes, runes + length}, Language: languages[s.lang],
			Topic: r.topic(in, s), Rule: s.verdict.rule, Why: s.verdict.why, Confidence: s.verdict.confidence, Origin: Suggested,
		})
		place, runes = s.end, runes+length
	}
	return out
}
