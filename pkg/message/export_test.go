package message

// ReadStreamed is Read as for a source that is too large for memory.
func ReadStreamed(src Source, lim Limits) (*Message, error) {
	return read(&input{src: src, size: src.Size()}, lim)
}
