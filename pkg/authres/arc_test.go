package authres_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/authres"
)

// The chain of RFC 8617 appendix B.3, signatures cut short.
var (
	rfcSeals = bodies(
		" i=3; a=rsa-sha256; cv=pass; d=clochette.example.org; s=clochette; t=12345; b=CU87XzXlNlk5X/yW4l73UvPUcP9ivwYWxyBWcVrRs7+HPx3K05nJhny2fvymbReAmOA9GTH/y+k9kEc59hAKVg==",
		" i=2; a=rsa-sha256; cv=pass; d=gmail.example; s=20120806; t=12345;\n    b=Zpukh/kJL4Q7Kv391FKwTepgS56dgHIcdhhJZjsalhqkFIQQAJ4T9BE\n    8jjLXWpRNuh81yqnT1/jHn086RwezGw==",
		" i=1; a=rsa-sha256; cv=none; d=lists.example.org; s=dk-lists;\n     t=12345; b=TlCCKzgk3TrAa+G77gYYO8Fxk4q/Ml0biqduZJeOYh6+0zhwQ8u/lHxLi21pxu347isLSuNtvIagIvAQna9a5A==")
	rfcSignatures = bodies(
		" i=3; a=rsa-sha256; c=relaxed/relaxed; d=clochette.example.org; h=message-id:date:from:to:subject; s=clochette; t=12345; bh=KWSe46TZKCcDbH4klJPo+tjk5LWJnVRlP5pvjXFZYLQ=; b=o71vwyLsK+Wm4cOSlirXoRwzEvi0vqIjd/2/GkYFYlSd/GGfKzkAgPqxf",
		" i=2; a=rsa-sha256; c=relaxed/relaxed; d=gmail.example; h=message-id:date:from:to:subject; s=20120806; t=12345; bh=KWSe46TZKCcDbH4klJPo+tjk5LWJnVRlP5pvjXFZYLQ=; b=CVoG44cVZvoSs2mMig2wwqPaJ4OZS5XGMCegWqQs1wvRZJS894tJM0xO1RJLgCPsBOxdA59WSqI9s9DfyKDfWg==",
		" i=1; a=rsa-sha256; c=relaxed/relaxed; d=lists.example.org; h=message-id:date:from:to:subject; s=dk-lists; t=12345; bh=KWSe46TZKCcDbH4klJPo+tjk5LWJnVRlP5pvjXFZYLQ=; b=DsoD3n3hiwlrN1ma8IZQFgZx8EDO7Wah3hUjIEsYKuShRKYB4LwGUiKD5YyHgcIwGHhSc")
	rfcResults = bodies(
		" i=3; clochette.example.org; spf=fail\n    smtp.from=jqd@d1.example; dkim=fail (512-bit key)\n    header.i=@d1.example; dmarc=fail; arc=pass (as.2.gmail.example=pass,\n    ams.2.gmail.example=pass, as.1.lists.example.org=pass,\n    ams.1.lists.example.org=fail (message has been altered))",
		" i=2; gmail.example; spf=fail\n    smtp.from=jqd@d1.example; dkim=fail (512-bit key)\n    header.i=@example.org; dmarc=fail; arc=pass (as.1.lists.example.org=pass,\n    ams.1.lists.example.org=pass)",
		" i=1; lists.example.org; spf=pass smtp.mfrom=jqd@d1.example;\n     dkim=pass (512-bit key) header.i=@d1.example;\n     dmarc=pass")
)

func bodies(s ...string) (out [][]byte) {
	for _, one := range s {
		out = append(out, []byte(one))
	}
	return out
}

func TestParseARC(t *testing.T) {
	sets, notes := authres.ParseARC(rfcResults, rfcSignatures, rfcSeals)
	require.Len(t, sets, 3)
	assert.Empty(t, notes)
	for i, want := range []struct{ cv, domain, selector, results string }{
		{"none", "lists.example.org", "dk-lists", "lists.example.org | spf=pass smtp.mfrom=jqd@d1.example | dkim=pass (512-bit key) header.i=@d1.example | dmarc=pass"},
		{"pass", "gmail.example", "20120806", "gmail.example | spf=fail smtp.from=jqd@d1.example | dkim=fail (512-bit key) header.i=@example.org | dmarc=fail | arc=pass (as.1.lists.example.org=pass, ams.1.lists.example.org=pass)"},
		{"pass", "clochette.example.org", "clochette", "clochette.example.org | spf=fail smtp.from=jqd@d1.example | dkim=fail (512-bit key) header.i=@d1.example | dmarc=fail | arc=pass (as.2.gmail.example=pass, ams.2.gmail.example=pass, as.1.lists.example.org=pass, ams.1.lists.example.org=fail (message has been altered))"},
	} {
		set := sets[i]
		assert.Equal(t, i+1, set.Instance)
		assert.Equal(t, []string{want.cv, want.domain, want.selector}, []string{set.CV, set.Domain, set.Selector})
		assert.Equal(t, want.results, brief(*set.Results))
		assert.Equal(t, time.Unix(12345, 0).UTC(), *set.Time)
		assert.Equal(t, "message-id:date:from:to:subject", set.Message.Get("h"))
		assert.Empty(t, set.Notes)
	}

	b, err := json.Marshal(sets)
	require.NoError(t, err)
	assert.NotContains(t, string(b), "null")
	var back []authres.ARCSet
	require.NoError(t, json.Unmarshal(b, &back))
	assert.Equal(t, sets, back)
}

func TestParseARCOddities(t *testing.T) {
	sets, notes := authres.ParseARC(
		bodies("i=1; a.example; spf=pass", "i=1; b.example; spf=fail", "mx.example; spf=pass", "i=51; c.example; none"),
		bodies("i=3; d=a.example; d=b.example"),
		bodies("i=3; cv=none; t=99999999999999", "i=0; cv=none", "rubbish"))
	require.Len(t, sets, 2)
	assert.Equal(t, "a.example", sets[0].Results.AuthServID)
	assert.Equal(t, []string{"ARC-Authentication-Results stands there more than once; the topmost is shown", "no ARC-Message-Signature", "no ARC-Seal"}, sets[0].Notes)
	assert.Equal(t, []string{"ARC-Message-Signature: tag d= is repeated", "ARC-Seal: t= is no time: 99999999999999", "no ARC-Authentication-Results", "ARC-Seal: cv=none at i=3"}, sets[1].Notes)
	assert.Nil(t, sets[1].Time)
	assert.Equal(t, []string{
		"ARC-Authentication-Results field 3 from the top has no i= from 1 to 50", "ARC-Authentication-Results field 4 from the top has no i= from 1 to 50",
		"ARC-Seal field 2 from the top has no i= from 1 to 50", "ARC-Seal field 3 from the top has no i= from 1 to 50", "there is no ARC set i=2"}, notes)

	sets, notes = authres.ParseARC(nil, nil, nil)
	assert.NotNil(t, sets)
	assert.Empty(t, sets)
	assert.Empty(t, notes)
}

func TestParseTagList(t *testing.T) {
	for _, c := range []struct {
		in, err string
		want    authres.Tags
	}{
		{" v=1; a=rsa-sha256 ;\r\n\tb=ab c\r\n d==; ", "", authres.Tags{{"v", "1"}, {"a", "rsa-sha256"}, {"b", "ab c\r\n d=="}}},
		{"a=1;;b=2", "empty tag", authres.Tags{{"a", "1"}, {"b", "2"}}},
		{"a=1; nothing; b=2", `no = in "nothing"`, authres.Tags{{"a", "1"}, {"b", "2"}}},
		{"a=1; a=2", "tag a= is repeated", authres.Tags{{"a", "1"}, {"a", "2"}}},
		{"1a=1", `bad tag name "1a"`, authres.Tags{{"1a", "1"}}},
		{"a =", "", authres.Tags{{"a", ""}}},
		{"", "", authres.Tags{}},
	} {
		tags, err := authres.ParseTagList([]byte(c.in))
		assert.Equal(t, c.want, tags, c.in)
		if c.err == "" {
			assert.NoError(t, err, c.in)
		} else {
			assert.EqualError(t, err, c.err, c.in)
		}
	}
}
