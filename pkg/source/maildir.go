package source

import (
	"iter"
	"path"
	"strings"
)

// isMaildir: a file in cur/, new/ or tmp/ with a name as maildir(5) makes them, or in cur/ with mail in it.
func isMaildir(p probe) (notes []string, ok bool) {
	dir, name := path.Base(path.Dir(p.path)), path.Base(p.path)
	switch dir {
	case "cur":
		ok = isMaildirName(name) || looksLikeMail(p.head)
	case "new", "tmp":
		ok = isMaildirName(name)
	}
	if ok && dir == "tmp" {
		notes = append(notes, "lies in tmp/ of a Maildir: its delivery was not finished")
	}
	if ok && p.size == 0 {
		notes = append(notes, "empty file")
	}
	return notes, ok
}

// isMaildirName: "1700000000.M20046P2137.host" with or without info behind it.
func isMaildirName(name string) bool {
	if _, ok := maildirInfo(name); ok {
		return true
	}
	seconds, rest, ok := strings.Cut(name, ".")
	if !ok || len(seconds) < 6 || len(seconds) > 12 || strings.Trim(seconds, "0123456789") != "" {
		return false
	}
	unique, host, ok := strings.Cut(rest, ".")
	return ok && unique != "" && host != "" && strings.ContainsAny(unique[:1], "0123456789MPRIVQX#_")
}

// maildirInfo gives the info part of a file name: the flags of ":2,FLAGS", anything of ":1,…". On file systems without
// ':' it is written '!' or ';'.
func maildirInfo(name string) (string, bool) {
	for i := len(name) - 3; i > 0; i-- {
		if strings.IndexByte(":;!", name[i]) < 0 || name[i+2] != ',' {
			continue
		}
		switch name[i+1] {
		case '2':
			return name[i+3:], true
		case '1':
			return name[i+1:], true
		}
	}
	return "", false
}

// maildirItems gives the one message of the file, whatever is in it.
func maildirItems(name string, r Content, o Options) (Reading, iter.Seq2[Item, error], error) {
	head, err := section(r, 0, min(r.Size(), headSize), headSize)
	if err != nil {
		return Reading{}, nil, err
	}
	item, err := single(name, r, head.(Bytes), o)
	item.Origin.Flags, _ = maildirInfo(path.Base(name))
	return Reading{Format: Maildir}, one(item), err
}
