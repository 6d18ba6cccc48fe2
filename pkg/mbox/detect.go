package mbox

import (
	"bytes"
	"fmt"
	"io"
	"strings"
)

// Report is what the whole file shows of its variant.
type Report struct {
	Variant  Variant
	Why      string // the evidence in words, with counts
	Messages int64
	Notes    []string // what is doubtful about the file, with counts
}

// evidence counts what tells the variants apart.
type evidence struct {
	messages                 int64
	holds, lies              int64 // messages whose Content-Length ends at a From_ line or the end of the file; does not
	quoted, deeper           int64 // lines ">From ", lines ">>From " and deeper
	asQuoted, oneMore        int64 // among lines of a quotation with as many '>' as their neighbours; with one more
	bareAfterBlank, bareElse int64 // body lines "From " that separate nothing
	quotedAfterBlank         int64
	doubts                   map[string]int64
	junk                     int64 // bytes
}

// Detect reads the whole file and tells its variant from what it finds: Content-Length fields that hold, ">From " and
// ">>From " lines, lines "From " that stand in bodies unquoted. The only errors are those of r.
//
// mboxo and mboxrd differ only in lines that had a '>' of their own: in a quotation written ">like this" such a line has as
// many '>' as its neighbours in mboxo, one more in mboxrd. Without such a line, ">>From " anywhere speaks for mboxrd.
func Detect(r io.ReaderAt, size int64) (Report, error) {
	e, s, err := gather(r, size, true)
	if err != nil {
		return Report{}, err
	}
	if e.holds > 0 && !e.lengthsHold() {
		// Some Content-Length fields hold by chance, or in copied messages: the file is not separated by them.
		holds, lies := e.holds, e.lies
		if e, s, err = gather(r, size, false); err != nil {
			return Report{}, err
		}
		e.holds, e.lies = holds, lies
	}
	rep := Report{Messages: e.messages}
	rep.Variant, rep.Why = e.judge(s)
	for _, doubt := range []string{doubtNoBlank, doubtNoHeader, doubtNoFromLine, doubtOddFromLine, doubtCutOff} {
		if n := e.doubts[doubt]; n > 0 {
			rep.Notes = append(rep.Notes, fmt.Sprintf("%s: %d", doubt, n))
		}
	}
	if e.lies > 0 && (rep.Variant == MboxCL || rep.Variant == MboxCL2) {
		rep.Notes = append(rep.Notes, fmt.Sprintf("Content-Length does not end where a message ends: %d", e.lies))
	}
	if e.junk > 0 {
		rep.Notes = append(rep.Notes, fmt.Sprintf("%d bytes belong to no message", e.junk))
	}
	return rep, nil
}

func gather(r io.ReaderAt, size int64, useLength bool) (*evidence, *scan, error) {
	e := &evidence{doubts: map[string]int64{}}
	s := newScan(r, size, Unknown, 0)
	s.useLength, s.seen = useLength, e
	for {
		sp, ok, err := s.more()
		if err != nil {
			return nil, nil, err
		}
		if !ok {
			return e, s, nil
		}
		for _, doubt := range sp.doubts {
			e.doubts[doubt]++
		}
		if !sp.message {
			e.junk += sp.end - sp.start
			continue
		}
		e.messages++
		switch sp.length {
		case lengthHolds:
			e.holds++
		case lengthLies:
			e.lies++
		}
	}
}

// lengthsHold: a writer of mboxcl puts the field into every message; one that a message brought along holds now and then.
func (e *evidence) lengthsHold() bool { return e.holds > 0 && 2*e.holds >= e.messages }

func (e *evidence) judge(s *scan) (Variant, string) {
	var why []string
	say := func(format string, args ...any) { why = append(why, fmt.Sprintf(format, args...)) }
	if s.mmdf() {
		return Unknown, "MMDF: messages between lines of four U+0001, nothing is quoted"
	}
	if s.cr {
		return Unknown, "lines end in a bare CR: quoting is not looked at"
	}
	bare, all := e.bareAfterBlank+e.bareElse, e.quoted+e.deeper
	say("messages: %d", e.messages)
	if e.holds+e.lies > 0 {
		say("Content-Length ends at a From_ line or the end of the file in %d, not in %d", e.holds, e.lies)
	}
	say("%d body lines \">From \", %d \">>From \" or deeper, %d unquoted \"From \" (%d after an empty line)", e.quoted, e.deeper, bare, e.bareAfterBlank)
	v := Unknown
	unquoted := e.bareAfterBlank > 0 && e.bareAfterBlank >= e.quotedAfterBlank || e.bareElse > all && e.quotedAfterBlank == 0
	switch {
	case e.lengthsHold() && (unquoted || e.quoted <= e.asQuoted):
		v = MboxCL2
		say("so nothing is quoted")
	case e.lengthsHold():
		v = MboxCL
	case unquoted:
		say("the writer quotes nothing, \">From \" lines are the authors' own")
	case all == 0:
		say("no line shows how the writer quotes")
	case e.asQuoted != e.oneMore:
		if v = MboxO; e.oneMore > e.asQuoted {
			v = MboxRD
		}
		say("in quotations, %d of them have as many '>' as their neighbours (mboxo), %d one more (mboxrd)", e.asQuoted, e.oneMore)
	case e.deeper > 0:
		v = MboxRD
		say("\">>From \" is what mboxrd makes of \">From \"")
	default:
		v = MboxO
		say("only one '>' anywhere, which mboxo and mboxrd read alike")
	}
	return v, strings.Join(why, "; ")
}

// quotedLine takes note of the line at b[line:] that begins with n '>' and "From ".
func (e *evidence) quotedLine(b []byte, line, n int) {
	if n == 1 {
		e.quoted++
	} else {
		e.deeper++
	}
	before := bytes.TrimSuffix(b[max(0, line-maxFromLine):line], []byte("\n"))
	before = bytes.TrimSuffix(before[bytes.LastIndexByte(before, '\n')+1:], []byte("\r"))
	if len(before) == 0 {
		e.quotedAfterBlank++
	}
	depth := quoteDepth(before)
	if depth == 0 {
		if i := bytes.IndexByte(b[line:min(len(b), line+maxFromLine)], '\n'); i >= 0 {
			after, _, _ := bytes.Cut(b[line+i+1:min(len(b), line+i+1+maxFromLine)], []byte("\n"))
			depth = quoteDepth(after)
		}
	}
	switch {
	case depth == 0:
	case n == depth:
		e.asQuoted++
	case n == depth+1:
		e.oneMore++
	}
}

// quoteDepth counts the '>' of a line quoted ">like this"; 0 for any other, also "> like this": there a line that an
// author quoted reads "> From", and ">From " next to it is the mailbox writer's.
func quoteDepth(line []byte) int {
	n := 0
	for n < len(line) && line[n] == '>' {
		n++
	}
	if n > 0 && n < len(line) && isSpace(line[n]) || bytes.HasPrefix(line[n:], fromSpace) {
		return 0
	}
	return n
}

func (e *evidence) bareLine(afterBlank bool) {
	if afterBlank {
		e.bareAfterBlank++
	} else {
		e.bareElse++
	}
}
