package message

// Limits bound what Read takes into memory and how deep it goes; where one is hit a defect says so and the rest stays reachable through the source.
type Limits struct {
	HeaderBytes int64 // of the header, and of the headers of all parts together
	Fields      int   // in the header, and in the headers of all parts together
	Depth       int   // of multiparts within multiparts; a deeper one is a leaf
	Parts       int   // that are opened; the last one holds the rest
	TextBytes   int64 // of Message.Text, and of the decoded HTML that is read for it
	NestedBytes int64 // of a nested message that Message.Nested decodes into memory
	Defects     int   // of one kind that are listed
}

// DefaultLimits are far beyond what mail programs write.
func DefaultLimits() Limits {
	return Limits{
		HeaderBytes: 16 << 20,
		Fields:      100_000,
		Depth:       100,
		Parts:       10_000,
		TextBytes:   4 << 20,
		NestedBytes: 64 << 20,
		Defects:     100,
	}
}
