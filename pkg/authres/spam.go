package authres

import "strings"

// spamRules are the rules of SpamAssassin that tell a result of authentication (its 25_spf.cf, 25_dkim.cf, 25_dmarc.cf): DKIM_SIGNED and ARC_SIGNED only
// say that a signature is there.
var spamRules = map[string]Result{
	"SPF_PASS": {Method: "spf", Value: "pass"}, "SPF_FAIL": {Method: "spf", Value: "fail"}, "SPF_SOFTFAIL": {Method: "spf", Value: "softfail"},
	"SPF_NEUTRAL": {Method: "spf", Value: "neutral"}, "SPF_NONE": {Method: "spf", Value: "none"},
	"SPF_PERMERROR": {Method: "spf", Value: "permerror"}, "SPF_TEMPERROR": {Method: "spf", Value: "temperror"},
	"SPF_HELO_PASS": {Method: "spf", Value: "pass", Reason: helo}, "SPF_HELO_FAIL": {Method: "spf", Value: "fail", Reason: helo},
	"SPF_HELO_SOFTFAIL": {Method: "spf", Value: "softfail", Reason: helo}, "SPF_HELO_NEUTRAL": {Method: "spf", Value: "neutral", Reason: helo},
	"SPF_HELO_NONE": {Method: "spf", Value: "none", Reason: helo}, "SPF_HELO_PERMERROR": {Method: "spf", Value: "permerror", Reason: helo},
	"SPF_HELO_TEMPERROR": {Method: "spf", Value: "temperror", Reason: helo},
	"DKIM_VALID":         {Method: "dkim", Value: "pass"}, "DKIM_VERIFIED": {Method: "dkim", Value: "pass"}, "DKIM_INVALID": {Method: "dkim", Value: "fail"},
	"DKIM_VALID_AU": {Method: "dkim", Value: "pass", Reason: "signed by the domain of From"},
	"DKIM_VALID_EF": {Method: "dkim", Value: "pass", Reason: "signed by the domain of the envelope sender"},
	"DK_VERIFIED":   {Method: "domainkeys", Value: "pass"},
	"ARC_VALID":     {Method: "arc", Value: "pass"}, "ARC_INVALID": {Method: "arc", Value: "fail"},
	"DMARC_PASS": {Method: "dmarc", Value: "pass"}, "DMARC_MISSING": {Method: "dmarc", Value: "none"}, "DMARC_NONE": {Method: "dmarc", Value: "fail", Reason: "policy none"},
	"DMARC_QUAR": {Method: "dmarc", Value: "fail", Reason: "policy quarantine"}, "DMARC_REJECT": {Method: "dmarc", Value: "fail", Reason: "policy reject"},
}

const helo = "of the name in the greeting (HELO)"

// SpamMethod is the method of the result that holds what else X-Spam-Status and X-Spam-Report say: it is none of authentication.
const SpamMethod = "x-spam"

// IsSpamField tells whether a field of that name is for ParseSpam.
func IsSpamField(name string) bool {
	return strings.EqualFold(name, "X-Spam-Status") || strings.EqualFold(name, "X-Spam-Report")
}

// ParseSpam reads the body of an X-Spam-Status or X-Spam-Report field, as SpamAssassin and amavis write them. Its first result is of SpamMethod and holds
// everything that the field says; the rules that tell of authentication are results of their own after it, each with its rule in the property "rule".
// Like any field they are a claim of whoever wrote it.
func ParseSpam(name string, body []byte) Field {
	f := Field{Field: name, Results: []Result{}, Notes: []string{}}
	f.Raw, f.RawBase64 = keep(body)
	text := f.Raw
	if len(text) > maxBody {
		text = text[:maxBody]
		f.Notes = append(f.Notes, "only the first 65536 bytes were read")
	}
	if strings.EqualFold(name, "X-Spam-Report") {
		f.report(text)
	} else {
		f.status(text)
	}
	return f
}

// status reads "No, score=-2.1 required=5.0 tests=BAYES_00,DKIM_VALID, SPF_PASS autolearn=ham version=3.4.6"; amavis writes tests=[BAYES_00=-1.9, …].
func (f *Field) status(text string) {
	whole := Result{Method: SpamMethod, Properties: Properties{}}
	verdict, rest, _ := strings.Cut(strings.TrimLeft(text, " \t\r\n"), ",")
	if strings.ContainsAny(verdict, "= \t\r\n") {
		verdict, rest = "", text
	}
	whole.Value = strings.ToLower(verdict)
	for _, w := range strings.Fields(rest) {
		key, value, found := strings.Cut(w, "=")
		last := len(whole.Properties) - 1
		switch {
		case last >= 0 && whole.Properties[last].Name == "tests" && (!found || goesOn(whole.Properties[last].Value)):
			whole.Properties[last].Value += w // the list is folded anywhere
		case found && len(whole.Properties) < maxParts:
			whole.Properties = append(whole.Properties, Property{Name: strings.ToLower(key), Value: value})
		default:
			if whole.Comment != "" {
				whole.Comment += " "
			}
			whole.Comment += w
		}
	}
	f.Results = append(f.Results, whole)
	tests, _ := whole.Property("tests")
	for t := range strings.SplitSeq(strings.Trim(tests, "[]"), ",") {
		rule, _, _ := strings.Cut(t, "=")
		f.rule(strings.TrimSpace(rule), "")
	}
}

// goesOn tells whether a list of tests is not at its end: its bracket is open, or a comma ends it.
func goesOn(list string) bool {
	return strings.HasPrefix(list, "[") && !strings.HasSuffix(list, "]") || strings.HasSuffix(list, ",")
}

// report reads lines of "* -0.0 SPF_PASS SPF: sender matches SPF record", with further lines "*      …" of one rule; the field may be unfolded.
func (f *Field) report(text string) {
	f.Results = append(f.Results, Result{Method: SpamMethod, Comment: unfold(text), Properties: Properties{}})
	for line := range strings.SplitSeq(text, "*") {
		words := strings.Fields(line)
		if len(words) >= 2 && strings.Trim(words[0], "-+0123456789.") == "" {
			f.rule(words[1], strings.Join(words[2:], " "))
		}
	}
}

func (f *Field) rule(name, described string) {
	known, found := spamRules[strings.TrimPrefix(name, "T_")]
	if !found || len(f.Results) == maxResults {
		return
	}
	known.Comment = described
	known.Properties = Properties{{Name: "rule", Value: name}}
	f.Results = append(f.Results, known)
}

// SpamServer gives the host that an X-Spam-Checker-Version field names: "SpamAssassin 3.4.6 (2021-04-09) on mx.b.example"; "" if none.
func SpamServer(body string) string {
	_, host, _ := strings.Cut(unfold(body), " on ")
	host, _, _ = strings.Cut(host, " ")
	return host
}
