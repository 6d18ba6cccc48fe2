package authres

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
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
func (p Properties) MarshalJSON() ([]byte, error) {
	return writeObject(len(p), func(i int) (string, string) { return p[i].key(), p[i].Value })
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
func (t Tags) MarshalJSON() ([]byte, error) {
	return writeObject(len(t), func(i int) (string, string) { return t[i].Name, t[i].Value })
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

func writeObject(n int, at func(i int) (key, value string)) ([]byte, error) {
	b := bytes.NewBufferString("{")
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false)
	used := make(map[string]bool, n)
	for i := range n {
		key, value := at(i)
		key = unused(used, key)
		used[key] = true
		if i > 0 {
			b.WriteByte(',')
		}
		for j, s := range [2]string{key, value} {
			if j == 1 {
				b.WriteByte(':')
			}
			// Without the escapes for HTML, as all the rest of the JSON is written. The encoder ends its value with a line break.
			if err := enc.Encode(s); err != nil {
				return nil, err
			}
			b.Truncate(b.Len() - 1)
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
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
