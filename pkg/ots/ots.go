// Package ots knows OpenTimestamps proofs (the .ots form of opentimestamps.org and its Python reference implementation; SHA-256 is that of FIPS 180-4): a path of operations from a file's
// digest to what a calendar promises, or to the Merkle root in the header of a Bitcoin block. The header itself is not looked up here: what it must hold is told.
package ots

import (
	"bytes"
	"crypto/sha1" // an operation of the form, not a digest that anything rests on
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
)

// magic begins every file; a version and the digest algorithm of the file follow.
const magic = "\x00OpenTimestamps\x00\x00Proof\x00\xbf\x89\xe2\xe8\x84\xe8\x92\x94"

const (
	version      = 1
	opSHA1       = 0x02
	opSHA256     = 0x08
	opAppend     = 0xf0
	opPrepend    = 0xf1
	opReverse    = 0xf2
	opHexlify    = 0xf3
	attestation  = 0x00
	another      = 0xff // a further one follows beside this one
	tagPending   = "\x83\xdf\xe3\x0d\x2e\xf9\x0c\x8e"
	tagBitcoin   = "\x05\x88\x96\x0d\x73\xd7\x19\x01"
	maxMessage   = 4096
	maxPayload   = 8192
	maxURI       = 1000
	maxDepth     = 256
	maxNodes     = 4096
	maxFile      = 1 << 20
	nonceBytes   = 16
	digestLength = sha256.Size
)

// Node is a value on the way, and what follows from it.
type Node struct {
	Message []byte
	edges   []edge
}

// edge is an operation with what it gives, or an attestation of the node's value.
type edge struct {
	op      byte
	arg     []byte // of append and prepend
	next    *Node  // nil: an attestation
	tag     string
	payload []byte
}

// errForm says that bytes are no proof.
var errForm = errors.New("it is no OpenTimestamps proof, or holds what is not known here")

// New begins a proof for a file's SHA-256. What is sent to calendars is Commitment, which hides the digest behind a nonce from random.
func New(digest [digestLength]byte, random io.Reader) (root, commitment *Node, err error) {
	nonce := make([]byte, nonceBytes)
	if _, err := io.ReadFull(random, nonce); err != nil {
		return nil, nil, err
	}
	root = &Node{Message: digest[:]}
	mixed := root.then(opAppend, nonce)
	return root, mixed.then(opSHA256, nil), nil
}

// Behind gives the value of a proof that was read which calendars are sent: behind the nonce, where all begins with one, else the file's digest itself.
func (n *Node) Behind() *Node {
	for len(n.edges) == 1 && n.edges[0].next != nil {
		e := n.edges[0]
		n = e.next
		if e.op == opSHA256 {
			return n
		}
	}
	return n
}

func (n *Node) then(op byte, arg []byte) *Node {
	message, err := apply(op, arg, n.Message)
	if err != nil {
		panic(err) // of our own making
	}
	next := &Node{Message: message}
	n.edges = append(n.edges, edge{op: op, arg: arg, next: next})
	return next
}

func apply(op byte, arg, message []byte) ([]byte, error) {
	var out []byte
	switch op {
	case opSHA256:
		sum := sha256.Sum256(message)
		out = sum[:]
	case opSHA1:
		sum := sha1.Sum(message)
		out = sum[:]
	case opAppend:
		out = slices.Concat(message, arg)
	case opPrepend:
		out = slices.Concat(arg, message)
	case opReverse:
		out = slices.Clone(message)
		slices.Reverse(out)
	case opHexlify:
		out = []byte(hex.EncodeToString(message))
	default:
		return nil, errForm
	}
	if len(out) > maxMessage {
		return nil, errForm
	}
	return out, nil
}

// Add puts a calendar's answer behind a node: what it promises or proves of the node's value.
func (n *Node) Add(answer []byte) error {
	p := &parser{rest: answer}
	read := &Node{Message: n.Message}
	if err := p.node(read, 0); err != nil {
		return err
	}
	if len(p.rest) > 0 {
		return errForm
	}
	n.edges = append(n.edges, read.edges...)
	return nil
}

// File writes the proof.
func (n *Node) File() []byte {
	var b bytes.Buffer
	b.WriteString(magic)
	b.WriteByte(version)
	b.WriteByte(opSHA256)
	b.Write(n.Message)
	n.write(&b)
	return b.Bytes()
}

func (n *Node) write(b *bytes.Buffer) {
	for i, e := range n.edges {
		if i < len(n.edges)-1 {
			b.WriteByte(another)
		}
		if e.next == nil {
			b.WriteByte(attestation)
			b.WriteString(e.tag)
			writeBytes(b, e.payload)
			continue
		}
		b.WriteByte(e.op)
		if e.op == opAppend || e.op == opPrepend {
			writeBytes(b, e.arg)
		}
		e.next.write(b) // as deep as was read: maxDepth
	}
}

func writeNumber(b *bytes.Buffer, n uint64) {
	for ; n >= 0x80; n >>= 7 {
		b.WriteByte(byte(n) | 0x80)
	}
	b.WriteByte(byte(n))
}

func writeBytes(b *bytes.Buffer, p []byte) {
	writeNumber(b, uint64(len(p)))
	b.Write(p)
}

// Parse reads a proof file. It accepts what File writes again as it was.
func Parse(file []byte) (*Node, error) {
	rest, ok := bytes.CutPrefix(file, []byte(magic))
	if !ok || len(file) > maxFile || len(rest) < 2+digestLength || rest[0] != version || rest[1] != opSHA256 {
		return nil, errForm
	}
	root := &Node{Message: rest[2 : 2+digestLength]}
	p := &parser{rest: rest[2+digestLength:]}
	if err := p.node(root, 0); err != nil {
		return nil, err
	}
	if len(p.rest) > 0 || !bytes.Equal(root.File(), file) {
		return nil, errForm
	}
	return root, nil
}

type parser struct {
	rest  []byte
	nodes int
}

func (p *parser) byte() (byte, error) {
	if len(p.rest) == 0 {
		return 0, errForm
	}
	b := p.rest[0]
	p.rest = p.rest[1:]
	return b, nil
}

func (p *parser) number() (uint64, error) {
	var n uint64
	for shift := 0; shift < 35; shift += 7 {
		b, err := p.byte()
		if err != nil {
			return 0, err
		}
		n |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return n, nil
		}
	}
	return 0, errForm
}

func (p *parser) bytes(most int) ([]byte, error) {
	n, err := p.number()
	if err != nil || n > uint64(most) || n > uint64(len(p.rest)) {
		return nil, errForm
	}
	b := p.rest[:n]
	p.rest = p.rest[n:]
	return b, nil
}

// node reads all that follows from n. The depth is bounded.
func (p *parser) node(n *Node, depth int) error {
	if p.nodes++; p.nodes > maxNodes || depth > maxDepth {
		return errForm
	}
	for more := true; more; {
		tag, err := p.byte()
		if err != nil {
			return err
		}
		if more = tag == another; more {
			if tag, err = p.byte(); err != nil {
				return err
			}
		}
		e := edge{op: tag}
		if tag == attestation {
			if len(p.rest) < len(tagBitcoin) {
				return errForm
			}
			e.tag, p.rest = string(p.rest[:len(tagBitcoin)]), p.rest[len(tagBitcoin):]
			if e.payload, err = p.bytes(maxPayload); err != nil {
				return err
			}
			n.edges = append(n.edges, e)
			continue
		}
		if tag == opAppend || tag == opPrepend {
			if e.arg, err = p.bytes(maxMessage); err != nil {
				return err
			}
		}
		e.next = &Node{}
		if e.next.Message, err = apply(tag, e.arg, n.Message); err != nil {
			return err
		}
		if err := p.node(e.next, depth+1); err != nil {
			return err
		}
		n.edges = append(n.edges, e)
	}
	return nil
}

// Pending is a calendar's promise to anchor a value.
type Pending struct {
	URI  string
	Node *Node // whose value it is: Add puts the calendar's later answer behind it
}

// Anchor is a Bitcoin block whose header must hold a Merkle root for the proof to hold.
type Anchor struct {
	Height     uint64
	MerkleRoot string // as block explorers show it: hexadecimal, the bytes in reverse order
}

// State tells what the proof comes to.
func (n *Node) State() (promises []Pending, anchors []Anchor) {
	for todo := []*Node{n}; len(todo) > 0; todo = todo[1:] {
		for _, e := range todo[0].edges {
			p := &parser{rest: e.payload}
			switch {
			case e.next != nil:
				todo = append(todo, e.next)
			case e.tag == tagPending:
				if uri, err := p.bytes(maxURI); err == nil && len(p.rest) == 0 {
					promises = append(promises, Pending{string(uri), todo[0]})
				}
			case e.tag == tagBitcoin:
				if height, err := p.number(); err == nil && len(p.rest) == 0 && len(todo[0].Message) == sha256.Size {
					root := slices.Clone(todo[0].Message)
					slices.Reverse(root)
					anchors = append(anchors, Anchor{height, hex.EncodeToString(root)})
				}
			}
		}
	}
	return promises, anchors
}

// Anchored tells whether a block is known behind this node.
func (n *Node) Anchored() bool { _, a := n.State(); return len(a) > 0 }

// Commitment is the path element of a calendar's address under which it answers for a node.
func (n *Node) Commitment() string { return fmt.Sprintf("%x", n.Message) }
