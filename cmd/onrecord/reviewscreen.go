package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"onrecord/pkg/review"
)

// screen is a terminal that is read key by key and drawn upon line by line. It keeps to what every terminal since the VT100 knows, and to the ordinary screen, so
// that what was shown stays there and in logs.
type screen struct {
	in, out *os.File
	paint   paint
	dumb    bool // no cursor that could be moved
	state   *term.State
	height  int
}

// openScreen refuses what is no terminal.
func openScreen(e *env) (*screen, error) {
	const hint = "without a terminal, --list prints the suggestions and --apply reads decisions"
	w, ok := e.stdin.(*waitingReader)
	if !ok {
		return nil, &outcome{code: exitUsage, err: fmt.Errorf("standard input is no terminal"), hint: hint}
	}
	in, ok := w.r.(*os.File)
	if !ok || !term.IsTerminal(int(in.Fd())) {
		return nil, &outcome{code: exitUsage, err: fmt.Errorf("standard input is no terminal"), hint: hint}
	}
	o, ok := e.stdout.(*output)
	if !ok || !isTerminal(o) {
		return nil, &outcome{code: exitUsage, err: fmt.Errorf("standard output is no terminal"), hint: hint}
	}
	out := o.Writer.(*os.File)
	return &screen{in: in, out: out, paint: newPaint(out), dumb: os.Getenv("TERM") == "dumb"}, nil
}

func (s *screen) size() (width, height int) {
	width, height, err := term.GetSize(int(s.out.Fd()))
	if err != nil || width < 1 || height < 1 {
		return 80, 24
	}
	return width, height
}

// raw takes the terminal over, until restore.
func (s *screen) raw() error {
	state, err := term.MakeRaw(int(s.in.Fd()))
	if err != nil {
		return failed("", "the terminal cannot be read key by key: %w", err)
	}
	s.state = state
	if _, s.height = s.size(); !s.dumb {
		fmt.Fprint(s.out, strings.Repeat("\r\n", s.height)) // what stands on the screen stays above
	}
	return nil
}

func (s *screen) restore() {
	if s.state == nil {
		return
	}
	if !s.dumb {
		fmt.Fprintf(s.out, "\x1b[%d;1H\x1b[?25h", s.height)
	}
	fmt.Fprint(s.out, "\r\n")
	term.Restore(int(s.in.Fd()), s.state)
	s.state = nil
}

// draw shows a view. The lines are harmless already.
func (s *screen) draw(m *review.Model) {
	width, height := s.size()
	s.height = height
	lines, row, column := m.View(width, height)
	var b bytes.Buffer
	if !s.dumb {
		b.WriteString("\x1b[?25l\x1b[H")
	}
	for i, l := range lines {
		if i > 0 {
			b.WriteString("\r\n")
		}
		if !s.dumb {
			b.WriteString("\x1b[K") // before the text: behind a full line it would take its last character
		}
		for _, span := range l {
			if span.Style == review.Plain {
				b.WriteString(span.Text)
				continue
			}
			b.WriteString(s.paint.with(styleCodes[span.Style], span.Text))
		}
	}
	switch {
	case s.dumb:
		b.WriteString("\r\n")
	case row >= 0:
		fmt.Fprintf(&b, "\x1b[J\x1b[%d;%dH\x1b[?25h", row+1, min(column+1, width))
	default:
		b.WriteString("\x1b[J")
	}
	s.out.Write(b.Bytes())
}

// styleCodes are the graphic renditions (ECMA-48 §8.3.117) of the styles.
var styleCodes = [...]string{review.Strong: "1", review.Faint: "2", review.Sentence: "1;36", review.Good: "32", review.Bad: "31", review.Unsure: "33", review.Bar: "7"}

// keyPause is how long after an escape the rest of a key may come: over slow lines it comes in pieces.
const keyPause = 60 * time.Millisecond

// keys sends what is typed, until the terminal is gone.
func (s *screen) keys() <-chan []byte {
	c := make(chan []byte)
	go func() {
		defer close(c)
		for {
			buf := make([]byte, 1024)
			n, err := s.in.Read(buf)
			if n > 0 {
				c <- buf[:n]
			}
			if err != nil {
				return
			}
		}
	}()
	return c
}

// walk lets a person go through the suggestions on the terminal. Every decision is written as soon as it is made.
func walk(ctx context.Context, e *env, o reviewOptions, s *review.Session, file *caseOnDisk, scr *screen, source, again string) error {
	m, err := review.New(s, file.text, review.Options{Source: source, Case: file.name, Acts: o.acts})
	if err != nil {
		return err
	}
	if err := scr.raw(); err != nil {
		return err
	}
	err = loop(ctx, m, file, scr)
	scr.restore()
	saved := fmt.Sprintf("%s saved in %s", count(m.Made(), "decision", "decisions"), file.name)
	if unsaved(m, file) {
		return failed("", "%s could not be written: the last decisions are lost: %w", file.name, err)
	}
	if err != nil {
		return err
	}
	if m.Interrupted() || ctx.Err() != nil {
		return failed("onrecord review goes on where it was left", "interrupted; %s", saved)
	}
	fmt.Fprintf(e.stdout, "%s\n%s\n", harmless(m.Report()), harmless(saved))
	goOn(e, m, file, again)
	return nil
}

func unsaved(m *review.Model, file *caseOnDisk) bool { return !bytes.Equal(m.Text(), file.text) }

// loop ends when the person does. The error is of the last write, if that failed.
func loop(ctx context.Context, m *review.Model, file *caseOnDisk, scr *screen) error {
	resized, stop := notifyResize()
	defer stop()
	typed := scr.keys()
	var rest []byte
	var failure error
	for !m.Done() {
		scr.draw(m)
		var late <-chan time.Time
		if len(rest) > 0 {
			late = time.After(keyPause)
		}
		last := false
		select {
		case <-ctx.Done():
			return failure
		case <-resized:
			continue
		case <-late:
			last = true
		case in, ok := <-typed:
			if !ok {
				return failure // the terminal is gone
			}
			rest = append(rest, in...)
		}
		var keys []review.Key
		keys, rest = review.Keys(rest, last)
		for _, k := range keys {
			if m.Done() {
				break
			}
			if failure = press(m, file, k); failure != nil {
				m.Complain("NOT SAVED: %v", failure)
			}
		}
	}
	return failure
}

// press hands one key on, and writes what it decided.
func press(m *review.Model, file *caseOnDisk, k review.Key) error {
	if text, changed := file.changed(); changed {
		if failure := m.Replace(text); failure != nil {
			file.broken = true
		} else {
			file.text, file.there, file.broken = text, true, false
			return nil // what the key was meant for may not be there any more
		}
	}
	if file.broken && k.Code != review.Interrupt && k.Rune != 'q' {
		return fmt.Errorf("another program has changed %s, and it cannot be read any more; put it right, or quit with q", file.name)
	}
	m.Update(k)
	if unsaved(m, file) {
		return file.write(m.Text())
	}
	return nil
}
