package smime

import "errors"

// element is one element of BER (X.690 §8).
type element struct {
	class       byte // 0 universal, 2 context-specific
	tag         int
	constructed bool
	content     []byte // without header and end-of-contents
	whole       []byte
}

var errBER = errors.New("it is not BER")

const maxDepth = 24 // of constructed elements of indefinite length, in one another

// next reads the first element of b. Indefinite lengths are let through: mail programs write them (RFC 5652 §1 asks for BER alone).
func next(b []byte) (e element, rest []byte, err error) {
	header, length, err := readHeader(b, &e)
	if err != nil {
		return e, nil, err
	}
	if length >= 0 {
		if length > len(b)-header {
			return e, nil, errBER
		}
		e.content, e.whole = b[header:header+length], b[:header+length]
		return e, b[header+length:], nil
	}
	end, err := endOfContents(b, header)
	if err != nil {
		return e, nil, err
	}
	e.content, e.whole = b[header:end], b[:end+2]
	return e, b[end+2:], nil
}

// endOfContents finds the end of an indefinite element whose content begins at pos, with a counter of open ones in place of recursion.
func endOfContents(b []byte, pos int) (int, error) {
	for open := 1; ; {
		if pos+2 > len(b) {
			return 0, errBER
		}
		if b[pos] == 0 && b[pos+1] == 0 {
			if open--; open == 0 {
				return pos, nil
			}
			pos += 2
			continue
		}
		var e element
		header, length, err := readHeader(b[pos:], &e)
		if err != nil {
			return 0, err
		}
		switch {
		case length < 0:
			if open++; open > maxDepth {
				return 0, errBER
			}
			pos += header
		case length > len(b)-pos-header:
			return 0, errBER
		default:
			pos += header + length
		}
	}
}

// readHeader reads identifier and length octets; length is -1 where it is indefinite.
func readHeader(b []byte, e *element) (header, length int, err error) {
	if len(b) < 2 {
		return 0, 0, errBER
	}
	e.class, e.constructed, e.tag = b[0]>>6, b[0]&0x20 != 0, int(b[0]&0x1f)
	if e.tag == 0x1f { // no structure of CMS has such a tag
		return 0, 0, errBER
	}
	n := int(b[1])
	switch {
	case n < 0x80:
		return 2, n, nil
	case n == 0x80:
		if !e.constructed {
			return 0, 0, errBER
		}
		return 2, -1, nil
	case n > 0x84 || len(b) < 2+n&0x7f:
		return 0, 0, errBER
	}
	for _, c := range b[2 : 2+n&0x7f] {
		length = length<<8 | int(c)
	}
	return 2 + n&0x7f, length, nil
}

// children reads the elements that follow each other in b.
func children(b []byte, most int) ([]element, error) {
	var all []element
	for len(b) > 0 {
		e, rest, err := next(b)
		if err != nil {
			return all, err
		}
		if len(all) == most {
			return all, errBER
		}
		all, b = append(all, e), rest
	}
	return all, nil
}

// octets joins the pieces of an OCTET STRING, which may be cut up (X.690 §8.7.3), once within pieces.
func (e element) octets() ([]byte, error) {
	if !e.constructed {
		return e.content, nil
	}
	var out []byte
	queue := []element{e}
	for depth := 0; len(queue) > 0; depth++ {
		if depth > maxDepth {
			return nil, errBER
		}
		var below []element
		for _, q := range queue {
			if !q.constructed {
				out = append(out, q.content...)
				continue
			}
			list, err := children(q.content, 1<<20)
			if err != nil {
				return nil, err
			}
			below = append(below, list...)
		}
		queue = below
	}
	return out, nil
}

func (e element) is(class byte, tag int) bool { return e.class == class && e.tag == tag }
