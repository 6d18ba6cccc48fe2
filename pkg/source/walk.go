package source

import (
	"fmt"
	"io/fs"
	"iter"
	"path"
	"strings"
	"time"
)

// File is one thing that Walk found.
type File struct {
	Path    string // slash path inside the FS
	Size    int64
	ModTime time.Time
	Trouble *Trouble // set: it is not to be opened
}

// Walk gives the files under root (or root itself, if it is a file) in lexical order, directory by directory, without
// recursion. Directories are gone into; symbolic links inside them are never followed, special files never opened: both come with
// Trouble, as do directories that cannot be read and what mail programs keep beside their mail. An error is one about root.
func Walk(fsys fs.FS, root string) iter.Seq2[File, error] {
	return func(yield func(File, error) bool) {
		info, err := fs.Stat(fsys, root)
		if err != nil {
			yield(File{}, err)
			return
		}
		if !info.IsDir() {
			f := File{Path: root, Size: info.Size(), ModTime: info.ModTime()}
			if !info.Mode().IsRegular() {
				f.Trouble = special(info.Mode())
				f.Trouble.Kind = Failed
			}
			yield(f, nil)
			return
		}
		type level struct {
			dir     string
			entries []fs.DirEntry
		}
		entries, err := fs.ReadDir(fsys, root)
		if err != nil {
			yield(File{}, err)
			return
		}
		for stack := []level{{root, entries}}; len(stack) > 0; {
			top := &stack[len(stack)-1]
			if len(top.entries) == 0 {
				stack = stack[:len(stack)-1]
				continue
			}
			entry := top.entries[0]
			top.entries = top.entries[1:]
			name := path.Join(top.dir, entry.Name())
			if entry.IsDir() {
				entries, err := fs.ReadDir(fsys, name)
				if err != nil && !yield(File{Path: name, Trouble: unreadable(err)}, nil) {
					return
				}
				// What was read before an error is gone into all the same.
				stack = append(stack, level{name, entries})
				continue
			}
			if !yield(file(fsys, root, name, entry), nil) {
				return
			}
		}
	}
}

func file(fsys fs.FS, root, name string, entry fs.DirEntry) File {
	f := File{Path: name}
	if entry.Type()&fs.ModeSymlink != 0 {
		f.Trouble = link(fsys, root, name)
		return f
	}
	info, err := entry.Info()
	if err != nil {
		f.Trouble = unreadable(err)
		return f
	}
	f.Size, f.ModTime = info.Size(), info.ModTime()
	switch {
	case !info.Mode().IsRegular():
		f.Trouble = special(info.Mode())
	case housekeeping(entry.Name()) != "":
		f.Trouble = &Trouble{Kind: Excluded, Reason: housekeeping(entry.Name())}
	}
	return f
}

func unreadable(err error) *Trouble {
	return &Trouble{Kind: Failed, Reason: fmt.Sprintf("could not be read: %v", err), Hint: "check its permissions"}
}

func special(mode fs.FileMode) *Trouble {
	what := "special file"
	switch {
	case mode&fs.ModeNamedPipe != 0:
		what = "named pipe"
	case mode&fs.ModeSocket != 0:
		what = "socket"
	case mode&fs.ModeDevice != 0:
		what = "device"
	}
	return &Trouble{Kind: Excluded, Reason: what + ": not opened"}
}

// link says where a symbolic link points. Only its text is looked at and whether something lies there inside the tree.
func link(fsys fs.FS, root, name string) *Trouble {
	target, err := fs.ReadLink(fsys, name)
	if err != nil {
		return &Trouble{Kind: Failed, Reason: "symbolic link: not followed", Hint: "name what it points to as a source of its own"}
	}
	at := path.Join(path.Dir(name), target)
	inside := !path.IsAbs(target) && fs.ValidPath(at) && (root == "." || at == root || strings.HasPrefix(at, root+"/"))
	if !inside {
		return &Trouble{Kind: Failed, Reason: fmt.Sprintf("symbolic link to %s, outside of the directory: not followed", target),
			Hint: "name what it points to as a source of its own"}
	}
	if _, err := fs.Lstat(fsys, at); err != nil {
		return &Trouble{Kind: Excluded, Reason: fmt.Sprintf("symbolic link to %s, where nothing is", target)}
	}
	return &Trouble{Kind: Excluded, Reason: fmt.Sprintf("symbolic link to %s: read where it lies", target)}
}

// housekeeping says what a file is that mail programs, servers and desktops keep beside mail; "" for any other.
func housekeeping(name string) string {
	lower := strings.ToLower(name)
	switch lower {
	case ".ds_store", "thumbs.db", "desktop.ini", ".directory", ".localized":
		return "folder settings of the desktop"
	case "maildirfolder", "maildirsize", "subscriptions", ".subscriptions", ".mh_sequences", ".xmhcache", ".owncloudsync.log":
		return "housekeeping of a mail server or program"
	case ".gitignore", ".gitkeep", ".keep":
		return "housekeeping of a file archive"
	}
	for _, prefix := range []string{"dovecot.", "dovecot-", ".dovecot", "courierimap", "courierpop3", ".nfs"} {
		if strings.HasPrefix(lower, prefix) {
			return "housekeeping of a mail server or program"
		}
	}
	switch {
	case strings.HasPrefix(lower, "._"):
		return "file attributes as macOS keeps them (AppleDouble)"
	case strings.HasSuffix(lower, ".msf"):
		return "index of a Thunderbird folder"
	case strings.HasSuffix(lower, ".lock"):
		return "lock file"
	}
	return ""
}
