package source

import (
	"bytes"
	"fmt"
	"iter"
	"path"
	"strconv"
	"strings"
)

// isEMLX: Apple Mail's file for one message. The first line holds the message's length in bytes; behind the message
// comes a property list with Apple Mail's own data.
func isEMLX(p probe) ([]string, bool) {
	start, length, ok := emlxLength(p.head)
	if !ok || !strings.EqualFold(path.Ext(p.path), ".emlx") || length > p.size-start {
		return nil, false
	}
	if strings.HasSuffix(strings.ToLower(p.path), ".partial.emlx") {
		return []string{"a .partial.emlx lacks attachments that Apple Mail keeps elsewhere"}, true
	}
	return nil, true
}

func emlxLength(head []byte) (start, length int64, ok bool) {
	line, _, ok := bytes.Cut(head[:min(len(head), 32)], []byte("\n"))
	if !ok {
		return 0, 0, false
	}
	length, err := strconv.ParseInt(string(bytes.TrimSpace(line)), 10, 64)
	return int64(len(line) + 1), length, err == nil && length >= 0
}

func emlxItems(name string, r Content, o Options) (Reading, iter.Seq2[Item, error], error) {
	head, err := section(r, 0, min(r.Size(), headSize), headSize)
	if err != nil {
		return Reading{}, nil, err
	}
	start, length, ok := emlxLength(head.(Bytes))
	if !ok || length > r.Size()-start {
		return Reading{}, nil, fmt.Errorf("the first line does not hold the length of the message")
	}
	item := Item{Origin: Origin{Source: name, Offset: start, Length: length}}
	item.Raw, err = section(r, start, length, o.maxInMemory())
	return Reading{Format: EMLX}, one(item), err
}
