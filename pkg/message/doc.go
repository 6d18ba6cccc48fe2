// Package message knows the Internet Message Format and MIME (RFC 5322, RFC 2045 to 2047, RFC 2231): header fields as sub-slices
// of the exact bytes, the separator, the body, the MIME parts with digests of their decoded content, the text as a reader saw it,
// addresses, message identifiers and media types, and every defect with its place.
//
// What is malformed is data, never an error: Read fails only where the source cannot be read. For every input
// fields + separator + body is the input, byte for byte.
//
// # Where the header ends
//
// The header ends at the first empty line. A line is a field if it starts with a name of printable US-ASCII, optional white space
// and a colon; a line that starts with white space continues the field before it. Any other line is broken. A broken line stays in
// the header, as a Field without a name, if a field with a well-known name (From, Received, Content-…, X-… and the like) follows
// within the next 20 lines and before an empty line: so a "From " line of an mbox or a torn line costs nothing but a defect.
// Otherwise the broken line is the first line of the body (the separator is missing). A name with octets outside US-ASCII but
// without white space before its colon is a field without a name in any case.
//
// # Line endings
//
// LF and CRLF end a line, mixed as they may be. A bare CR ends a line only where the first line of the message ends in one (old
// Macintosh files); elsewhere it is an octet like others, and a defect.
package message
