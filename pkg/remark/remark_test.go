package remark

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestNew(t *testing.T) {
	assert.Equal(t, Remark{Kind: "partial-body", Args: []string{"20", "b"}, Text: "20 bytes of b"}, New("partial-body", "%d bytes of %s", 20, "b"))
	assert.Equal(t, Remark{Kind: "k", Text: "as it stands"}, New("k", "as it stands"))
}
