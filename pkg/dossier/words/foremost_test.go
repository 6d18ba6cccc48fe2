package words

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"onrecord/pkg/notice"
)

func TestForemost(t *testing.T) {
	said := func(text string, origin notice.Origin, confidence float64) *notice.Statement {
		return &notice.Statement{Text: text, Origin: origin, Confidence: confidence}
	}
	all := []*notice.Statement{said("a", notice.Suggested, 0.4), said("b", notice.Suggested, 0.9), said("c", notice.Marked, 0), said("d", notice.Suggested, 0.4), said("e", notice.Suggested, 0.8)}
	for n, want := range []string{"", "c", "bc", "bce", "abce", "abcde", "abcde"} {
		got := ""
		for _, s := range Foremost(all, n) {
			got += s.Text
		}
		assert.Equal(t, want, got, n)
	}
}
