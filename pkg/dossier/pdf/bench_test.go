package pdf

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"onrecord/pkg/dossier"
	"onrecord/pkg/message"
	"onrecord/pkg/notice"
)

// many is a dossier of n exhibits of about 2 kB of text and six hops each.
func many(n int) *dossier.Dossier {
	var mails []mail
	var marks []said
	for i := range n {
		var text strings.Builder
		for k := range 24 {
			fmt.Fprintf(&text, "Line %d of message %d: the stopping time of the press was measured again and again.\n", k, i)
		}
		text.WriteString("This is dangerous.\n> quoted before\n")
		mails = append(mails, mail{float64(i), mira, []message.Address{carl, tom}, []message.Address{ines}, fmt.Sprint("Message ", i), text.String()})
		if i%5 == 0 {
			marks = append(marks, said{i + 1, "This is dangerous.", []notice.Act{notice.Warning}, notice.Suggested, "press"})
		}
	}
	return story(mails, marks)
}

type drain struct{}

func (drain) Write(p []byte) (int, error) { return len(p), nil }
func (drain) Close() error                { return nil }

func BenchmarkWrite(b *testing.B) {
	const n = 1000
	d := many(n)
	b.ReportAllocs()
	for b.Loop() {
		_, err := Write(func(int) (io.WriteCloser, error) { return drain{}, nil }, d, sampleOptions)
		require.NoError(b, err)
	}
	b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "exhibits/s")
}
