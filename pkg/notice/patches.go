package notice

import "strings"

// markPatches marks unified diffs (the output of diff -u and of version control), with the summary before them, in the own lines: program text is handed over, not said. A hunk says in its head
// how many lines it has, so that what follows it is not taken for a part of it.
func (r *reading) markPatches(text string) {
	for i := 0; i < len(r.lines); i++ {
		l := &r.lines[i]
		if l.kind == ZoneOwn && statLine(text[l.body:l.stop]) {
			l.kind = ZonePatch
			continue
		}
		if l.kind != ZoneOwn || !strings.HasPrefix(text[l.start:l.end], "@@ -") {
			continue
		}
		before, after, ok := hunkLines(text[l.start:l.end])
		if !ok {
			continue
		}
		for first := i; first >= 0 && (first == i || patchHead(text[r.lines[first].start:r.lines[first].end])); first-- {
			r.lines[first].kind = ZonePatch
		}
		for ; i+1 < len(r.lines) && (before > 0 || after > 0); i++ {
			next := &r.lines[i+1]
			if next.kind != ZoneOwn || !countDown(text[next.start:next.end], &before, &after) {
				break // cut short, or wrapped on the way
			}
			next.kind = ZonePatch
		}
	}
}

// hunkLines reads "@@ -1,7 +1,6 @@".
func hunkLines(s string) (before, after int, ok bool) {
	s, ok = strings.CutPrefix(s, "@@ -")
	if !ok {
		return 0, 0, false
	}
	before, s, ok = hunkRange(s)
	if !ok {
		return 0, 0, false
	}
	if s, ok = strings.CutPrefix(s, " +"); !ok {
		return 0, 0, false
	}
	after, s, ok = hunkRange(s)
	return before, after, ok && strings.HasPrefix(s, " @@")
}

// hunkRange reads "1,7", or "1" for one line.
func hunkRange(s string) (lines int, rest string, ok bool) {
	_, rest, ok = number(s)
	if !ok {
		return 0, s, false
	}
	if !strings.HasPrefix(rest, ",") {
		return 1, rest, true
	}
	return number(rest[1:])
}

func number(s string) (n int, rest string, ok bool) {
	i := 0
	for i < len(s) && i < 7 && '0' <= s[i] && s[i] <= '9' {
		n = 10*n + int(s[i]-'0')
		i++
	}
	return n, s[i:], i > 0
}

// countDown takes a line of a hunk off what is left of it.
func countDown(s string, before, after *int) bool {
	switch s[0] {
	case '-':
		*before--
	case '+':
		*after--
	case ' ', '\t', '\n', '\r': // blank lines lose their space on the way
		*before--
		*after--
	case '\\': // "\ No newline at end of file"
	default:
		return false
	}
	return *before >= 0 && *after >= 0
}

// patchHead tells whether a line stands before the hunks of a file.
func patchHead(s string) bool {
	for _, p := range [...]string{"--- ", "+++ ", "diff -", "index ", "Index: ", "new file mode", "deleted file mode", "old mode", "new mode", "similarity index", "rename from", "rename to", "====="} {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return false
}

// statLine tells whether a line is of the summary before a patch: "lib/gate.c | 12 ++++--", "2 files changed, 9 insertions(+)", "create mode 100644 lib/gate.h".
func statLine(s string) bool {
	if _, rest, ok := number(s); ok {
		return strings.HasPrefix(rest, " file changed, ") || strings.HasPrefix(rest, " files changed, ")
	}
	if strings.HasPrefix(s, "create mode 1") || strings.HasPrefix(s, "delete mode 1") {
		return true
	}
	if strings.IndexByte(s, '|') < 0 {
		return false
	}
	bar := strings.LastIndex(s, "| ")
	if bar < 1 {
		return false
	}
	_, rest, ok := number(strings.TrimLeft(s[bar+2:], " "))
	return ok && strings.Trim(rest, " +-") == "" && rest != "" && strings.IndexByte(strings.TrimRight(s[:bar], " "), ' ') < 0
}
