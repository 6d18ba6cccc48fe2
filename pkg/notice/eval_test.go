package notice

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"onrecord/pkg/corpora"
)

// threadMail is what the evaluation needs of one message; the mail itself is read by a few lines of Python, as this package knows no mail format.
type threadMail struct {
	Thread, ID, Body, Subject string
	Automatic, Bulk           bool
	From, To, Cc, References  []string
	Date                      int64
	Report                    string // body of the report part, and its media type
	ReportType                string
}

// readMails lets Python's own e-mail package read mbox files and single messages.
const readMails = `
import sys, json, re, email, email.policy, email.utils, mailbox, os, html
def body(m):
    for want in ('text/plain','text/html'):
        for p in m.walk():
            if p.get_content_type()=='message/rfc822': continue
            if p.get_content_type()==want and p.get_content_disposition()!='attachment':
                try: t=p.get_content()
                except Exception:
                    t=(p.get_payload(decode=True) or b'').decode('latin-1')
                if want=='text/html':
                    t=re.sub(r'(?is)<(style|script).*?</\1>','',t); t=re.sub(r'(?i)<(br|/p|/div|/tr|/li)[^>]*>','\n',t); t=html.unescape(re.sub(r'<[^>]+>','',t))
                return t.replace('\r\n','\n')
    return ''
def emit(thread, raw):
    m=email.message_from_bytes(raw, policy=email.policy.default)
    h=lambda n: str(m.get(n) or '')
    try:
        auto = h('Auto-Submitted').lower() not in ('','no') or m.get_content_type() in ('multipart/report',) or 'mailer-daemon' in h('From').lower() or bool(h('X-Autoreply'))
        bulk = h('Precedence').lower() in ('bulk','list','junk') or bool(m.get('List-Id') or m.get('List-Unsubscribe') or m.get('List-Post'))
        addresses=lambda n: [a.lower() for _,a in email.utils.getaddresses([str(x) for x in m.get_all(n,[])]) if a]
        try: date=int(email.utils.parsedate_to_datetime(h('Date')).timestamp())
        except Exception: date=0
        report=[p for p in m.walk() if p.get_content_type() in ('message/disposition-notification','message/delivery-status')]
        text=''
        if report: text='\n'.join(q.as_string() for q in report[0].get_payload()) if isinstance(report[0].get_payload(),list) else str(report[0].get_payload())
        refs=h('In-Reply-To').split()[:1] + h('References').split()[::-1]
        if report:
            ids=[str(q.get('Message-ID')).strip() for p in m.walk() if p.get_content_type()=='message/rfc822' for q in p.get_payload()]
            ids+=re.findall(r'(?im)^message-id:\s*(<[^>]+>)', '\n'.join(str(p.get_payload()) for p in m.walk() if p.get_content_type()=='text/rfc822-headers'))
            refs=ids+refs
        print(json.dumps(dict(Thread=thread, ID=h('Message-ID').strip(), Body=body(m), Subject=h('Subject'), Automatic=auto, Bulk=bulk, From=addresses('From'), To=addresses('To'), Cc=addresses('Cc'),
            References=refs, Date=date, Report=text, ReportType=report[0].get_content_type() if report else '')))
        if report: return
        for p in m.walk():
            if p.get_content_type()=='message/rfc822':
                q=p.get_payload(0)
                print(json.dumps(dict(Thread=thread, ID=str(q.get('Message-ID') or '').strip(), Body=body(q), Subject=str(q.get('Subject') or ''), Automatic=False, Bulk=False)))
    except Exception as e:
        print(repr(e), file=sys.stderr)
for f in sys.argv[1:]:
    raw=open(f,'rb').read()
    if f.endswith('.mbox'):
        for part in re.split(rb'(?m)^From .*\n', raw)[1:]:
            emit(os.path.basename(f)[:-5], re.sub(rb'(?m)^>(>*From )', rb'\1', part))
    else:
        emit(f, raw)
`

func mailsOf(t testing.TB, files ...string) []threadMail {
	t.Helper()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("python3 is not there")
	}
	out, err := exec.Command(python, append([]string{"-c", readMails}, files...)...).Output()
	require.NoError(t, err)
	var mails []threadMail
	for line := range strings.Lines(string(out)) {
		var m threadMail
		require.NoError(t, json.Unmarshal([]byte(line), &m))
		mails = append(mails, m)
	}
	return mails
}

func shared(t testing.TB, elements ...string) string {
	t.Helper()
	root := os.Getenv("ONRECORD_SHARED")
	if root == "" {
		t.Skip("ONRECORD_SHARED is not set")
	}
	return filepath.Join(append([]string{root}, elements...)...)
}

// TestEval measures the finder on the labelled threads and asserts a floor, some way below what make eval prints.
func TestEval(t *testing.T) {
	eval := shared(t, "eval")
	files, err := filepath.Glob(filepath.Join(eval, "mbox", "*.mbox"))
	require.NoError(t, err)
	finder := NewFinder()
	var lines strings.Builder
	for _, m := range mailsOf(t, files...) {
		for _, s := range finder.Find(Text{Body: m.Body, Subject: m.Subject, Automatic: m.Automatic, Bulk: m.Bulk}).Statements {
			for _, act := range s.Acts {
				line, err := json.Marshal(map[string]any{"thread": m.Thread, "message_id": m.ID, "sentence": s.Text, "label": strings.ToUpper(string(act))})
				require.NoError(t, err)
				lines.Write(line)
				lines.WriteByte('\n')
			}
		}
	}
	predictions := filepath.Join(t.TempDir(), "predictions.jsonl")
	require.NoError(t, os.WriteFile(predictions, []byte(lines.String()), 0o600))
	if out := os.Getenv("PRED_OUT"); out != "" { // keeps the predictions for a closer look
		require.NoError(t, os.WriteFile(out, []byte(lines.String()), 0o600))
	}
	score := func(more ...string) []byte {
		args := append([]string{filepath.Join(eval, "score.py"), "sentences", filepath.Join(eval, "labels.jsonl"), predictions}, more...)
		out, err := exec.Command("python3", args...).Output()
		require.NoError(t, err)
		return out
	}
	t.Logf("\n%s", score())
	var result struct {
		PerLabel map[string]map[string]struct{ F1 float64 } `json:"per_label"`
		Message  map[string]struct{ F1 float64 }            `json:"warning_message_level"`
		Macro    map[string]float64                         `json:"macro_f1"`
	}
	require.NoError(t, json.Unmarshal([]byte(strings.ReplaceAll(string(score("--json")), "NaN", "0")), &result))
	require.GreaterOrEqual(t, result.PerLabel["WARNING"]["all"].F1, 0.78)
	require.GreaterOrEqual(t, result.Message["all"].F1, 0.78)
	require.GreaterOrEqual(t, result.Macro["all"], 0.65)
}

// TestFalseAlarms counts the warnings found in ordinary mail and in real mails with hand-read warnings.
func TestFalseAlarms(t *testing.T) {
	shared(t)
	finder := NewFinder()
	count := func(pattern string) (messages, flagged, sentences int) {
		files, err := filepath.Glob(pattern)
		require.NoError(t, err)
		var out strings.Builder
		for _, m := range mailsOf(t, files...) {
			messages++
			n := 0
			for _, s := range finder.Find(Text{Body: m.Body, Subject: m.Subject, Automatic: m.Automatic, Bulk: m.Bulk}).Statements {
				if s.Acts[0] == Warning {
					n++
					out.WriteString(s.Rule + "\t" + strings.Join(strings.Fields(s.Why), " ") + "\t" + strings.Join(strings.Fields(s.Text), " ") + "\n")
				}
			}
			sentences += n
			if n > 0 {
				flagged++
			}
		}
		if dir := os.Getenv("PRED_OUT"); dir != "" {
			require.NoError(t, os.WriteFile(dir+"."+filepath.Base(filepath.Dir(pattern)), []byte(out.String()), 0o600))
		}
		return messages, flagged, sentences
	}
	spam := corpora.Dir(t, "spamassassin")
	allMessages, allSentences := 0, 0
	for _, set := range []string{"easy-ham-1", "hard-ham-1"} {
		messages, flagged, sentences := count(filepath.Join(spam, set, "*"))
		allMessages, allSentences = allMessages+messages, allSentences+sentences
		t.Logf("%s: %d messages, %d with a warning, %d sentences: %.1f in 100 messages", set, messages, flagged, sentences, 100*float64(sentences)/float64(messages))
	}
	require.Greater(t, allMessages, 2000)
	require.LessOrEqual(t, 100*float64(allSentences)/float64(allMessages), 8.0)
	warnings := corpora.Dir(t, "warnings")
	for _, set := range []string{"positive", "negative"} {
		messages, flagged, _ := count(filepath.Join(warnings, set, "*"))
		t.Logf("%s: %d of %d messages with a warning", set, flagged, messages)
		if set == "negative" {
			require.LessOrEqual(t, 100*flagged, 20*messages)
		}
	}
}
