package notice

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// A patch is handed over, not said: what is written before, after and between its hunks is read, its lines are not.
func TestPatchesSayNothing(t *testing.T) {
	text := "Please do not merge this, the gate will open by itself.\n---\n lib/gate.c | 12 ++++++++----\n 1 file changed, 8 insertions(+), 4 deletions(-)\n\n" +
		"diff --git a/lib/gate.c b/lib/gate.c\nindex 01..02 100644\n--- a/lib/gate.c\n+++ b/lib/gate.c\n@@ -1,3 +1,4 @@ int gate(void)\n" +
		" /* this is dangerous */\n-\treturn closed;\n+\t/* it will break */\n+\treturn open;\n\n" +
		"This is what I warned of.\n-- \n2.1.0\n"
	assert.Equal(t, "Please do not merge this, the gate will open by itself.\n---\n\nThis is what I warned of.", zoneText(text, ZoneOwn))
	assert.Contains(t, zoneText(text, ZonePatch), "it will break")
	assert.Contains(t, zoneText(text, ZonePatch), "8 insertions")
}

// What only looks like a patch, or is cut short, swallows nothing.
func TestNoPatches(t *testing.T) {
	for _, text := range []string{
		"@@ -1,9 +1,9 @@\nThe pump is off.\n",
		"@@ -x +1 @@\n the pump is off\n",
		"- the pump is off\n+ the valve is open\n",
		"Room | 12\nThe pump is off.\n",
		"2 files changed hands\n",
	} {
		own := zoneText(text, ZoneOwn)
		assert.True(t, len(own) > 10, "%q leaves %q", text, own)
	}
}
