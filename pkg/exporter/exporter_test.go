package exporter

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestTable(t *testing.T) {
	for name, p := range fields {
		assert.NotNil(t, Field(name), "%s is within the bounds of what is looked up", name)
		assert.NotEmpty(t, p.Name)
		assert.NotEmpty(t, p.Altered, p.Name)
	}
	assert.Nil(t, Field("Subject"))
	assert.Nil(t, Field("X-Mailer"))
	assert.Equal(t, "Google Takeout", Field("X-GM-THRID").Name)
}

func TestTraces(t *testing.T) {
	for line, want := range map[string]string{
		"From mboxrd@z Thu Jan  1 00:00:00 1970":              "public-inbox",
		"From - Mon Mar  2 09:00:00 2026":                     "Thunderbird",
		"From ???@??? Mon Mar  2 09:00:00 2026":               "Eudora",
		"From ada at plant.example  Mon Mar  2 09:00:00 2026": "pipermail list archive",
		"From ada@plant.example Mon Mar  2 09:00:00 2026":     "",
		"": "",
	} {
		f, ok := Envelope(line)
		assert.Equal(t, want != "", ok, line)
		if ok {
			assert.Equal(t, want, f.Program.Name)
		}
	}
	f, ok := Received("from pop.client.example [192.0.2.1] by localhost with POP3 (fetchmail-6.4.39)")
	assert.True(t, ok)
	assert.Equal(t, "fetchmail", f.Program.Name)
	_, ok = Received("from a by b with SMTP")
	assert.False(t, ok)
	f, ok = Boundary("--boundary-LibPST-iamunique-1804289383_-_-")
	assert.True(t, ok)
	assert.Equal(t, "readpst", f.Program.Name)
	assert.Equal(t, "Apple Mail", AppleMail().Program.Name)
}
