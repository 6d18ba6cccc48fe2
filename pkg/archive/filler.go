package archive

import (
	"errors"
)

// filler writes the lines of a manifest into the index.
type filler struct {
	ix        *index
	run       int64
	source    int64 // what the lines that come belong to
	addresses map[string]int64
	dirs      map[string]int64
}

// heldNames bounds what is kept in memory of addresses and directories.
const heldNames = 100_000

func (f *filler) dir(p string) (int64, error) {
	if id, ok := f.dirs[p]; ok {
		return id, nil
	}
	id, ok, err := f.ix.dirID(p)
	if err == nil && !ok {
		r, xerr := f.ix.exec("INSERT INTO dir(path) VALUES(?)", []byte(p))
		if xerr != nil {
			return 0, xerr
		}
		id, err = r.LastInsertId()
	}
	if len(f.dirs) > heldNames {
		clear(f.dirs)
	}
	f.dirs[p] = id
	return id, err
}

func (f *filler) address(a string) (int64, error) {
	if id, ok := f.addresses[a]; ok {
		return id, nil
	}
	var id int64
	ok, err := f.ix.get("SELECT id FROM address WHERE address = ?", []any{a}, &id)
	if err == nil && !ok {
		r, xerr := f.ix.exec("INSERT INTO address(address) VALUES(?)", a)
		if xerr != nil {
			return 0, xerr
		}
		id, err = r.LastInsertId()
	}
	if len(f.addresses) > heldNames {
		clear(f.addresses)
	}
	f.addresses[a] = id
	return id, err
}

// find gives the id of a file that is there, 0 if none is known.
func (f *filler) find(p string) (int64, error) {
	dir, name := splitPath(p)
	id, err := f.dir(dir)
	if err != nil {
		return 0, err
	}
	var source int64
	_, err = f.ix.get("SELECT id FROM source WHERE dir = ? AND name = ? AND gone = 0", []any{id, []byte(name)}, &source)
	return source, err
}

// apply writes one piece. Of a piece that stands there already only the file that it ends in matters.
func (f *filler) apply(p *piece, already bool) error {
	docs := p.docs
	for i := range p.records {
		r := &p.records[i]
		var err error
		switch {
		case already && r.kind == kindSource:
			f.source, err = f.find(r.path)
		case already:
		case r.kind == kindNew:
			if len(docs) == 0 {
				return errors.New("a message without a document")
			}
			err = f.message(&docs[0])
			docs = docs[1:]
		default:
			err = f.line(r)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (f *filler) line(r *record) error {
	switch r.kind {
	case kindSource:
		return f.openSource(r)
	case kindKnown:
		return f.sighting(r.entry, r)
	case kindGone, kindGrew:
		return f.ix.do(`UPDATE sighting SET gone = ?1, grew = ?2 WHERE source = ?3 AND entry = ?4 AND (run, offset) =
			(SELECT run, offset FROM sighting WHERE source = ?3 AND entry = ?4 AND gone = 0 ORDER BY run DESC, offset DESC LIMIT 1)`, f.run, r.kind == kindGrew, f.source, r.entry)
	case kindState:
		return f.ix.do("UPDATE source SET settled = ?, tail = ?, last = ? WHERE id = ?", r.settled, r.tail, r.last, f.source)
	case kindBlocks:
		if err := f.ix.do("DELETE FROM block WHERE source = ? AND n >= ?", f.source, r.block); err != nil {
			return err
		}
		for i, d := range r.blocks {
			if err := f.ix.do("INSERT INTO block VALUES(?, ?, ?)", f.source, r.block+int64(i), d[:]); err != nil {
				return err
			}
		}
	case kindAbsent:
		id, err := f.find(r.path)
		if err != nil || id == 0 {
			return err
		}
		if err := f.ix.do("UPDATE source SET gone = ? WHERE id = ?", f.run, id); err != nil {
			return err
		}
		return f.ix.do("UPDATE sighting SET gone = ? WHERE source = ? AND gone = 0", f.run, id)
	case kindRenamed:
		id, err := f.find(r.path)
		if err != nil || id == 0 {
			return err
		}
		dir, name := splitPath(r.to)
		to, err := f.dir(dir)
		if err != nil {
			return err
		}
		return f.ix.do("UPDATE source SET dir = ?, name = ? WHERE id = ?", to, []byte(name), id)
	}
	return nil
}

func (f *filler) openSource(r *record) error {
	id, err := f.find(r.path)
	if err != nil {
		return err
	}
	if id != 0 {
		f.source = id
		return f.ix.do("UPDATE source SET format = ?, variant = ?, size = ?, modified = ?, settled = 1, run = ? WHERE id = ?", r.format, r.variant, r.size, r.modified, f.run, id)
	}
	dir, name := splitPath(r.path)
	d, err := f.dir(dir)
	if err != nil {
		return err
	}
	res, err := f.ix.exec("INSERT INTO source(dir, name, format, variant, size, modified, settled, tail, last, run, gone) VALUES(?, ?, ?, ?, ?, ?, 1, 0, -1, ?, 0)",
		d, []byte(name), r.format, r.variant, r.size, r.modified, f.run)
	if err != nil {
		return err
	}
	f.source, err = res.LastInsertId()
	return err
}

func (f *filler) sighting(entry int64, r *record) error {
	var envelope any
	if r.envelope != "" {
		envelope = []byte(r.envelope)
	}
	return f.ix.do("INSERT OR IGNORE INTO sighting VALUES(?, ?, ?, ?, 0, 0, ?)", f.source, entry, f.run, r.offset, envelope)
}

func (f *filler) message(d *document) error {
	var date, mid, sender any
	if d.sender != "" {
		id, err := f.address(d.sender)
		if err != nil {
			return err
		}
		sender = id
	}
	if d.date != nil {
		date = *d.date
	}
	if d.messageID != "" {
		mid = midOf(d.messageID)
	}
	dg := d.location.digest
	err := f.ix.do("INSERT INTO message VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", d.entry, keyOf(dg), dg[:], f.run, d.at, d.location.length, d.pos, d.location.size,
		date, mid, d.messageID, sender, d.subject)
	if err != nil {
		return err
	}
	if err := f.sighting(d.entry, &d.record); err != nil {
		return err
	}
	for _, c := range d.people {
		id, err := f.address(c.address)
		if err != nil {
			return err
		}
		if err := f.ix.do("INSERT INTO correspondent VALUES(?, ?, ?)", id, d.entry, int64(c.role)); err != nil {
			return err
		}
	}
	for _, mid := range d.cites {
		if err := f.ix.do("INSERT INTO cites VALUES(?, ?)", mid, d.entry); err != nil {
			return err
		}
	}
	return f.ix.do("INSERT INTO word(rowid, words) VALUES(?, ?)", d.entry, d.words)
}
