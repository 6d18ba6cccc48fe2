package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"onrecord/pkg/verify"
)

func TestAgainst(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	all := winch(t)
	put(t, dir, "ours.mbox", mailbox(all...), "same.mbox", mailbox(all...),
		"theirs.mbox", mailbox(strings.Replace(all[0], "Somebody will be killed", "Nobody will be injured", 1), all[1], strings.ReplaceAll(winchReply, "w2@", "w8@")+"\nAnd another thing.\n"),
		"crlf/1.eml", strings.ReplaceAll(all[1], "\n", "\r\n"))
	for _, name := range []string{"ours.mbox", "same.mbox", "theirs.mbox", "crlf"} {
		succeed(t, dir, "build", "-q", "--format", "json", name)
	}
	r := succeed(t, dir, "verify", "ours.mbox.dossier", "--against", "same.mbox.dossier")
	assert.True(t, strings.HasPrefix(r.out, "ours.mbox.dossier and same.mbox.dossier hold the same 4 messages.\n"), r.out)

	rep := report(t, dir, "ours.mbox.dossier", "--against", "theirs.mbox.dossier")
	assert.False(t, rep.OK)
	said := troubles(rep)
	assert.Contains(t, said, "mismatch messages of both: theirs.mbox.dossier: exhibit 1")
	assert.Contains(t, said, "same Message-ID, different content")
	assert.Contains(t, said, "Somebody")
	assert.Contains(t, said, "missing messages of both: theirs.mbox.dossier: exhibit 3")
	assert.Equal(t, 2, strings.Count(said, "missing messages of both: ours.mbox.dossier: exhibit"), "the photo and the denial\n%s", said)
	r = onrecord(t, dir, "verify", "ours.mbox.dossier", "--against", "theirs.mbox.dossier")
	assert.Equal(t, int(exitMismatch), r.code)
	assert.True(t, strings.HasPrefix(r.out, "Both hold 1 message byte for byte; 1 differs; 2 are in ours.mbox.dossier alone; 1 is in theirs.mbox.dossier alone.\n"), r.out)

	rep = report(t, dir, "ours.mbox.dossier", "--against", "crlf.dossier")
	assert.Equal(t, 3, strings.Count(troubles(rep), "missing messages of both: ours.mbox.dossier"), troubles(rep))
	assert.Contains(t, findings(rep, "messages of both"), "verified crlf.dossier: exhibit 1: same mail, different bytes")
	assert.Zero(t, rep.Count(verify.Mismatch))

	put(t, dir, "same.mbox.dossier/data/messages/0001.eml", "changed")
	rep = report(t, dir, "ours.mbox.dossier", "--against", "same.mbox.dossier")
	assert.Contains(t, troubles(rep), "mismatch digests: same.mbox.dossier: data/messages/0001.eml")
	assert.Equal(t, int(exitUsage), onrecord(t, dir, "verify", "ours.mbox.dossier", "x.eml", "--against", "same.mbox.dossier").code)
	assert.Equal(t, int(exitFailed), onrecord(t, dir, "verify", "ours.mbox.dossier", "--against", "none").code)
}
