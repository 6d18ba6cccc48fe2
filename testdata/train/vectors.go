package main

import (
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"strings"

	"onrecord/pkg/notice/model"
)

// wordVectors are what vectors.py wrote.
type wordVectors struct {
	hashes  []uint64
	rows    [][model.Dim]int8 // from model.FirstWord on; those before are zero
	step    float64
	lexicon *model.Lexicon
}

func readVectors(name string) (*wordVectors, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	if len(data) < 12 {
		return nil, fmt.Errorf("%s: cut short", name)
	}
	n, dim, text := int(binary.LittleEndian.Uint32(data)), int(binary.LittleEndian.Uint32(data[4:])), int(binary.LittleEndian.Uint32(data[8:]))
	if dim != model.Dim || len(data) != 12+text+n*dim {
		return nil, fmt.Errorf("%s: %d numbers a word, %d bytes", name, dim, len(data))
	}
	v := &wordVectors{rows: make([][model.Dim]int8, model.FirstWord+n)}
	for w := range strings.SplitSeq(string(data[12:12+text]), "\n") {
		v.hashes = append(v.hashes, model.Hash(w))
	}
	if len(v.hashes) != n {
		return nil, fmt.Errorf("%s: %d words of %d", name, len(v.hashes), n)
	}
	square := 0.0
	for i := range n {
		for j := range dim {
			x := int8(data[12+text+i*dim+j])
			v.rows[model.FirstWord+i][j] = x
			square += float64(x) * float64(x)
		}
	}
	v.step = 1.5 / math.Sqrt(square/float64(n)) // the mean length of a vector becomes 1.5
	v.lexicon = model.NewLexicon(v.hashes)
	return v, nil
}
