package authres

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"onrecord/pkg/jsonout"
)

// Properties are a JSON object with the keys "type.name" in the order of the field. A key that stands there twice is written "key#2", "key#3" …
type Properties []Property

// Tags are a JSON object in the order of the field, with repeated names as in Properties.
type Tags []Tag

func (p Property) key() string {
	if p.Type == "" {
		return p.Name
	}
	return p.Type + "." + p.Name
}

// MarshalJSON writes the object.
func (p Properties) MarshalJSON() ([]byte, error) { return writeObject(p.Each) }

// Each gives the members of the object, in order.
func (p Properties) Each(f func(key, value string)) {
	each(len(p), func(i int) (string, string) { return p[i].key(), p[i].Value }, f)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (p *Properties) UnmarshalJSON(b []byte) error {
	out := Properties{}
	err := readObject(b, func(key, value string) {
		typ, name, ok := strings.Cut(key, ".")
		if !ok {
			typ, name = "", key
		}
		out = append(out, Property{typ, name, value})
	})
	*p = out
	return err
}

// MarshalJSON writes the object.
func (t Tags) MarshalJSON() ([]byte, error) { return writeObject(t.Each) }

// Each gives the members of the object, in order.
func (t Tags) Each(f func(key, value string)) {
	each(len(t), func(i int) (string, string) { return t[i].Name, t[i].Value }, f)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (t *Tags) UnmarshalJSON(b []byte) error {
	out := Tags{}
	err := readObject(b, func(key, value string) { out = append(out, Tag{key, value}) })
	*t = out
	return err
}

// unused gives the key under which a name is written after those in used: itself, or the first free of "key#2", "key#3" …
func unused(used map[string]bool, key string) string {
	free := key
	for n := 2; used[free]; n++ {
		free = key + "#" + strconv.Itoa(n)
	}
	return free
}

// each gives n members, with keys that differ.
func each(n int, at func(i int) (key, value string), f func(key, value string)) {
	const few = 16
	var used map[string]bool
	for i := range n {
		key, value := at(i)
		repeated := false
		if used == nil && i < few {
			for j := range i {
				if before, _ := at(j); before == key {
					repeated = true
				}
			}
		}
		if used == nil && (repeated || i == few) {
			used = map[string]bool{}
			for j := range i {
				before, _ := at(j)
				used[unused(used, before)] = true
			}
		}
		if used != nil {
			key = unused(used, key)
			used[key] = true
		}
		f(key, value)
	}
}

func writeObject(members func(func(key, value string))) ([]byte, error) {
	e := jsonout.Encoder{}
	e.Object(func() {
		members(func(key, value string) {
			e.Name(key)
			e.String(value)
		})
	})
	return e.Buf, nil
}

func readObject(b []byte, add func(key, value string)) error {
	d := json.NewDecoder(bytes.NewReader(b))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return fmt.Errorf("want a JSON object, have %.20q", b)
	}
	used := map[string]bool{}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return err
		}
		var value string
		if err := d.Decode(&value); err != nil {
			return err
		}
		name := key.(string) // the decoder gives nothing else where a key stands
		written := name
		if at := strings.LastIndexByte(name, '#'); at >= 0 && used[name[:at]] && unused(used, name[:at]) == name {
			name = name[:at]
		}
		used[written] = true
		add(name, value)
	}
	_, err := d.Token()
	return err
}
