package message

// ReadHeader reads the header of a message alone: much cheaper than Read where nothing else is asked for.
func ReadHeader(src Source, lim Limits) (Header, error) {
	in, err := newInput(src)
	if err != nil {
		return nil, err
	}
	r := &reader{in: in, lim: lim, headerBytes: lim.HeaderBytes, fields: lim.Fields, m: &Message{Size: in.size, src: in.src}}
	start, err := r.in.at(0, chunkSize)
	if err != nil {
		return nil, err
	}
	r.m.cr = crEndsLines(start)
	fields, _, err := r.header(0, nil)
	return fields, err
}
