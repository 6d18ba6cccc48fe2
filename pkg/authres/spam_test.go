package authres_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"onrecord/pkg/authres"
	"onrecord/pkg/corpora"
)

func TestParseSpam(t *testing.T) {
	for _, c := range []struct{ name, field, in, want string }{
		{"SpamAssassin", "X-Spam-Status", " No, score=-2.1 required=5.0 tests=BAYES_00,DKIM_SIGNED,\n\tDKIM_VALID,DKIM_VALID_AU,SPF_HELO_NONE,\n\tSPF_PASS autolearn=ham\n\tautolearn_force=no version=3.4.6",
			" | x-spam=no score=-2.1 required=5.0 tests=BAYES_00,DKIM_SIGNED,DKIM_VALID,DKIM_VALID_AU,SPF_HELO_NONE,SPF_PASS autolearn=ham autolearn_force=no version=3.4.6" +
				" | dkim=pass rule=DKIM_VALID | dkim=pass reason=signed by the domain of From rule=DKIM_VALID_AU | spf=none reason=of the name in the greeting (HELO) rule=SPF_HELO_NONE | spf=pass rule=SPF_PASS"},
		{"amavis", "X-Spam-Status", " Yes, score=7.2 tagged_above=-999 required=6.2\r\n tests=[BAYES_99=3.5, DKIM_INVALID=0.1,\r\n DMARC_REJECT=0.9, T_SPF_TEMPERROR=0.01] autolearn=no",
			" | x-spam=yes score=7.2 tagged_above=-999 required=6.2 tests=[BAYES_99=3.5,DKIM_INVALID=0.1,DMARC_REJECT=0.9,T_SPF_TEMPERROR=0.01] autolearn=no" +
				" | dkim=fail rule=DKIM_INVALID | dmarc=fail reason=policy reject rule=DMARC_REJECT | spf=temperror rule=T_SPF_TEMPERROR"},
		{"of 2003", "X-Spam-Status", " No, hits=-0.5 required=5.0 tests=none version=2.55", " | x-spam=no hits=-0.5 required=5.0 tests=none version=2.55"},
		{"words", "X-Spam-Status", " no", " | x-spam=no"},
		{"no verdict", "x-spam-status", " score=1 tests=ARC_VALID", " | x-spam= score=1 tests=ARC_VALID | arc=pass rule=ARC_VALID"},
		{"report", "X-Spam-Report", "\n\t* -0.0 SPF_PASS SPF: sender matches SPF record\n\t*  0.1 DKIM_SIGNED Message has a signature, not\n\t*      necessarily valid\n\t* -0.1 DKIM_VALID Message has at least one valid DKIM signature",
			" | x-spam= (* -0.0 SPF_PASS SPF: sender matches SPF record * 0.1 DKIM_SIGNED Message has a signature, not * necessarily valid * -0.1 DKIM_VALID Message has at least one valid DKIM signature)" +
				" | spf=pass (SPF: sender matches SPF record) rule=SPF_PASS | dkim=pass (Message has at least one valid DKIM signature) rule=DKIM_VALID"},
	} {
		f := authres.ParseSpam(c.field, []byte(c.in))
		assert.Equal(t, c.want, brief(f), c.name)
		assert.Equal(t, c.in, f.Raw, c.name)
		assert.Equal(t, c.field, f.Field)
		assert.True(t, authres.IsSpamField(c.field))
	}
	assert.False(t, authres.IsSpamField("X-Spam-Level"))
	assert.Equal(t, "mx.b.example", authres.SpamServer(" SpamAssassin 3.4.6 (2021-04-09) on\n\tmx.b.example"))
	assert.Empty(t, authres.SpamServer("SpamAssassin"))
}

// Nothing that the field says is lost, whatever stands in it.
func FuzzParseSpam(f *testing.F) {
	f.Add("X-Spam-Status", []byte(" No, score=1 tests=[A=1, SPF_PASS=2] x"))
	f.Add("X-Spam-Report", []byte("\n * 1.0 SPF_FAIL text\n * more"))
	f.Fuzz(func(t *testing.T, name string, body []byte) {
		field := authres.ParseSpam(name, body)
		assert.NotEmpty(t, field.Results)
		if len(body) < 4000 {
			assert.Empty(t, lost(field.Raw, partsOf(field)), "%q", body)
		}
	})
}

// Real fields: each has its result, most with SPF or DKIM have those too.
func TestCorporaSpam(t *testing.T) {
	fields, told := 0, 0
	for _, pack := range []string{"lists", "spamassassin", "warnings"} {
		walk(t, corpora.Dir(t, pack), func(name string, body []byte) {
			if !authres.IsSpamField(name) {
				return
			}
			fields++
			f := authres.ParseSpam(name, body)
			assert.Empty(t, lost(f.Raw, partsOf(f)), "%q", body)
			if len(f.Results) > 1 {
				told++
			}
			if text := string(body); strings.Contains(text, "SPF_PASS") || strings.Contains(text, "DKIM_VALID") {
				assert.Greater(t, len(f.Results), 1, "%q", body)
			}
		})
	}
	t.Logf("%d fields, %d of them with results of authentication", fields, told)
	if os.Getenv("ONRECORD_SHARED") != "" {
		assert.Greater(t, told, 20)
	}
}
