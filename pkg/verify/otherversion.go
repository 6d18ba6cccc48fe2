package verify

import (
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"onrecord/pkg/digest"
	"onrecord/pkg/dkim"
	"onrecord/pkg/dossier"
	"onrecord/pkg/evidence"
	"onrecord/pkg/seal"
	"onrecord/pkg/source"
)

// A dossier that another version made. What stands in it by the bytes alone – digests, header fields, DKIM, the ledger, the exhibits, the manifests and what they are sealed with – is the same in
// every version, and a difference is a mismatch. What sentences are found, how persons are told apart, how things are worded and drawn changes from version to version: where this version comes to
// another result it cannot tell what the maker's would, so that is unverifiable, neither right nor wrong.

// standing tells whether a fact of dossier.json is one that every version derives in the same way. Paths are such as "messages[3].nested[0].message.header[2].raw".
func standing(path string) bool { return standingFacts.MatchString(path) }

var standingFacts = regexp.MustCompile(`^(ledger($|\.)|evidence_digest$|messages$` +
	`|sources($|\[\d+\]\.(path|file|format|size|sha256|found|kept|duplicate|excluded|failed)$)` +
	`|messages\[\d+\]\.(nested\[\d+\]\.message\.)*((exhibit|file|origin|size|digests|header)($|\[|\.)` +
	`|authentication\.(arc\.chain$|dkim$|(dkim|arc\.checks)\[\d+\]\.(domain|selector|algorithm|canonicalization|signed_fields|body_hash|signature|body_length|key\.record|key\.bits)($|\[))))`)

// unchecked is what a version says of a signature that it could not check. A later one may be able to.
const unchecked = `"unchecked"`

// otherwise is what this version finds in another way than the maker, of one group.
type otherwise struct {
	facts int
	first Finding
}

// note remembers a fact that is not standing.
func (c *contrast) note(path string, f Finding) {
	g := groupOf(path)
	if c.otherwise[g] == nil {
		c.otherwise[g] = &otherwise{first: f}
	}
	c.otherwise[g].facts++
}

// tellOfOther tells of each group whether this version comes to the same. What it does not is at least to be sound in itself.
func (c *contrast) tellOfOther(held *dossier.Dossier, copied bool) error {
	from, all := exportsCopied, groups[:]
	if !copied {
		from, all = exhibitsAlone, groups[1:]
		c.exportsNotCopied()
	}
	if c.named == 0 {
		c.add(Finding{Check: "facts", Subject: "bytes, digests, header fields, DKIM, ledger", Status: Verified, Why: "derived again from " + from + "; the same"})
	}
	c.same(all, from, c.otherwise)
	for _, g := range groups {
		if o := c.otherwise[g.what]; o != nil {
			c.add(Finding{Check: "facts", Subject: cmp.Or(g.rest, g.what), Status: Unverifiable, Expected: o.first.Expected, Found: o.first.Found,
				Why: fmt.Sprintf("%s made them; this version (%s) finds %s otherwise, first %s: not checked by deriving it again, covered by the manifests and by seals where there are any",
					c.maker, c.Version, counted(o.facts, "fact", "facts"), strings.TrimPrefix(o.first.Subject, "dossier.json: "))})
		}
	}
	if len(c.otherwise) == 0 && c.named == 0 {
		c.add(Finding{Check: "facts", Subject: "dossier.json", Status: Unverifiable, Why: c.maker + " wrote it in another form than this version does; what this version does not know in it was not checked"})
	}
	return c.sound(held)
}

// order gives the digests of the messages by exhibit, as this dossier numbers them. Another version may have had another order: then the exhibits are compared by their bytes.
func (v *verifier) order(placed []digest.Digest) (order []digest.Digest, renumbered bool) {
	if v.maker == "" || len(placed) != len(v.held) || slices.Equal(placed, v.held) {
		return placed, false
	}
	if !slices.Equal(sorted(placed), sorted(v.held)) {
		return placed, false
	}
	return v.held, true
}

func sorted(list []digest.Digest) []digest.Digest {
	return slices.SortedFunc(slices.Values(list), func(a, b digest.Digest) int { return slices.Compare(a[:], b[:]) })
}

// evidenceDigest is the digest over all exhibits in this order, as dossier.Build makes it.
func evidenceDigest(order []digest.Digest) digest.Digest {
	lines := sha256.New()
	for n, sum := range order {
		fmt.Fprintf(lines, "%s  %s\n", sum.Hex(), seal.ExhibitFile(n+1, len(order)))
	}
	return digest.Sum(lines)
}

// renumbered compares the standing facts of records that are in another order.
func (c *contrast) renumbered(again, held *dossier.Dossier) error {
	by := map[digest.Digest]digest.Digest{}
	for r, err := range again.Messages {
		if err != nil {
			return err
		}
		if by[r.Digests.Message], err = standingSum(r); err != nil {
			return err
		}
	}
	n := 0
	for h, err := range held.Messages {
		if err != nil {
			c.differ("messages", "a record", err.Error())
			return nil
		}
		sum, err := standingSum(h)
		if err != nil {
			return err
		}
		path := fmt.Sprintf("messages[%d]", n)
		if sum != by[h.Digests.Message] {
			c.differ(path+".digests", "other digests, header fields, origin or DKIM facts than its bytes give", "")
		}
		c.note(path+".exhibit", Finding{Subject: path + ".exhibit", Expected: fmt.Sprint(h.Exhibit)})
		n++
	}
	return nil
}

// standingSum is the digest of a record's standing facts, but for its number.
func standingSum(r *evidence.Record) (digest.Digest, error) {
	type signature struct {
		Domain, Selector, Algorithm, Canonicalization string
		SignedFields                                  []string
		BodyHash                                      dkim.BodyHash
		Signature                                     dkim.Verdict
		Record                                        string
	}
	facts := struct {
		Origin  source.Origin
		Digests evidence.Digests
		Size    int64
		Header  []evidence.HeaderField
		DKIM    []signature
	}{Origin: r.Origin, Digests: r.Digests, Size: r.Size, Header: r.Header}
	for _, s := range r.Authentication.DKIM {
		facts.DKIM = append(facts.DKIM, signature{s.Domain, s.Selector, s.Algorithm, s.Canonicalization, s.SignedFields, s.BodyHash, s.Signature, s.Key.Record})
	}
	b, err := json.Marshal(facts)
	return digest.Of(b), err
}

// sound checks, where this version finds other sentences, what must hold in itself: the words of a statement stand where its span says, and what is cited is there.
func (c *contrast) sound(held *dossier.Dossier) error {
	wrong := func(path, expected, found, why string) {
		if c.named++; c.named <= maxDifferences {
			c.add(Finding{Check: "facts", Subject: "dossier.json: " + path, Status: Mismatch, Expected: expected, Found: found, Why: why})
		}
	}
	people, statements := map[string]bool{"": true}, map[string]bool{"": true}
	for _, p := range held.People {
		people[p.ID] = true
	}
	for i := range held.Statements {
		statements[held.Statements[i].ID] = true
	}
	cited := func(path, kind, id string, there map[string]bool) {
		if !there[id] {
			wrong(path, id, "", "there is no such "+kind)
		}
	}
	exhibit := func(path string, n int) {
		if n < 0 || n > held.Count {
			wrong(path, fmt.Sprint(n), "", fmt.Sprintf("there are %d exhibits", held.Count))
		}
	}
	for i, n := range held.Notices {
		path := fmt.Sprintf("notices[%d]", i)
		cited(path+".statement", "statement", n.Statement, statements)
		cited(path+".person", "person", n.Person, people)
		for j, e := range n.Evidence {
			exhibit(fmt.Sprintf("%s.evidence[%d].exhibit", path, j), e.Exhibit)
		}
	}
	for i, x := range held.Contradictions {
		path := fmt.Sprintf("contradictions[%d]", i)
		cited(path+".statement", "statement", x.Statement, statements)
		for j, id := range x.Against {
			cited(fmt.Sprintf("%s.against[%d]", path, j), "statement", id, statements)
		}
	}
	for i, e := range held.Timeline {
		cited(fmt.Sprintf("timeline[%d].statement", i), "statement", e.Statement, statements)
		exhibit(fmt.Sprintf("timeline[%d].exhibit", i), e.Exhibit)
	}
	return c.spans(held, wrong)
}

// spans checks that each statement's text is what its span names.
func (c *contrast) spans(held *dossier.Dossier, wrong func(path, expected, found, why string)) error {
	by := map[int][]int{} // statements by exhibit
	for i, s := range held.Statements {
		by[s.Exhibit] = append(by[s.Exhibit], i)
	}
	for r, err := range held.Messages {
		if err != nil {
			return nil // told
		}
		for _, i := range by[r.Exhibit] {
			s := held.Statements[i]
			path := fmt.Sprintf("statements[%d].text", i)
			text, ok := textOf(r, s.Part)
			runes := []rune(text)
			if !ok || s.Span[0] < 0 || s.Span[0] > s.Span[1] || s.Span[1] > len(runes) {
				wrong(path, s.Text, "", fmt.Sprintf("its span lies outside of the text of exhibit %d", r.Exhibit))
				continue
			}
			if found := string(runes[s.Span[0]:s.Span[1]]); found != s.Text {
				wrong(path, s.Text, found, fmt.Sprintf("the text of exhibit %d has other words at this span", r.Exhibit))
			}
		}
		delete(by, r.Exhibit)
	}
	for _, n := range slices.Sorted(maps.Keys(by)) {
		wrong(fmt.Sprintf("statements[%d].exhibit", by[n][0]), fmt.Sprint(n), "", fmt.Sprintf("there are %d exhibits", held.Count))
	}
	return nil
}

// textOf gives the text of a message, or of a message inside of it by its path: "1.2/1" is part 1 of the message that is part 1.2.
func textOf(r *evidence.Record, part string) (string, bool) {
	for part != "" {
		var step string
		step, part, _ = strings.Cut(part, "/")
		i := slices.IndexFunc(r.Nested, func(n evidence.Nested) bool { return n.Part == step })
		if i < 0 {
			return "", false
		}
		r = r.Nested[i].Record
	}
	return r.Text, true
}
