package verify

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"onrecord/pkg/digest"
	"onrecord/pkg/dossier"
	"onrecord/pkg/evidence"
	"onrecord/pkg/seal"
	"onrecord/pkg/source"
)

// againstCheck is the check of two dossiers against each other.
const againstCheck = "messages of both"

// Side is one of two dossiers that are compared.
type Side struct {
	Name    string
	FS      fs.FS
	Dossier *dossier.Dossier
}

// twoSides counts what two dossiers have in common.
type twoSides struct {
	one, other             string
	both, sameMail, differ int
	onlyOne, onlyOther     int
}

// maxTold bounds how many messages are told one by one, of each kind.
const maxTold = 1000

// Against compares the messages of two dossiers, by the bytes of their exhibits: which both hold, which one alone holds, and which are the same mail with other bytes or another content
// under the same Message-ID. Neither is verified by it; but that each is as its manifests say is checked, for without that there is nothing to compare.
func Against(ctx context.Context, one, other Side, x *evidence.Examiner) (*Report, error) {
	r := NewReport()
	c := &twoSides{one: one.Name, other: other.Name}
	r.compared = c
	sums := [2]map[digest.Digest]bool{}
	for i, s := range []Side{one, other} {
		if err := r.bag(s); err != nil {
			return nil, err
		}
		sums[i] = map[digest.Digest]bool{}
		err := s.each(func(_ *evidence.Record, sum digest.Digest, _ source.Content) error {
			sums[i][sum] = true
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	for sum := range sums[0] {
		if sums[1][sum] {
			c.both++
		}
	}
	if c.both > 0 {
		r.add(Finding{Check: againstCheck, Subject: "both", Status: Verified, Why: fmt.Sprintf("both hold %d messages, byte for byte", c.both)})
	}
	for i, s := range []Side{other, one} { // what the other holds is asked for in the one, and then the other way round
		against := one
		if i == 1 {
			against = other
		}
		if err := r.half(ctx, c, s, against, sums[i], x, i == 1); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// half tells of the messages of s whose bytes are not among has, those of the other dossier. The second time only what is in s alone is told: the rest was.
func (r *Report) half(ctx context.Context, c *twoSides, s, against Side, has map[digest.Digest]bool, x *evidence.Examiner, second bool) error {
	held, err := NewHeld(against.FS, against.Dossier)
	if err != nil {
		return err
	}
	return s.each(func(rec *evidence.Record, sum digest.Digest, content source.Content) error {
		if has[sum] {
			return nil
		}
		name := fmt.Sprintf("%s: exhibit %d", s.Name, rec.Exhibit)
		findings, err := held.Message(ctx, x, source.Item{Origin: source.Origin{Source: name, Length: content.Size()}, Raw: content})
		if err != nil {
			return err
		}
		for _, f := range findings {
			f.Check, f.Subject = againstCheck, name
			told := 0
			switch {
			case strings.HasPrefix(f.Why, looseNotHere):
				f.Status = Missing
				if second {
					c.onlyOne++
					told = c.onlyOne
				} else {
					c.onlyOther++
					told = c.onlyOther
				}
				f.Why = strings.Replace(f.Why, looseNotHere, "not in "+against.Name, 1)
			case second:
				continue
			case strings.HasPrefix(f.Why, looseSameMail):
				c.sameMail++
				told = c.sameMail
			default:
				c.differ++
				told = c.differ
			}
			if told <= maxTold {
				r.add(f)
			} else if f.Status != Verified {
				r.OK = false
			}
		}
		return nil
	})
}

// bag checks that a dossier is as its manifests say.
func (r *Report) bag(s Side) error {
	c, err := seal.Check(s.FS)
	if err != nil {
		return err
	}
	for i, p := range c.Problems {
		if i == maxDifferences {
			break
		}
		r.add(Finding{Check: "digests", Subject: s.Name + ": " + p.Path, Status: Mismatch, Expected: p.Expected, Found: p.Found, Why: "this dossier is not as its manifests say; onrecord verify tells more"})
	}
	if len(c.Problems) == 0 {
		r.add(Finding{Check: "digests", Subject: s.Name, Status: Verified, Why: fmt.Sprintf("%d files are as its manifests say", c.Payload+c.Tags)})
	}
	return nil
}

// each gives the exhibits of a dossier with the bytes of their files. One that is not there was told by bag.
func (s Side) each(do func(*evidence.Record, digest.Digest, source.Content) error) error {
	for rec, err := range s.Dossier.Messages {
		if err != nil {
			return err
		}
		name := seal.ExhibitFile(rec.Exhibit, s.Dossier.Count)
		f, err := openRegular(s.FS, name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		content, err := contentOf(f, name)
		if err == nil {
			var sum digest.Digest
			if sum, _, err = digest.OfReader(io.NewSectionReader(content, 0, content.Size())); err == nil {
				err = do(rec, sum, content)
			}
		}
		f.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *twoSides) String() string {
	if c.onlyOne+c.onlyOther+c.differ+c.sameMail == 0 {
		return fmt.Sprintf("%s and %s hold the same %s.", c.one, c.other, counted(c.both, "message", "messages"))
	}
	parts := []string{"Both hold " + counted(c.both, "message", "messages") + " byte for byte"}
	for _, p := range []struct {
		n         int
		one, many string
	}{{c.sameMail, "is the same mail with other bytes", "are the same mail with other bytes"}, {c.differ, "differs", "differ"},
		{c.onlyOne, "is in " + c.one + " alone", "are in " + c.one + " alone"}, {c.onlyOther, "is in " + c.other + " alone", "are in " + c.other + " alone"}} {
		if p.n > 0 {
			parts = append(parts, counted(p.n, p.one, p.many))
		}
	}
	return strings.Join(parts, "; ") + "."
}
