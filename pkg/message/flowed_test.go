package message

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestDelSp(t *testing.T) {
	for text, want := range map[string]string{
		"Please leave the sa \nfety valve  \nin.\n\nAda\n": "Please leave the safety valve in.\n\nAda\n",
		"> the sa \n> fety valve\nno \n> other depth\n":    "> the safety valve\nno\n> other depth\n",
		" From here \n on\n-- \nAda\n":                     "From hereon\n-- \nAda\n",
		"ends with a soft break \n":                        "ends with a soft break",
		"nothing flows\nhere\n":                            "nothing flows\nhere\n",
		"a \n-- \nAda\n":                                   "a\n-- \nAda\n",
	} {
		assert.Equal(t, want, joinFlowed(text), "%q", text)
	}
	m, err := Read(Bytes("Content-Type: text/plain; charset=utf-8; Format=Flowed; DelSp=Yes\n\nthe sa \nfety valve\n"), DefaultLimits())
	require.NoError(t, err)
	assert.Contains(t, m.Text, "the safety valve")
	m, err = Read(Bytes("Content-Type: text/plain; charset=utf-8; format=flowed\n\nthe \nvalve\n"), DefaultLimits())
	require.NoError(t, err)
	assert.Contains(t, m.Text, "the \nvalve", "without delsp the lines stand as they are")
}
