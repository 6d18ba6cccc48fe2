package source

import (
	"bytes"
	"iter"
	"path"
	"strings"

	"onrecord/pkg/mbox"
)

// isNamedEML: what is called .eml is mail, be it empty, without a header, or no mail at all by the look of it.
func isNamedEML(p probe) ([]string, bool) {
	if !strings.EqualFold(path.Ext(p.path), ".eml") {
		return nil, false
	}
	switch {
	case p.size == 0:
		return []string{"empty file"}, true
	case looksUTF16(p.head):
		return []string{"the text is saved as UTF-16: these are not the bytes that were sent"}, true
	}
	return nil, true
}

// isMail recognises one message by its content; where the name speaks for it, one known field is enough.
func isMail(p probe) ([]string, bool) {
	switch strings.ToLower(path.Ext(p.path)) {
	case ".msg", ".mail", ".email", ".rfc822", ".mime":
		return nil, knownFields(p.head) > 0
	}
	return nil, looksLikeMail(p.head)
}

// emlItems gives the one message of the file. A From_ line before it is its envelope line; where more From_ lines
// separate more messages, the file is an mbox in truth and read as one.
func emlItems(name string, r Content, o Options) (Reading, iter.Seq2[Item, error], error) {
	head, err := section(r, 0, min(r.Size(), headSize), headSize)
	if err != nil {
		return Reading{}, nil, err
	}
	if startsWithFromLine(head.(Bytes)) {
		rep, err := mbox.Detect(r, r.Size())
		if err != nil {
			return Reading{}, nil, err
		}
		if rep.Messages > 1 {
			reading, items, err := mboxItems(name, r, o)
			reading.Notes = append(reading.Notes, "named as one message, but From_ lines separate several: read as an mbox")
			return reading, items, err
		}
	}
	item, err := single(name, r, head.(Bytes), o)
	return Reading{Format: EML}, one(item), err
}

// single gives a file as one message, without a From_ line before it.
func single(name string, r Content, head Bytes, o Options) (Item, error) {
	item := Item{Origin: Origin{Source: name}}
	if startsWithFromLine(head) {
		start := len(head) - len(trimStart(head))
		line, rest := cutLine(head[start:])
		item.Origin.Offset = int64(len(head) - len(rest))
		item.Origin.setEnvelope(bytes.TrimRight(line, "\r\n"))
		if start > 0 {
			item.Notes = append(item.Notes, "a byte order mark or blank lines stand before the From_ line")
		}
	}
	item.Origin.Length = r.Size() - item.Origin.Offset
	var err error
	item.Raw, err = section(r, item.Origin.Offset, item.Origin.Length, o.maxInMemory())
	return item, err
}
